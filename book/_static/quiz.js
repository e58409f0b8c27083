// A quiz: each question with its options, folded parts until now, becomes a card. One chooses an
// option, checks it and reads why; what was tried is kept in the browser, if it keeps anything.
(() => {
  "use strict";
  const KEY = "cnnlab-quiz";

  function read() {
    try {
      return Object(JSON.parse(localStorage.getItem(KEY)));
    } catch {
      return {};
    }
  }

  function keep(name, tries) {
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: tries }));
    } catch {
      // A private window, or no room: the answer lasts as long as the page.
    }
  }

  function element(tag, className, ...content) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...content);
    return made;
  }

  function button(className, words) {
    const made = element("button", className, words);
    made.type = "button";
    return made;
  }

  /* An option: its folded part becomes a choice, and an explanation that is read aloud once shown. */
  function optionOf(details, group) {
    const input = element("input", "");
    input.type = "radio";
    input.name = group;
    const choice = element("label", "quiz-choice", input, details.querySelector(".fold-title"));
    const body = details.querySelector(".fold-body");
    const explanation = element("div", "quiz-explanation", body);
    explanation.setAttribute("aria-live", "polite");
    body.hidden = true;
    return {
      part: element("div", "quiz-option", choice, explanation),
      right: details.classList.contains("answer-right"),
      input,
      body,
    };
  }

  /* The question is the name of the group of its options; what does not fit into a name follows. */
  function groupOf(asked, options) {
    const [first, ...rest] = asked.children;
    const legend = element("legend", "quiz-asked", ...first.childNodes);
    return element("fieldset", "", legend, ...rest, ...options.map((option) => option.part));
  }

  function footOf() {
    const foot = {
      check: button("quiz-check", "Check"),
      again: button("quiz-again", "Try again"),
      every: button("quiz-every", "All explanations"),
      status: element("p", "quiz-status"),
    };
    foot.check.type = "submit";
    foot.status.setAttribute("role", "status");
    return foot;
  }

  function verdict(sign, words) {
    const mark = element("span", "quiz-sign", sign);
    mark.setAttribute("aria-hidden", "true");
    return [mark, ` ${words}`];
  }

  function wordsFor(card) {
    if (card.solved()) {
      const many = card.tries.length;
      return verdict("\u2713", many === 1 ? "Right, at the first try." : `Right, after ${many} tries.`);
    }
    return card.judged >= 0 ? verdict("\u2717", "Not yet.") : [];
  }

  function draw(card) {
    const { options, foot, form } = card;
    const solved = card.solved();
    options.forEach((option, index) => {
      const marked = card.every || card.tries.includes(index);
      option.part.classList.toggle("is-right", marked && option.right);
      option.part.classList.toggle("is-wrong", marked && !option.right);
      option.body.hidden = !(card.every || index === card.judged);
      option.input.disabled = solved;
      if (solved) option.input.checked = option.right;
    });
    foot.check.hidden = card.judged >= 0;
    foot.again.hidden = card.judged < 0;
    foot.every.hidden = !solved;
    foot.every.setAttribute("aria-pressed", String(card.every));
    foot.status.replaceChildren(...wordsFor(card));
    form.classList.toggle("is-solved", solved);
    form.classList.toggle("is-wrong", card.judged >= 0 && !solved);
  }

  /* What was tried, if it is a list of options of this question. */
  function recall(name, options) {
    const tries = read()[name];
    const isOption = (index) => Number.isInteger(index) && index >= 0 && index < options.length;
    return Array.isArray(tries) && tries.every(isOption) ? [...new Set(tries)] : [];
  }

  function cardOf(quiz, count) {
    const { name } = quiz.dataset;
    const options = [...quiz.querySelectorAll(":scope > details")].map((details) =>
      optionOf(details, name));
    const tries = recall(name, options);
    const foot = footOf();
    const group = groupOf(quiz.querySelector(".quiz-asked"), options);
    const form = element("form", "quiz-card", group, element("div", "quiz-foot", ...Object.values(foot)));
    form.autocomplete = "off"; // else a browser checks on reload what was checked before
    const card = { options, tries, foot, form, every: false };
    card.solved = () => card.tries.some((index) => options[index].right);
    card.judged = card.solved() ? card.tries.at(-1) : -1;
    listen(card, (changed) => {
      if (changed) keep(name, card.tries);
      draw(card);
      count();
    });
    quiz.replaceChildren(form);
    draw(card);
    return card;
  }

  function listen(card, show) {
    const { form, foot, options } = card;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = options.findIndex((option) => option.input.checked);
      if (chosen < 0) {
        foot.status.textContent = "Choose an option first.";
        return;
      }
      const held = foot.check === document.activeElement;
      if (!card.tries.includes(chosen)) card.tries.push(chosen);
      card.judged = chosen;
      show(true);
      // The button that was pressed is gone, and so are choices when the right one is found.
      if (held || card.solved()) foot.again.focus();
    });
    form.addEventListener("change", () => {
      card.judged = -1;
      show(false);
    });
    foot.again.addEventListener("click", () => {
      if (card.solved()) card.tries = [];
      card.judged = -1;
      card.every = false;
      for (const option of options) option.input.checked = false;
      show(true);
      options[0].input.focus();
    });
    foot.every.addEventListener("click", () => {
      card.every = !card.every;
      show(false);
    });
  }

  const quizzes = [...document.querySelectorAll(".quiz")];
  const sum = element("p", "quiz-sum");
  const cards = quizzes.map((quiz) => cardOf(quiz, count));

  function count() {
    const solved = cards.filter((card) => card.solved());
    const first = solved.filter((card) => card.tries.length === 1).length;
    const part = solved.length ? `, ${first} at the first try` : "";
    sum.textContent = `${solved.length} of ${cards.length} answered${part}.`;
  }

  quizzes.at(-1)?.after(sum);
  count();
})();
