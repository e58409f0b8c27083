// A card beside a link shows the equation, the word or the paper that it leads to: for a pointer that
// rests on the link, and for a keyboard that comes to it. A finger follows the link, as ever.
(() => {
  const ROOT = new URL("..", document.currentScript.src).href;
  const LINKS = ["#equation-", "#term-"].map((part) => `a[href*="${part}"]`).join() + ", .bibtex-citation a";
  const WAIT = 300; // ms, until a card comes, and until it goes: a pointer may cross to it
  const GAP = 6; // px between link and card, and twice as much to the edges of the window

  const article = document.querySelector("article");
  if (!article) return;
  const card = document.createElement("div");
  card.className = "preview";
  card.id = "preview";
  card.setAttribute("role", "tooltip");
  let link = null; // whose card is shown, or asked for
  let name = null; // what its browser would show, and must not show twice
  let coming = 0; // timers
  let going = 0;

  // --- What a card needs comes with the first one ----------------------------------------------

  const scripts = new Map();
  function load(address) {
    if (!scripts.has(address)) {
      scripts.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = ROOT + address;
        script.onload = resolve;
        script.onerror = () => reject(scripts.delete(address));
        document.head.append(script);
      }));
    }
    return scripts.get(address);
  }

  async function typeset() {
    if (!window.MathJax) {
      await load("_static/math.js");
      await load("_static/mathjax/mathjax.js");
    }
    await MathJax.startup.promise;
    await MathJax.typesetPromise([card]);
  }

  // Head, content, and the page that has them; undefined of a link that leads to something else.
  async function find(of) {
    await load("preview-cards.js");
    const [address] = of.href.split(/[?#]/);
    const [title, cards] = window.previewCards[address.slice(ROOT.length)] ?? [];
    return cards?.[of.hash.slice(1)]?.concat(title);
  }

  // --- Where it stands ---------------------------------------------------------------------------

  // Below the line of the link that was pointed at, or above it where there is more room.
  function place(x, y) {
    const lines = [...link.getClientRects()];
    const line = lines.find((box) => y >= box.top - 1 && y <= box.bottom + 1 && x <= box.right + 1) ?? lines[0];
    const wide = document.documentElement.clientWidth;
    const rooms = { above: line.top - 3 * GAP, below: innerHeight - line.bottom - 3 * GAP };
    card.style.cssText = "left: 0; top: 0";
    const { x: left, y: top, width, height } = card.getBoundingClientRect();
    const below = height <= rooms.below || rooms.below >= rooms.above;
    const high = Math.min(height, below ? rooms.below : rooms.above);
    const right = Math.min(line.left, wide - width - 2 * GAP);
    card.style.left = `${Math.max(right, 2 * GAP) - left}px`;
    card.style.top = `${(below ? line.bottom + GAP : line.top - GAP - high) - top}px`;
    card.style.maxHeight = `${high}px`;
  }

  async function show(x, y) {
    const asked = link;
    const found = await find(asked);
    if (!found || link !== asked) return;
    const [head, content, title] = found;
    window.MathJax?.typesetClear?.([card]);
    card.innerHTML = `<p class="preview-head"><strong></strong> <span></span></p><div>${content}</div>`;
    card.querySelector("strong").textContent = head;
    card.querySelector("span").textContent = title;
    card.classList.remove("is-shown");
    article.append(card);
    if (content.includes('class="math"')) await typeset();
    if (link !== asked) return;
    place(x, y);
    card.classList.add("is-shown");
    asked.setAttribute("aria-describedby", card.id);
  }

  // --- When it comes and goes -----------------------------------------------------------------------

  function hide() {
    stay();
    clearTimeout(coming);
    link?.removeAttribute("aria-describedby");
    if (name) link.title = name;
    link = name = null;
    card.remove();
  }

  function stay() {
    clearTimeout(going);
    going = 0;
  }

  function ask(of, x = 0, y = 0) {
    stay();
    if (of === link) return;
    hide();
    link = of;
    name = of.title;
    if (name) of.removeAttribute("title");
    coming = setTimeout(() => show(x, y).catch(hide), WAIT);
  }

  function leave() {
    if (!link || link.matches(":focus-visible")) return; // keys hold it
    if (card.isConnected) going ||= setTimeout(hide, WAIT);
    else hide();
  }

  function linkOf({ target }) {
    const found = target.closest?.(LINKS);
    return article.contains(found) && !found.matches(".headerlink") ? found : null;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (card.contains(event.target)) stay();
    else if (linkOf(event)) ask(linkOf(event), event.clientX, event.clientY);
    else leave();
  });
  document.documentElement.addEventListener("pointerleave", leave);
  document.addEventListener("focusin", (event) => {
    if (linkOf(event)?.matches(":focus-visible")) ask(linkOf(event));
  });
  document.addEventListener("focusout", (event) => event.target === link && hide());
  document.addEventListener("click", (event) => card.contains(event.target) || hide());
  addEventListener("pagehide", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !link) return;
    if (card.isConnected) event.stopPropagation(); // nothing else closes with it
    hide();
  }, true);
})();
