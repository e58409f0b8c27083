// Runs in the page under test: what is wrong with it as it stands?

window.look = {
  // How far what is seen has moved while the page was loaded.
  shifts() {
    return new Promise((answer) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => answer(sum > 0.02 ? [`its layout shifts by ${sum.toFixed(3)}`] : []), 50);
    });
  },

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
    // What sticks out of a drawing is cut off by the drawing.
    const unseen = "mjx-assistive-mml, .visually-hidden, .copybtn, svg *";
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

  // Formulas that are cut, stick out, or scroll without a keyboard; tab stops that scroll nothing.
  formulas() {
    const faults = [];
    const name = (e) => (e.closest("div.math")?.id || e.dataset.tex || "").slice(0, 60);
    // Whoever keeps what sticks out: something that scrolls, or something that cuts it off.
    const keeper = (e) => {
      for (; e.localName !== "article"; e = e.parentElement) {
        if (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) {
          return e;
        }
      }
      return null;
    };
    for (const e of document.querySelectorAll("article mjx-container")) {
      if (!e.checkVisibility()) continue;
      const glyphs = new Range();
      glyphs.selectNodeContents(e.querySelector("mjx-math"));
      const ink = glyphs.getBoundingClientRect();
      const box = e.getBoundingClientRect();
      const kept = keeper(e);
      if (kept && getComputedStyle(kept).overflowX === "hidden") faults.push(`cut: ${name(e)}`);
      if (ink.left < box.left - 2) faults.push(`begins too early: ${name(e)}`);
      if (!kept && ink.right > document.documentElement.clientWidth) {
        faults.push(`leaves the page: ${name(e)}`);
      }
      const own = kept?.matches("mjx-container, span.math");
      if (own && !kept.matches("[tabindex='0'][aria-label]")) {
        faults.push(`scrolls without a keyboard: ${name(e)}`);
      }
    }
    const stops = [...document.querySelectorAll(".math[tabindex], mjx-container[tabindex]")];
    faults.push(
      ...stops
        .filter((e) => e.scrollWidth <= e.clientWidth + 1)
        .map((e) => `a tab stop that scrolls nothing: ${name(e)}`),
    );
    return faults;
  },

  // The scripts and styles that came with the page, and the kinds of explorers on it.
  files() {
    const asked = performance.getEntriesByType("resource").map((e) => e.name.split("?")[0]);
    const explorers = [...document.querySelectorAll("*")].map((e) => e.localName);
    return [
      ...asked.filter((name) => /\.(js|css|json)$/.test(name)),
      ...explorers.filter((name) => name.startsWith("cnnlab-")),
    ];
  },

  // Open all that is folded; fold it again.
  unfold() {
    // Half-faded text would be measured as it fades.
    const still = new CSSStyleSheet();
    still.replaceSync("* { animation: none !important; transition: none !important; }");
    document.adoptedStyleSheets = [still];
    look.details = [...document.querySelectorAll("details:not([open])")];
    look.details.forEach((e) => (e.open = true));
    look.explanations = [...document.querySelectorAll(".quiz-explanation > [hidden]")];
    look.explanations.forEach((e) => (e.hidden = false));
  },
  fold() {
    look.details.forEach((e) => (e.open = false));
    look.explanations.forEach((e) => (e.hidden = true));
  },

  // What the contrast of a text depends on: its ink, and the papers below it that are not clear; of
  // a link also the ink of the text that it stands in. Single letters axe leaves undecided.
  kinds() {
    const papers = new Map([[null, ""]]);
    const paper = (e) => {
      if (!papers.has(e)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
        const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
        const clear = own === "rgba(0, 0, 0, 0) none 1";
        papers.set(e, paper(e.parentElement) + (clear ? "" : `, ${own}`));
      }
      return papers.get(e);
    };
    const ink = (e) => {
      const { color, fontSize, fontWeight, textShadow, textDecorationLine } = getComputedStyle(e);
      return `${color} ${fontSize} ${fontWeight} ${textShadow} ${textDecorationLine}`;
    };
    const around = (link) => (link ? ink(link.parentElement) : "");
    const letters = (e) => (e.textContent.trim().length > 1 ? "word" : "letter");
    return (e) => [ink(e), paper(e), around(e.closest("a")), letters(e)].join(" / ");
  },

  // Mark a text of every kind that is seen now and not known yet; return the kinds. Glyphs of
  // formulas are MathJax's own affair.
  markKindsOfText(state, known) {
    const kind = look.kinds();
    const seen = new Set(known);
    for (const e of document.body.querySelectorAll("*:not(mjx-math *, mjx-assistive-mml *)")) {
      const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
      if (!(text || e.matches("input, select, textarea")) || !e.checkVisibility()) continue;
      if (seen.has(kind(e))) continue;
      seen.add(kind(e));
      e.kinds = { ...e.kinds, [state]: kind(e) };
      e.setAttribute("data-kind", "");
    }
    return [...seen].slice(known.length);
  },

  // Glyphs, and symbols for the ear, come in thousands, and each turn would set all of them again:
  // in their place is one box of the size of the glyphs. Some formulas keep their symbols.
  simplifyFormulas() {
    const formulas = [...document.querySelectorAll("mjx-math")];
    const boxes = formulas.map((e) => {
      const glyphs = new Range();
      glyphs.selectNodeContents(e);
      const { width, height } = glyphs.getBoundingClientRect();
      const em = parseFloat(getComputedStyle(e).fontSize);
      const box = document.createElement("mjx-mspace");
      box.style.display = "inline-block";
      box.style.width = `${width / em}em`;
      box.style.height = `${height / em}em`;
      return box;
    });
    formulas.forEach((e, n) => e.replaceChildren(boxes[n]));
    const symbols = [...document.querySelectorAll("mjx-assistive-mml")];
    symbols.slice(10).forEach((e) => e.remove());
  },

  // Of tokens of code and of signatures no rule but those of color takes notice, and what is wide
  // there scrolls or breaks. One stays of those that have the same classes, here and around them, and
  // are of the same kind; the rest becomes plain text. Some code stays as it is.
  simplifyCode() {
    const some = [...document.querySelectorAll(".highlight pre")].slice(0, 3);
    const kind = look.kinds();
    const paths = new Map([[null, ""]]);
    const path = (e) => {
      if (!paths.has(e)) paths.set(e, `${path(e.parentElement)} ${e.localName}.${e.className}`);
      return paths.get(e);
    };
    const seen = new Set();
    const alike = [...document.querySelectorAll("article :is(pre, .sig) :is(span, em)")].filter((e) => {
      const bare = [...e.attributes].every((a) => a.name === "class");
      if (!bare || some.some((code) => code.contains(e))) return false;
      const looks = `${path(e)} ${kind(e)}`;
      return seen.has(looks) || !seen.add(looks);
    });
    alike.forEach((e) => e.replaceWith(...e.childNodes));
    document.querySelector("article")?.normalize();
  },

  // What is not seen now is to be looked at on another device.
  markUnseen() {
    const unseen = [...document.querySelectorAll("article *")].filter((e) => !e.checkVisibility());
    unseen.forEach((e) => e.setAttribute("data-unseen", ""));
  },

  // Take out of the article and its contents what is alike: axe measures papers for whatever is
  // there. Headings stay, definitions keep their terms, tables their stripes, explorers their buttons.
  keepKindsOfText() {
    const kept = "[data-kind], [data-unseen], style, link, h1, h2, h3, h4";
    const living = "cnnlab-explorer, cnnlab-geometry, cnnlab-pooling, .cnn-turn, .cnn-training, .digit";
    const explorers = `:is(${living}) *`;
    const shape = `:is(dl, tr):has(${kept}) > *, tr, th *, ${explorers}`;
    const alike = `:not(${kept}, :has(${kept}), [data-kind] *, ${shape})`;
    document.querySelectorAll(`:is(article, .page-toc) ${alike}`).forEach((e) => e.remove());
  },

  // Is what was kept still of the kind that it was, and can it be read?
  async contrast(state, rules) {
    const kind = look.kinds();
    const kept = [...document.querySelectorAll("[data-kind]")].filter((e) => e.kinds[state]);
    const changed = kept.filter((e) => kind(e) !== e.kinds[state]);
    return [
      ...changed.map((e) => `alone it looks different: ${e.outerHTML.slice(0, 200)}`),
      ...(await look.violations(kept, { runOnly: rules })),
    ];
  },

  // Everything that is no matter of color.
  accessibility(except) {
    return look.violations(document, {
      rules: Object.fromEntries(except.map((name) => [name, { enabled: false }])),
    });
  },

  // `axe` is axe-core, loaded beside this file.
  async violations(include, rules) {
    const options = { preload: false, resultTypes: ["violations"], ...rules };
    const report = await axe.run({ include, exclude: ["mjx-math"] }, options);
    return report.violations.map(
      (v) => `axe: ${v.id}: ${v.help} (${v.nodes.length}x), first: ${v.nodes[0].html.slice(0, 200)}`,
    );
  },
};
