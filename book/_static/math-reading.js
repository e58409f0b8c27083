// For those who read with a keyboard, or copy: what is wider than its place can be scrolled without
// a pointer, and a copied formula is its TeX.
{
  const BOXES = "div.math > mjx-container, table.derivation td:first-child span.math";

  function name(box) {
    const number = box.closest("div.math")?.querySelector(".eqno")?.firstChild?.textContent;
    return number ? `Equation ${number.trim()}, wider than the page` : "Formula, wider than the page";
  }

  // A tab stop only while something is out of sight.
  function mark(box) {
    const hidden = box.scrollWidth > box.clientWidth + 1;
    if (hidden === box.hasAttribute("tabindex")) return;
    if (hidden) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", name(box));
    } else {
      ["tabindex", "role", "aria-label"].forEach((attribute) => box.removeAttribute(attribute));
    }
  }

  function watch() {
    const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));
    document.querySelectorAll(BOXES).forEach((box) => sizes.observe(box));
  }

  function keepSources() {
    for (const { typesetRoot, math } of MathJax.startup.document?.math ?? []) {
      if (typesetRoot) typesetRoot.dataset.tex = math.trim();
    }
  }

  function copy(event) {
    const selected = getSelection();
    if (!selected.rangeCount || selected.isCollapsed) return;
    keepSources(); // a preview may have come since
    const copied = selected.getRangeAt(0).cloneContents();
    const formulas = [...copied.querySelectorAll("mjx-container")];
    if (!formulas.length) return;
    for (const formula of formulas) {
      const [mark] = formula.hasAttribute("display") ? ["$$"] : ["$"];
      formula.replaceWith(`${mark}${formula.dataset.tex}${mark}`);
    }
    // Text as it is seen, which only what is on the page has.
    const page = document.createElement("div");
    page.style.cssText = "position: absolute; left: -9999px; white-space: pre-wrap";
    page.append(copied);
    document.body.append(page);
    event.clipboardData.setData("text/plain", page.innerText);
    page.remove();
    event.preventDefault();
  }

  window.MathJax?.startup?.promise?.then(watch);
  document.addEventListener("copy", copy);
}
