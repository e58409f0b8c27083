// Where a reader is in the course, and which chapters are done. It is kept in the browser, by the
// reader's own will, and goes nowhere. Where nothing can be kept, nothing is offered.
(function () {
  const KEY = "cnnlab-reading";

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
      return { done: Array.isArray(kept.done) ? kept.done : [], last: kept.last ?? null };
    } catch {
      return { done: [], last: null };
    }
  }

  function write(kept) {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
      return true;
    } catch {
      return false; // a private window, or no room
    }
  }

  const canKeep = write(read());
  const bar = document.querySelector(".course-bar");
  const here = bar?.dataset.page || null;
  const nameOf = (link) => link.pathname.split("/").pop().replace(/\.html$/, "");

  // --- Done marks ---------------------------------------------------------------

  function setMark(place, done) {
    const mark = place.querySelector(":scope > .done-mark");
    if (done && !mark) {
      const made = document.createElement("span");
      made.className = "done-mark";
      made.innerHTML = '<span aria-hidden="true">\u2713</span><span class="for-ears"> done</span>';
      place.append(made);
    } else if (!done) mark?.remove();
  }

  function showMarks() {
    const { done } = read();
    for (const link of document.querySelectorAll(".bd-docs-nav a.reference")) {
      const name = link.getAttribute("href") === "#" ? here : nameOf(link);
      setMark(link, done.includes(name));
    }
    for (const meta of document.querySelectorAll(".card-meta")) {
      const isDone = done.includes(meta.dataset.page);
      setMark(meta, isDone);
      meta.closest(".card-of-page").classList.toggle("is-done", isDone);
    }
    const button = document.querySelector(".mark-done");
    if (button) {
      const isDone = done.includes(button.dataset.page);
      button.classList.toggle("is-done", isDone);
      button.textContent = isDone
        ? `\u2713 ${button.dataset.title} is done. Undo`
        : `Mark ${button.dataset.title.toLowerCase()} as done`;
    }
    const marks = document.querySelector(".marks");
    if (marks) {
      marks.hidden = !canKeep || (done.length === 0 && !read().last);
      marks.querySelector(".count").textContent = done.length;
    }
  }

  function toggle(name) {
    const kept = read();
    const done = kept.done.includes(name)
      ? kept.done.filter((other) => other !== name)
      : [...kept.done, name];
    write({ ...kept, done });
    showMarks();
  }

  // --- Where the reader was -----------------------------------------------------

  function sectionInView() {
    const sections = [...document.querySelectorAll(".bd-article section[id] > h2")];
    const above = sections.filter((title) => title.getBoundingClientRect().top < innerHeight / 2);
    return above.length ? above.pop().parentElement.id : "";
  }

  function remember() {
    if (!here || !canKeep) return;
    const last = { page: here, title: bar.dataset.title, section: sectionInView() };
    write({ ...read(), last });
  }

  function offerToContinue() {
    const link = document.querySelector(".ways .continue");
    const { last } = read();
    if (!link) return;
    link.hidden = !last;
    if (!last) return;
    // Built from parts: what is kept is no address.
    const clean = (text) => encodeURIComponent(String(text));
    link.href = `${clean(last.page)}.html${last.section ? `#${clean(last.section)}` : ""}`;
    link.textContent = `Continue: ${last.title}`;
  }

  // --- The line at the top ------------------------------------------------------

  const progress = document.querySelector(".reading-progress");
  let waiting = false;
  function draw() {
    waiting = false;
    const room = document.documentElement.scrollHeight - innerHeight;
    if (progress) progress.style.transform = `scaleX(${room > 0 ? Math.min(scrollY / room, 1) : 0})`;
  }
  function scrolled() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  document.querySelector(".mark-done")?.addEventListener("click", (event) => {
    toggle(event.currentTarget.dataset.page);
  });
  document.querySelector(".clear-marks")?.addEventListener("click", () => {
    write({ done: [], last: null });
    showMarks();
    offerToContinue();
    document.querySelector("#map-of-the-course a")?.focus();
  });
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("pagehide", remember);
  document.addEventListener("visibilitychange", () => document.hidden && remember());
  // Another tab, or the way back, may have changed the marks.
  addEventListener("storage", (event) => event.key === KEY && showMarks());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    showMarks();
    offerToContinue();
  });

  const end = document.querySelector(".chapter-end");
  if (end) end.hidden = !canKeep;
  showMarks();
  offerToContinue();
  remember();
  draw();
})();
