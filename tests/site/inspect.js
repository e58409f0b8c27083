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
    for (const e of article.querySelectorAll("*:not(mjx-math *)")) {
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

  // What the contrast of a text depends on: its ink, and the papers below it; of a link also the
  // ink of the text that it stands in.
  kinds() {
    const papers = new Map([[null, ""]]);
    const paper = (e) => {
      if (!papers.has(e)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
        papers.set(e, `${paper(e.parentElement)} ${backgroundColor} ${backgroundImage} ${opacity}`);
      }
      return papers.get(e);
    };
    const ink = (e) => {
      const { color, fontSize, fontWeight, textShadow, textDecorationLine } = getComputedStyle(e);
      return `${color} ${fontSize} ${fontWeight} ${textShadow} ${textDecorationLine}`;
    };
    const around = (link) => (link ? ink(link.parentElement) : "");
    return (e) => [ink(e), paper(e), around(e.closest("a"))].join(" / ");
  },

  // Mark a text of every kind that is seen now. Glyphs of formulas are MathJax's own affair.
  markKindsOfText(state) {
    const kind = look.kinds();
    const seen = new Set();
    for (const e of document.body.querySelectorAll("*:not(mjx-math *, mjx-assistive-mml *)")) {
      const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
      if (!(text || e.matches("input, select, textarea")) || !e.checkVisibility()) continue;
      if (!seen.has(kind(e))) e.setAttribute("data-kind", "");
      seen.add(kind(e));
    }
    for (const e of document.querySelectorAll("[data-kind]")) {
      e.kinds = { ...e.kinds, [state]: kind(e) };
    }
  },

  // Glyphs, tokens of code, and symbols for the ear come in thousands, which axe need not visit:
  // glyphs leave room of their size, and all of some code and of some formulas stays.
  simplify() {
    const glyphs = [...document.querySelectorAll("mjx-math")];
    const sizes = glyphs.map((e) => e.getBoundingClientRect());
    glyphs.forEach((e, n) => {
      e.replaceChildren();
      const { width, height } = sizes[n];
      e.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
    });
    const most = { ".highlight pre": 3, "mjx-assistive-mml math": 10 };
    for (const [selector, count] of Object.entries(most)) {
      for (const e of [...document.querySelectorAll(selector)].slice(count)) {
        if (!e.querySelector("[data-kind]")) e.replaceChildren(e.textContent);
      }
    }
  },

  // Take out of the article and its contents what is alike: axe measures papers for whatever is
  // there. Definitions keep their terms, tables their stripes, explorers their buttons.
  keepKindsOfText() {
    const shape = ":is(dl, tr):has([data-kind]) > *, tr, th *, style, cnnlab-explorer *";
    const alike = `:not([data-kind], :has([data-kind], style), [data-kind] *, ${shape})`;
    document.querySelectorAll(`:is(article, .page-toc) ${alike}`).forEach((e) => e.remove());
  },

  // Is what was kept still of the kind that it was?
  changedKinds(state) {
    const kind = look.kinds();
    const kept = [...document.querySelectorAll("[data-kind]")].filter((e) => e.kinds[state]);
    const changed = kept.filter((e) => kind(e) !== e.kinds[state]);
    return changed.map((e) => `alone it looks different: ${e.outerHTML.slice(0, 200)}`);
  },

  // `axe` is axe-core, loaded beside this file.
  async accessibility(except) {
    const rules = Object.fromEntries(except.map((name) => [name, { enabled: false }]));
    const options = { preload: false, resultTypes: ["violations"], rules };
    const report = await axe.run({ include: document, exclude: ["mjx-math"] }, options);
    return report.violations.map(
      (v) => `axe: ${v.id}: ${v.help} (${v.nodes.length}x), first: ${v.nodes[0].html.slice(0, 200)}`,
    );
  },
};
