// Equation, loop, twin and test: a pointed, touched or focused index lights up in all four.
(function () {
  const band = document.querySelector(".band");
  if (!band) return;

  const chips = [...band.querySelectorAll(".index-chip")];
  const letters = new Set(chips.map((chip) => chip.dataset.index));
  let held = null; // chosen by a click; the pointer shows others for a moment

  function light(letter) {
    if (letter) band.dataset.lit = letter;
    else delete band.dataset.lit;
    for (const mark of band.querySelectorAll(".index"))
      mark.classList.toggle("lit", mark.dataset.index === letter);
    for (const chip of chips) chip.classList.toggle("lit", chip.dataset.index === letter);
  }

  function hold(letter) {
    held = held === letter ? null : letter;
    for (const chip of chips)
      chip.setAttribute("aria-pressed", String(chip.dataset.index === held));
    light(held);
  }

  const mark = (element, letter) => {
    element.classList.add("index");
    element.dataset.index = letter;
  };

  function markCode() {
    for (const name of band.querySelectorAll(".highlight span"))
      if (!name.childElementCount && letters.has(name.textContent)) mark(name, name.textContent);
  }

  // MathJax sets the formula later than this script runs.
  function markFormula() {
    for (const letter of letters)
      for (const element of band.querySelectorAll(`.index-${letter}`)) mark(element, letter);
    if (band.dataset.lit) light(band.dataset.lit);
  }

  const indexAt = (event) => event.target.closest?.("[data-index]")?.dataset.index ?? null;
  band.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") light(indexAt(event) ?? held);
  });
  band.addEventListener("pointerleave", () => light(held));
  band.addEventListener("focusin", (event) => light(indexAt(event) ?? held));
  band.addEventListener("focusout", () => light(held));
  band.addEventListener("click", (event) => {
    const letter = indexAt(event);
    if (letter) hold(letter);
  });
  band.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) hold(held);
  });

  markCode();
  const formula = band.querySelector("div.math");
  if (formula) new MutationObserver(markFormula).observe(formula, { childList: true, subtree: true });
  markFormula();
})();
