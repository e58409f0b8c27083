/* Before a page is printed it becomes a page of a book: light whatever the screen is, with the
   running title in its margin, all that is part of the text unfolded, and hints, solutions and
   answers of the quiz at the end, under "Answers". Afterward everything is where it was. */
(() => {
  "use strict";
  const LONG = 15; // lines of code
  const SOLUTION = ".solution, .fold-solution";
  const OPTION = ".quiz-option";
  const PARTS = `details.sd-dropdown, .fold-steps, .fold-hint, ${OPTION}, ${SOLUTION}`;
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

  /* An option of a question stays where it is, with a letter; what it gives moves. */
  function letter(option, head) {
    const question = option.closest(".quiz");
    const questions = [...document.querySelectorAll(".quiz")];
    const options = [...question.querySelectorAll(OPTION)];
    const mark = document.createElement("span");
    mark.className = "printed-letter";
    mark.textContent = `${String.fromCharCode(97 + options.indexOf(option))})`;
    head.prepend(mark);
    undo.push(() => mark.remove());
    return `${questions.indexOf(question) + 1}, ${mark.textContent}`;
  }

  /* The title of an answer on paper, or nothing for what is part of the text. */
  function titleOf(part, head, exercises) {
    const title = text(head);
    if (part.matches(SOLUTION)) return title;
    if (part.matches(OPTION)) return `Quiz ${letter(part, head)}`;
    return /^(Hint|Answer)\b/.test(title) ? `${subject(part, exercises)}: ${title}` : "";
  }

  function answersOf(article) {
    const exercises = [...article.querySelectorAll(".exercise")];
    const blocks = [];
    for (const part of article.querySelectorAll(PARTS)) {
      const head = part.querySelector("summary, .admonition-title, .quiz-choice");
      const title = titleOf(part, head, exercises);
      if (!title) {
        unfold(part);
        continue;
      }
      const body = [...part.children].filter((child) => child !== head);
      const block = titled(title);
      if (body.length) move(body, block);
      blocks.push(block);
      if (!part.matches(OPTION)) {
        part.classList.add("printed-elsewhere");
        undo.push(() => part.classList.remove("printed-elsewhere"));
      }
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
