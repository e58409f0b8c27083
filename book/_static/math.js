// What MathJax is told before it starts: its options, where a formula may be broken, and which
// color a letter has. The TeX of the book stays as it is; all of this reads what MathJax makes of it.
{
  const LETTERS = new Set(["X", "w", "b", "Z", "Y"]);
  const RELATIONS = new Set(["=", "\u2190", "\u2248"]);
  const OPENS = "([{\u230A\u2308\u27E8";
  const CLOSES = ")]}\u230B\u2309\u27E9";
  const SCRIPTS = new Set(["msub", "msup", "msubsup", "mover", "munder", "munderover"]);
  const MARK = "\u2063"; // invisible: where a line that is only for narrow places ended
  const WIDE = 0.25; // em; a space of so much parts factors or statements
  const here = document.currentScript.src;

  // --- One source, any width ------------------------------------------------------------------

  // `\\ % narrow` ends a line only where the formula finds no room. The row goes on; the sign of
  // alignment and the indent of the line behind it fall away.
  const NARROW = /\\\\[ \t]*%[ \t]*narrow[ \t]*\n\s*&?(?:\s|\\[,;: ]|\\q?quad\b|\{\})*(\\text\{(?:for|and) )?/g;
  const ENVIRONMENT = /\\begin\{(\w+)\}(?:(?!\\begin\{)[^])*?\\end\{\1\}/g;

  function join(tex) {
    return tex.replace(NARROW, (all, words) => (words ? `\\quad ${words}` : `${MARK} `));
  }

  // Sphinx and the source put frames around rows. One row needs none.
  function unframe(tex, name) {
    const [open, close] = [`\\begin{${name}}`, `\\end{${name}}`];
    const whole = tex.trim();
    if (!whole.startsWith(open) || !whole.endsWith(close)) return tex;
    const body = whole.slice(open.length, -close.length);
    const outside = body.replace(ENVIRONMENT, "");
    if (outside.includes("\\\\")) return tex;
    if (!outside.includes("&")) return body;
    return outside === body ? body.replaceAll("&", "") : tex;
  }

  function prepare({ math }) {
    math.math = unframe(unframe(join(math.math), "split"), "aligned");
    const whole = /^\\begin\{split\}\s*(\\begin\{aligned\}[^]*\\end\{aligned\})\s*\\end\{split\}$/;
    math.math = math.math.trim().replace(whole, "$1");
  }

  // --- The tree of a formula ------------------------------------------------------------------

  const below = (node) => node.childNodes ?? [];

  // What stands alone in a group is meant by the group.
  function core(node) {
    const group = node && (node.isInferred || node.isKind("TeXAtom") || node.isKind("mrow"));
    return group && below(node).length === 1 ? core(below(node)[0]) : node;
  }

  function row(node) {
    const inner = core(node);
    return inner.isInferred || inner.isKind("TeXAtom") || inner.isKind("mrow")
      ? below(inner).flatMap((child) => (child.isInferred ? below(child) : [child]))
      : [inner];
  }

  function text(node) {
    const inner = core(node);
    return inner?.isToken ? inner.getText() : "";
  }

  function addClass(node, name) {
    const before = node.attributes.getExplicit("class");
    node.attributes.set("class", before ? `${before} ${name}` : name);
  }

  // --- Color is grammar -----------------------------------------------------------------------

  // The letter of the course that a node is, with primes, indices and hats on it; or "".
  function letter(node) {
    const inner = core(node);
    if (SCRIPTS.has(inner?.kind)) return letter(below(inner)[0]);
    return inner?.isKind("mi") && LETTERS.has(inner.getText()) ? inner.getText() : "";
  }

  const isPartial = (nodes, place) => text(nodes[place]) === "\u2202";
  const isLoss = (nodes, place) => isPartial(nodes, place) && text(nodes[place + 1]) === "L";

  // The gradient that a fraction is: dL above, d and a letter below.
  function gradient(fraction) {
    const [above, under] = below(fraction).map(row);
    return above.length === 2 && isLoss(above, 0) && isPartial(under, 0) ? letter(under[1]) : "";
  }

  function paintRow(nodes) {
    nodes.forEach((node, place) => {
      const name = isPartial(nodes, place + 3) && letter(nodes[place + 4] ?? null);
      if (!name || !isLoss(nodes, place) || text(nodes[place + 2]) !== "/") return;
      nodes.slice(place, place + 5).forEach((part) => {
        addClass(part, `cnn-d${name}`);
        part.setProperty("painted", true);
      });
    });
    nodes.forEach(paint);
  }

  function paint(node) {
    if (node.getProperty?.("painted")) return;
    const name = node.isKind("mfrac") ? gradient(node) : "";
    const own = SCRIPTS.has(node.kind) || node.isKind("mi") ? letter(node) : "";
    if (name) addClass(node, `cnn-d${name}`);
    else if (own) addClass(node, `cnn-${own}`);
    else if (!node.isToken) paintRow(below(node));
  }

  // --- Where a line may end -------------------------------------------------------------------

  const width = (space) => parseFloat(space.attributes.get("width"));

  // The wide space that a node is, or null; MathJax puts some into a frame.
  function wideSpace(node) {
    const inner = core(node.isKind("mstyle") ? below(node)[0] : node);
    return inner?.isKind("mspace") && width(inner) >= WIDE ? inner : null;
  }

  // Do two nodes follow each other as factors do, without a sum or a sign between them?
  function areFactors(before, after) {
    const operator = (node) => core(SCRIPTS.has(core(node).kind) ? below(core(node))[0] : node).isKind("mo");
    const closes = text(before) && CLOSES.includes(text(before));
    const opens = text(after) && OPENS.includes(text(after));
    return (closes || !operator(before)) && (opens || !operator(after));
  }

  // Cut a row into parts: at the marks, and outside of parentheses at wide spaces, which stay
  // between the parts, and before relations.
  function cut(nodes, space) {
    const parts = [[]];
    let depth = 0;
    let seen = false; // something stands in the part
    for (const [place, node] of nodes.entries()) {
      const sign = text(node);
      const wide = depth === 0 && wideSpace(node);
      if (sign === MARK || (seen && (wide || (depth === 0 && RELATIONS.has(sign))))) {
        if (wide) parts.push(wide);
        else if (sign === MARK && areFactors(nodes[place - 1], nodes[place + 1])) parts.push(space());
        parts.push([]);
        seen = false;
        if (wide || sign === MARK) continue;
      }
      if (sign && OPENS.includes(sign)) depth += 1;
      if (sign && CLOSES.includes(sign)) depth -= 1;
      seen ||= Boolean(sign) || (!node.isToken && below(node).length > 0);
      parts.at(-1).push(node);
    }
    return parts;
  }

  function flow(node, factory) {
    const nodes = below(node);
    if (core(node).isKind("mstyle")) return flow(below(core(node))[0], factory);
    const space = () => factory.create("node", "mspace", [], { width: "0.278em" });
    const parts = cut(nodes, space).filter((part) => !Array.isArray(part) || part.length);
    if (parts.length < 2) return node.setChildren(parts.flat());
    addClass(node.parent, "math-flow");
    node.setChildren(
      parts.map((part) => {
        if (Array.isArray(part)) return factory.create("node", "mrow", part, { class: "math-part" });
        addClass(part, width(part) < 1 ? "math-gap" : "math-gap wide");
        return part;
      }),
    );
  }

  // The rows of a formula: itself, or the cells of the table that it is.
  function rowsOf(node) {
    const inner = core(node);
    if (inner.isKind("mstyle")) return rowsOf(below(inner)[0]);
    return inner.isKind("mtable") ? below(inner).flatMap(below).flatMap(below) : [node];
  }

  function finish({ math, data }) {
    paintRow(below(data.root));
    const step = math.start.node?.parentNode?.closest?.("table.derivation td:first-child");
    if (!math.display && !step) return;
    rowsOf(below(data.root)[0]).forEach((cell) => flow(cell, data.nodeFactory));
  }

  window.MathJax = {
    tex: { packages: { "[+]": ["ams", "html"] } },
    options: { processHtmlClass: "tex2jax_process|mathjax_process|math|output_area" },
    // The size is that of the text, by the style sheet: nothing has to be measured for it.
    chtml: { matchFontHeight: false, fontURL: new URL("mathjax/fonts", here).href },
    startup: {
      ready() {
        MathJax.startup.defaultReady();
        const [tex] = MathJax.startup.document.inputJax;
        tex.preFilters.add(prepare);
        tex.postFilters.add(finish);
      },
    },
  };
}
