// The search: results while one types, in the dialog of every page and on the page of the search.
// search-index.js (book/_ext/search_index.py) is loaded when the search is first used.
//
// Order of results: first the page or the name that is called exactly so, then titles of pages, the
// section in which the glossary says that the word is explained, titles of sections, words of the
// glossary and names of the package, text. A page of the reference counts as a section of the book.
// Within one of these: what fits best; then as in the book.
(() => {
  const ROOT = document.documentElement.dataset.content_root ?? "./";
  const AT_MOST = { dialog: 20, page: 100 };
  const [PAGE, SECTION, , EQUATION, NAME] = [0, 1, 2, 3, 4];
  const KINDS = ["page", "section", "glossary", "equation", "package"];
  const RANKS = { exact: 6, page: 5, home: 4, section: 3, near: 2.5, word: 2, text: 1 };
  const OF_KIND = [RANKS.page, RANKS.section, RANKS.word, RANKS.word, RANKS.word];
  const GREEK = {
    α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", η: "eta", θ: "theta", λ: "lambda",
    μ: "mu", π: "pi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", ω: "omega", Σ: "sum",
  };
  const TOKEN = /[\p{L}\p{N}_]+(?:\.\p{N}+)*/gu;

  // --- Words ---------------------------------------------------------------------------------

  let stemmer = null;
  const stems = new Map();
  function stem(token) {
    if (!stems.has(token)) {
      const lower = GREEK[token] ?? token.toLowerCase();
      stems.set(token, /^[a-z]+$/.test(lower) ? stemmer.stemWord(lower) : lower);
    }
    return stems.get(token);
  }
  const stemsOf = (text) => (text.match(TOKEN) ?? []).map(stem);

  // Letters to change, leave out, add or swap to come from one word to the other, at most `limit`.
  function distance(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let [before, row] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
        next[j] = Math.min(change, row[j] + 1, next[j - 1] + 1);
        const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (swapped) next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      [before, row] = [row, next];
    }
    return row[b.length];
  }

  // --- The index -------------------------------------------------------------------------------

  let found = null; // the promise of the index

  function loadScript(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = ROOT + name;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  function load() {
    found ??= Promise.all([loadScript("_static/language_data.js"), loadScript("search-index.js")])
      .then(() => prepare(window.searchIndex));
    return found;
  }

  // For each word the entries that have it: how much of a title it is, how often it is in the text.
  function prepare({ pages, entries, words }) {
    stemmer = new Stemmer();
    const index = { pages, entries, words: [], where: new Map(), lengths: [] };
    const add = (word, entry, field) => {
      if (!index.where.has(word)) index.where.set(word, new Map());
      const of = index.where.get(word);
      if (!of.has(entry)) of.set(entry, [0, 0]);
      of.get(entry)[field] += 1;
    };
    const titles = entries.map((entry) => new Set(stemsOf(entry[2])));
    for (const [word, home, ...others] of words) {
      const phrases = [entries[word][2], ...others].map((phrase) => [...new Set(stemsOf(phrase))]);
      phrases.flat().forEach((part) => titles[word].add(part));
      index.words.push({ word, home, phrases });
    }
    entries.forEach(([, , , , text, code], entry) => {
      titles[entry].forEach((word) => add(word, entry, 0));
      const all = [...stemsOf(text), ...stemsOf(code)];
      all.forEach((word) => add(word, entry, 1));
      index.lengths.push(all.length);
    });
    index.titles = titles;
    index.mean = index.lengths.reduce((a, b) => a + b, 0) / entries.length;
    return index;
  }

  // The words of the book that a word of the query may mean, and how sure that is: the word itself,
  // one that begins with it, or, if there is none, one that is a slip of the finger away.
  function meanings(index, asked, isLast) {
    const [word, meant] = [stem(asked), new Map()];
    const add = (other, sure) => {
      if (index.where.has(other) && !(meant.get(other) >= sure)) meant.set(other, sure);
    };
    add(word, 1);
    const lower = asked.toLowerCase();
    if (lower.length > 2 || isLast) {
      for (const [token, of] of stems) if (token.toLowerCase().startsWith(lower)) add(of, 0.5);
    }
    const limit = lower.length < 4 ? 0 : lower.length < 8 ? 1 : 2;
    if (meant.size > 0 || limit === 0) return meant;
    for (const [token, of] of stems) {
      const other = token.toLowerCase();
      const far = other[0] === lower[0] ? distance(lower, other, limit) : limit + 1;
      if (far <= limit) add(of, 0.4 / far);
    }
    return meant;
  }

  // --- Ranking ---------------------------------------------------------------------------------

  function search(index, query) {
    let words = [...new Set(query.match(TOKEN) ?? [])];
    const telling = words.filter((word) => !stopwords.includes(word.toLowerCase()));
    if (telling.length > 0) words = telling;
    const meant = words.map((word, n) => meanings(index, word, n === words.length - 1));
    const results = new Map(); // by entry: [rank, fit, words that were found]
    const offer = (entry, rank, fit, marks) => {
      const [best, fits] = results.get(entry) ?? [0, 0];
      if (rank > best || (rank === best && fit > fits)) results.set(entry, [rank, fit, marks]);
    };
    const seen = places(index, meant);
    const most = Math.max(0, ...[...seen.values()].map((of) => of.words));
    for (const [entry, of] of seen) {
      if (of.words < most) continue;
      const inTitle = of.inTitle === most;
      const kind = kindOf(index, entry);
      const share = of.title / index.titles[entry].size;
      offer(entry, inTitle ? OF_KIND[kind] : RANKS.text, inTitle ? share : of.text, of.marks);
      if (isCalled(index.entries[entry], kind, query)) offer(entry, RANKS.exact, 1, of.marks);
    }
    for (const { word, home, phrases } of index.words) {
      for (const phrase of phrases) {
        const share = covered(phrase, meant);
        if (home < 0 || share < 0.5) continue;
        const marks = [...phrases[0], ...phrase];
        offer(home, share >= 1 ? RANKS.home : RANKS.near, share, marks);
      }
    }
    const order = ([a, [rank, fit]], [b, [other, fits]]) => other - rank || fits - fit || a - b;
    return {
      isPart: most < words.length,
      hits: [...results].sort(order).map(([entry, [, , marks]]) => ({ entry, marks })),
    };
  }

  function kindOf(index, entry) {
    const [page, kind] = index.entries[entry];
    return kind === PAGE && index.pages[page][0].startsWith("book/api") ? SECTION : kind;
  }

  // Where the words are: of each entry, how many of them and how well they fit (BM25 in the text).
  function places(index, meant) {
    const seen = new Map();
    for (const meanings of meant) {
      const here = new Map();
      for (const [word, sure] of meanings) {
        const where = index.where.get(word);
        const rare = Math.log(1 + index.entries.length / where.size);
        for (const [entry, [inTitle, often]] of where) {
          const at = here.get(entry) ?? { title: 0, text: 0, marks: [] };
          const long = 0.4 + (0.6 * index.lengths[entry]) / index.mean;
          at.title = Math.max(at.title, inTitle ? sure : 0);
          at.text = Math.max(at.text, (sure * rare * (inTitle + often)) / (inTitle + often + long));
          at.marks.push(word);
          here.set(entry, at);
        }
      }
      for (const [entry, at] of here) {
        const all = seen.get(entry) ?? { words: 0, inTitle: 0, title: 0, text: 0, marks: [] };
        all.words += 1;
        all.inTitle += at.title > 0 ? 1 : 0;
        all.title += at.title;
        all.text += at.text;
        all.marks.push(...at.marks);
        seen.set(entry, all);
      }
    }
    return seen;
  }

  // Is a page, a name of the package (with or without its module) or an equation called so?
  function isCalled([, , title], kind, query) {
    const asked = query.trim().toLowerCase();
    const called = title.toLowerCase();
    if (kind === NAME) return called === asked || called.endsWith(`.${asked}`);
    const number = `equation (${asked.replace(/[()]/g, "")})`;
    if (kind === EQUATION) return called === asked || called === number;
    return kind === PAGE && called === asked;
  }

  // How much of a phrase the query names, if all of the query is in the phrase.
  function covered(phrase, meant) {
    let sum = 0;
    for (const meanings of meant) {
      const best = Math.max(...phrase.map((word) => meanings.get(word) ?? 0));
      if (!(best >= 0.4)) return 0;
      sum += best;
    }
    return sum / phrase.length;
  }

  // --- Showing results -----------------------------------------------------------------------

  // A text with the words that were found marked.
  function marked(text, marks) {
    const part = document.createDocumentFragment();
    let end = 0;
    for (const match of text.matchAll(TOKEN)) {
      if (!marks.has(stem(match[0]))) continue;
      const mark = document.createElement("mark");
      mark.textContent = match[0];
      part.append(text.slice(end, match.index), mark);
      end = match.index + match[0].length;
    }
    part.append(text.slice(end));
    return part;
  }

  // About 150 letters around the place that has the most of the words.
  function excerpt(text, marks) {
    const words = [...text.matchAll(TOKEN)].map((match) => [match.index, stem(match[0])]);
    const hits = words.filter(([, word]) => marks.has(word));
    let [start, most] = [0, 0];
    for (const [from] of hits) {
      const close = hits.filter(([at]) => at >= from && at < from + 120);
      const near = new Set(close.map(([, word]) => word));
      if (near.size > most) [start, most] = [from, near.size];
    }
    start = start < 60 ? 0 : text.indexOf(" ", start - 50) + 1;
    const end = text.length - start <= 170 ? text.length : text.lastIndexOf(" ", start + 160);
    return (start > 0 ? "… " : "") + text.slice(start, end) + (end < text.length ? " …" : "");
  }

  function element(name, kind, ...children) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.append(...children);
    return made;
  }

  function show(index, { entry, marks }) {
    const [page, kind, title, anchor, text] = index.entries[entry];
    const [address, number] = index.pages[page];
    const first = index.entries.find((other) => other[0] === page);
    const words = new Set(marks);
    const link = element("a", "search-hit");
    const asked = new URLSearchParams({ highlight: [...words].slice(0, 12).join(" ") });
    link.href = `${ROOT}${address}?${asked}${anchor ? `#${anchor}` : ""}`;
    const chapter = number ? `${number}. ${first[2]}` : first[2];
    const label = kind === PAGE && number ? `${number}. ${title}` : title;
    link.append(element("span", "search-title", marked(label, words)));
    const where = kind === PAGE ? KINDS[kind] : `${KINDS[kind]} · ${chapter}`;
    link.append(element("span", "search-place", where));
    if (text) link.append(element("span", "search-excerpt", marked(excerpt(text, words), words)));
    return link;
  }

  // --- Fields: one in the dialog, one on the page of the search --------------------------------

  const tell = ({ hits, isPart }, shown) => {
    if (hits.length === 0) return "Nothing was found.";
    const many = hits.length === 1 ? "1 result" : `${hits.length} results`;
    const first = hits.length > shown ? `, the first ${shown} shown` : "";
    return many + first + (isPart ? "; nothing has all of the words" : "") + ".";
  };

  // What screen readers and keys need in the dialog, where the list belongs to the field.
  function makeCombobox(form, list, { step, choose }) {
    const input = form.querySelector("input");
    list.id = "search-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Results");
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id };
    Object.entries(roles).forEach(([name, value]) => input.setAttribute(name, value));
    const close = element("button", "search-close", "Close");
    close.type = "button";
    close.addEventListener("click", () => form.closest("dialog").close());
    form.append(close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") step(1);
      else if (event.key === "ArrowUp") step(-1);
      else if (event.key !== "Enter" || !choose()) return; // Enter without a result asks the page
      event.preventDefault();
    });
  }

  function connect(form, place) {
    const input = form.querySelector("input");
    const inDialog = place === "dialog";
    const status = element("p", "search-status");
    status.setAttribute("role", "status");
    const onPage = document.getElementById("search-results");
    const list = inDialog ? element("div", "search-list") : onPage;
    list.classList.add("search-list");
    form.after(...(inDialog ? [status, list] : [status]));
    let links = [];
    let active = -1;

    function point(to) {
      links[active]?.setAttribute("aria-selected", "false");
      active = links.length === 0 ? -1 : (to + links.length) % links.length;
      input.setAttribute("aria-expanded", String(links.length > 0));
      input.removeAttribute("aria-activedescendant");
      if (active < 0) return;
      links[active].setAttribute("aria-selected", "true");
      links[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", links[active].id);
    }

    async function update() {
      const query = input.value;
      const index = await load().catch(() => null);
      if (input.value !== query) return; // there is a newer question
      const answer = index && query.trim() ? search(index, query) : { hits: [] };
      links = answer.hits.slice(0, AT_MOST[place]).map((hit) => show(index, hit));
      status.textContent = !index ? "The index of the search could not be loaded."
        : query.trim() ? tell(answer, links.length) : "";
      if (inDialog) {
        links.forEach((link, n) =>
          Object.assign(link, { id: `search-hit-${n}`, role: "option", tabIndex: -1 }));
        list.replaceChildren(...links);
        point(0);
      } else {
        const items = links.map((link) => element("li", "", link));
        list.replaceChildren(...(items.length > 0 ? [element("ol", "", ...items)] : []));
      }
    }

    if (inDialog) {
      makeCombobox(form, list, {
        step: (by) => point(active + by),
        choose: () => (active < 0 ? false : (links[active].click(), true)),
      });
      point(0);
    } else {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      form.addEventListener("submit", (event) => event.preventDefault());
    }
    input.addEventListener("focus", () => load().catch(() => {}));
    input.addEventListener("input", update);
    if (input.value) update();
  }

  const dialog = document.querySelector("#pst-search-dialog form");
  if (dialog) connect(dialog, "dialog");
  const page = document.querySelector(".bd-search-container form");
  if (page) connect(page, "page");

  // --- After following a result ------------------------------------------------------------------

  // The words are marked without changing the page, where the browser can do that.
  const asked = new URLSearchParams(location.search).get("highlight");
  const bar = document.getElementById("searchbox");
  if (asked && bar && window.Highlight && CSS.highlights) markWords(asked.toLowerCase().split(" "));

  function markWords(words) {
    const article = document.querySelector("article");
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest("script, style, svg, .math, mjx-container")
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const ranges = [];
    while (texts.nextNode()) {
      for (const match of texts.currentNode.data.matchAll(TOKEN)) {
        const token = match[0].toLowerCase();
        if (!words.some((word) => token.startsWith(word))) continue;
        const range = new Range();
        range.setStart(texts.currentNode, match.index);
        range.setEnd(texts.currentNode, match.index + token.length);
        ranges.push(range);
      }
    }
    if (ranges.length === 0) return;
    CSS.highlights.set("found-words", new Highlight(...ranges));
    const clear = element("button", "search-clear", "Clear the marked words");
    clear.type = "button";
    const stop = () => {
      CSS.highlights.delete("found-words");
      clear.remove();
      document.removeEventListener("keydown", onEscape);
    };
    const onEscape = (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) stop();
    };
    clear.addEventListener("click", stop);
    document.addEventListener("keydown", onEscape);
    bar.append(clear);
  }
})();
