// The page around the text: the chapter that is open is seen in the list of chapters, and menus close.

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

  addEventListener("DOMContentLoaded", () => {
    showCurrent();
    document.querySelector(".primary-toggle")?.addEventListener("click", () => setTimeout(showCurrent));
    addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
    addEventListener("keydown", escape);
    // The theme looks after a resize which code scrolls, and lets the keyboard in; folded code has no
    // size before it is unfolded.
    document.addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);
  });
})();
