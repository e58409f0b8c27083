// The page around the text: the chapter that is open is seen in the list of chapters, menus close,
// and a quiz counts its tries.

(() => {
  // The list scrolls by itself, below the name of the course and the search.
  function showCurrent() {
    const current = document.querySelector(".bd-docs-nav .current.active");
    const list = current?.closest(".sidebar-primary-item");
    if (!list) return;
    const below = current.getBoundingClientRect().top - list.getBoundingClientRect().top;
    list.scrollTop += below - list.clientHeight / 3;
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  function escape(event) {
    const menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    closeMenus();
    menu.querySelector("summary").focus();
  }

  // Answers that were opened stay marked as tried; all can be tried again.
  function count(quiz) {
    const answers = [...quiz.querySelectorAll("details.fold-answer")];
    const result = document.createElement("p");
    const again = document.createElement("button");
    result.className = "quiz-result";
    result.setAttribute("role", "status");
    again.type = "button";
    again.className = "quiz-again";
    again.textContent = "Try again";
    again.hidden = true;
    let tries = 0;

    function say() {
      const open = answers.filter((answer) => answer.open);
      const right = open.some((answer) => answer.classList.contains("answer-right"));
      again.hidden = tries === 0;
      if (tries === 0) result.textContent = "";
      else if (!right) result.textContent = "Not yet.";
      else result.textContent = tries === 1 ? "Right, at the first try." : `Right, after ${tries} tries.`;
    }

    for (const answer of answers) {
      answer.addEventListener("toggle", () => {
        if (answer.open && !answer.classList.contains("tried")) {
          answer.classList.add("tried");
          tries += 1;
        }
        say();
      });
    }
    again.addEventListener("click", () => {
      tries = 0;
      for (const answer of answers) {
        answer.classList.remove("tried");
        answer.open = false;
      }
      say();
      answers[0].querySelector("summary").focus();
    });
    const foot = document.createElement("div");
    foot.className = "quiz-foot";
    foot.append(result, again);
    quiz.append(foot);
  }

  addEventListener("DOMContentLoaded", () => {
    showCurrent();
    document.querySelector(".primary-toggle")?.addEventListener("click", () => setTimeout(showCurrent));
    addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
    addEventListener("keydown", escape);
    // The theme looks after a resize which code scrolls, and lets the keyboard in; folded code has no
    // size before it is unfolded.
    document.addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);
    document.querySelectorAll(".quiz").forEach(count);
  });
})();
