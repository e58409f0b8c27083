/* Before a page is printed it becomes a page of a book: light whatever the screen is, with the
   running title in its margin, all that is part of the text unfolded, and hints, solutions and
   answers of the quiz at the end, under "Answers". Afterward everything is where it was. */
(() => {
  "use strict";
  const LONG = 15; // lines of code
  const undo = [];

  const text = (node) => node.textContent.replace(/\s+/g, " ").trim();

  function lighten() {
    const root = document.documentElement;
    const theme = root.dataset.theme;
    root.dataset.theme = "light";
    undo.push(() => { root.dataset.theme = theme; });
  }

  /* No style sheet can ask a page for its title: Chromium has no `string-set`. */
  function nameThePages(title) {
    const style = document.createElement("style");
    const content = JSON.stringify(title).replace(/</g, "\\3c ");
    style.textContent = `@page { @top-right { content: ${content}; } }`;
    document.head.append(style);
    undo.push(() => style.remove());
  }

  /* Code stays on one page, but not where that would leave half of the page before it empty. */
  function letLongCodeBreak(article) {
    for (const code of article.querySelectorAll("pre")) {
      if (code.textContent.trim().split("\n").length <= LONG) continue;
      const box = code.closest(".cell_input, .cell_output, [class*='highlight-']") ?? code;
      box.classList.add("printed-long");
      undo.push(() => box.classList.remove("printed-long"));
    }
  }

  function unfold(details) {
    if (details.open) return;
    details.open = true;
    undo.push(() => { details.open = false; });
  }

  function move(nodes, into) {
    const place = document.createComment("printed under Answers");
    nodes[0].before(place);
    into.append(...nodes);
    undo.push(() => place.replaceWith(...nodes));
  }

  const isHint = (details) => /^(Hint|Answer)\b/.test(text(details.querySelector("summary")));

  /* What a hint belongs to: the exercise before it, else the section that it stands in. */
  function subject(part, exercises) {
    const before = exercises.filter(
      (exercise) => exercise.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING);
    const last = before.at(-1);
    if (last && last.closest("section") === part.closest("section")) {
      return text(last.querySelector(".caption-number"));
    }
    const heading = part.closest("section")?.querySelector("h1, h2, h3, h4")?.cloneNode(true);
    heading?.querySelectorAll(".headerlink").forEach((link) => link.remove());
    return heading ? text(heading) : "";
  }

  function titled(title) {
    const block = document.createElement("div");
    block.className = "printed-answer";
    const name = document.createElement("p");
    name.className = "printed-answer-title";
    name.textContent = title;
    block.append(name);
    return block;
  }

  /* An option of the quiz stays where it is, with a letter; what it gives moves. */
  function letter(option, number) {
    const name = String.fromCharCode(97 + number);
    const mark = document.createElement("span");
    mark.className = "printed-letter";
    mark.textContent = `${name})`;
    option.querySelector("summary").prepend(mark);
    undo.push(() => mark.remove());
    return name;
  }

  function answersOf(article) {
    const exercises = [...article.querySelectorAll(".exercise")];
    const blocks = [];
    let option = 0;
    for (const part of article.querySelectorAll("details.sd-dropdown, .solution")) {
      if (part.parentElement.closest(".solution")) continue;
      const quiz = part.matches("#quiz details");
      if (part.matches("details") && !quiz && !isHint(part)) {
        unfold(part);
        continue;
      }
      let block;
      if (part.matches(".solution")) {
        block = document.createElement("div");
        block.className = "printed-answer";
        move([part], block);
      } else {
        const summary = part.querySelector("summary");
        block = titled(
          quiz ? `Quiz, ${letter(part, option++)})` : `${subject(part, exercises)}: ${text(summary)}`);
        const body = [...part.children].filter((child) => child !== summary);
        if (body.length) move(body, block);
        if (!quiz) part.classList.add("printed-elsewhere");
        undo.push(() => part.classList.remove("printed-elsewhere"));
      }
      blocks.push(block);
    }
    return blocks;
  }

  function collectAnswers(article) {
    const blocks = answersOf(article);
    if (!blocks.length) return;
    const section = document.createElement("section");
    section.className = "printed-answers";
    const heading = document.createElement("h2");
    heading.textContent = "Answers";
    section.append(heading, ...blocks);
    article.append(section);
    undo.push(() => section.remove());
  }

  function before() {
    if (undo.length) return;
    lighten();
    const article = document.querySelector("article.bd-article");
    const title = article?.querySelector("h1")?.cloneNode(true);
    if (!title) return;
    title.querySelectorAll(".headerlink").forEach((link) => link.remove());
    nameThePages(text(title));
    letLongCodeBreak(article);
    collectAnswers(article);
  }

  function after() {
    while (undo.length) undo.pop()();
  }

  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
})();
