// Runs in the page under test: what is wrong with it as it stands?

window.look = {
  faults() {
    const article = document.querySelector("article, main");
    const width = document.documentElement.clientWidth;
    const found = [];

    const whole = document.documentElement.scrollWidth;
    if (whole > width) found.push(`the page scrolls sideways: ${whole} > ${width} px`);

    // Content that sticks out and cannot be scrolled to.
    const scrolls = (e) =>
      e &&
      e !== document.body &&
      (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    const unseen = "mjx-assistive-mml, .visually-hidden, .copybtn";
    for (const e of article.querySelectorAll("*")) {
      if (e.getBoundingClientRect().right <= width + 1) continue;
      if (e.closest(unseen) || !e.checkVisibility() || scrolls(e)) continue;
      const text = e.textContent.trim().slice(0, 60);
      found.push(`cut off on the right: <${e.localName} class="${e.className}"> ${text}`);
      break;
    }

    for (const img of document.querySelectorAll("img")) {
      const alt = (img.getAttribute("alt") || "").trim();
      if (!alt || /\.(png|jpe?g|svg|gif)$/.test(alt)) found.push(`no alt text: ${img.src}`);
      if (img.complete && img.naturalWidth === 0) found.push(`no picture: ${img.src}`);
    }

    for (const e of document.querySelectorAll("mjx-merror, [data-mjx-error]")) {
      found.push(`MathJax: ${e.getAttribute("data-mjx-error") || e.textContent}`);
    }
    for (const e of document.querySelectorAll('mjx-mtext[style*="red"]')) {
      const formula = e.closest("mjx-container").querySelector("mjx-assistive-mml");
      found.push(`MathJax does not know a command in: ${formula?.textContent}`);
    }
    for (const e of article.querySelectorAll(".math")) {
      if (!e.querySelector("mjx-container")) found.push(`not rendered: ${e.textContent}`);
    }
    const prose = article.cloneNode(true);
    prose.querySelectorAll("pre, code, script, mjx-container").forEach((e) => e.remove());
    const raw = prose.textContent.match(/\\[([].{0,40}|\$[^$]{1,40}\$/);
    if (raw) found.push(`raw TeX: ${raw[0]}`);

    const titles = [...document.querySelectorAll("h1")].filter((e) => e.checkVisibility());
    if (titles.length !== 1) found.push(`${titles.length} h1 instead of one`);
    return found;
  },

  unfold() {
    // Half-faded text would be measured as it fades.
    const still = new CSSStyleSheet();
    still.replaceSync("* { animation: none !important; transition: none !important; }");
    document.adoptedStyleSheets = [still];
    document.querySelectorAll("details").forEach((e) => (e.open = true));
    document.querySelectorAll(".toggle-hidden button.toggle-button").forEach((e) => e.click());
  },

  // `axe` is axe-core, loaded beside this file.
  async accessibility(except) {
    const rules = Object.fromEntries(except.map((name) => [name, { enabled: false }]));
    // Contrast is measured element by element. Glyphs of formulas and tokens of code come in
    // thousands, all alike: some of the code is enough, and glyphs are MathJax's own affair.
    const code = [...document.querySelectorAll(".highlight pre")].slice(15);
    const where = { include: document, exclude: ["mjx-math", ...code] };
    const report = await axe.run(where, { preload: false, resultTypes: ["violations"], rules });
    return report.violations.map(
      (v) => `axe: ${v.id}: ${v.help} (${v.nodes.length}x), first: ${v.nodes[0].html.slice(0, 200)}`,
    );
  },
};
