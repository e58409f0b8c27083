// The geometry explorer of cnnlab.page.explorer. It counts and draws by itself, since its numbers are
// the reader's; tests compare it with cnnlab.shapes and cnnlab.reference, and with windows.py.
(() => {
  "use strict";
  if (customElements.get("cnnlab-geometry")) return; // another output of the page brought it

  // Units of the picture, as in windows.py.
  const [CELL, TITLE, LABEL, MARGIN, GAP] = [30, 20, 24, 3, 14];
  const [LEAST_COLUMNS, ZOOM, SHADES] = [8, 1.4, 4];

  // JupyterLab leaves the keys of an element alone that has this; elsewhere "d, d" deletes a cell.
  const OURS = "data-lm-suppress-shortcuts";

  const range = (count) => Array.from({ length: count }, (_, n) => n);
  const clamp = (value, count) => Math.max(0, Math.min(value, count - 1));
  const number = (value) => String(value).replace("-", "−");
  const spans = (pieces) => pieces.map((piece) => `<span>${piece}</span>`).join(" ");

  // --- The layer. Rows or columns: their numbers, how many windows fit, who reads each pixel.

  const axisOf = (numbers, n) => {
    const [size, window, stride, dilation] = ["image", "pattern", "stride", "dilation"].map((name) => numbers[name][n]);
    const span = (window - 1) * dilation + 1;
    const same = Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
    const half = Math.floor(same / 2);
    const named = { valid: [0, 0], same: [half, same - half], full: [span - 1, span - 1] }[numbers.name];
    const [before, after] = named ?? [numbers.before[n], numbers.after[n]];
    const room = size + before + after - span;
    const [count, rest] = room >= 0 ? [Math.floor(room / stride) + 1, room % stride] : [0, 0];
    const on = (i, u) => i * stride + u * dilation - before;
    const pairs = range(count).flatMap((i) => range(window).map((u) => [i, u]));
    const readers = range(size).map((p) => pairs.filter(([i, u]) => on(i, u) === p));
    const below = (i) => range(window).map((u) => [u, on(i, u)]).filter(([, p]) => p >= 0 && p < size);
    return { size, window, stride, dilation, span, before, after, count, rest, readers, below };
  };
  const layerOf = (numbers) => {
    const axes = [axisOf(numbers, 0), axisOf(numbers, 1)];
    const reads = axes[0].readers.map((row) => axes[1].readers.map((column) => row.length * column.length));
    return { numbers, axes, reads, fits: axes.every(({ count }) => count > 0) };
  };
  const readersOf = ({ axes }, p, q) => axes[0].readers[p].flatMap(([i, u]) => axes[1].readers[q].map(([j, v]) => [i, j, u, v]));

  // --- Words.

  const spell = (layer, { plane, row, column }) => {
    const { axes } = layer;
    if (plane === "Z") {
      const terms = axes[0].below(row).flatMap(([u, p]) => axes[1].below(column).map(([v, q]) => `+ w[${u},${v}]·X[${p},${q}]`));
      return [`Z[${row},${column}] =`, "b", ...(terms.length ? terms : ["(all on padding)"])];
    }
    const [first, ...rest] = readersOf(layer, row, column).map(([i, j, u, v]) => `dZ[${i},${j}]·w[${u},${v}]`);
    const name = `dX[${row},${column}] =`;
    return first ? [name, first, ...rest.map((term) => `+ ${term}`)] : [name, "0", "(no window reads it)"];
  };
  const sizeLine = ({ size, window, stride, dilation, span, before, after, count, rest }, letter, things) => {
    if (!count) return `${letter}' : the pattern spans ${span} ${things}, the padded image has ${size + before + after}; it does not fit.`;
    return `${letter}' = ⌊(${size} + ${before} + ${after} − ${window - 1}·${dilation} − 1) / ${stride}⌋ + 1 = ${count}, rest ${rest}`;
  };
  const unreadLine = ({ reads }) => {
    const counts = reads.flat();
    return `Never read: ${counts.filter((count) => !count).length} of ${counts.length} pixels.`;
  };
  const shapesLine = ({ numbers, axes, fits }) => {
    const { depth: D, patterns: P, groups: G } = numbers;
    if (D % G || P % G) return `${G} groups do not divide D = ${D} and P = ${P}`;
    const result = fits ? `, Z (${P}, ${axes[0].count}, ${axes[1].count})` : "";
    return `X (${D}, ${numbers.image.join(", ")}), w (${P}, ${D / G}, ${numbers.pattern.join(", ")})${result}`;
  };
  const groupsLine = ({ numbers }) => {
    const { depth: D, patterns: P, groups: G } = numbers;
    if (D % G || P % G) return "Each group needs as many depths, and as many patterns, as the others.";
    if (G === 1) return "Every pattern sees all depths.";
    const parts = (count, g) => {
      const [first, last] = [(count / G) * g, (count / G) * (g + 1) - 1];
      return first === last ? `${first}` : `${first} to ${last}`;
    };
    return `Patterns k see depths c: ${range(G).map((g) => `k = ${parts(P, g)}: c = ${parts(D, g)}`).join("; ")}.`;
  };
  const linesOf = (layer) => [
    sizeLine(layer.axes[0], "M", "rows"),
    sizeLine(layer.axes[1], "N", "columns"),
    unreadLine(layer),
    `${shapesLine(layer)}.`,
    groupsLine(layer),
  ];

  // The chosen entry for the ear.
  const say = (layer, { plane, row, column }) => {
    const where = (r, s) => `row ${number(r)}, column ${number(s)}`;
    if (plane === "Z") {
      const [rows, columns] = [layer.axes[0].below(row), layer.axes[1].below(column)];
      const pixels = rows.flatMap(([, p]) => columns.map(([, q]) => where(p, q)));
      return `Z, ${where(row, column)}: ${pixels.length ? `its window reads ${pixels.join("; ")}` : "its window lies on padding"}.`;
    }
    const found = readersOf(layer, row, column).map(([i, j, u, v]) => `${where(i, j)}, with its weight ${u}, ${v}`);
    return `X, ${where(row, column)}: ${found.length ? `read by the windows ${found.join("; ")}` : "no window reads it"}.`;
  };

  // --- Drawing, as in windows.py.

  const box = (row, column, rows = 1, columns = 1) =>
    `x="${CELL * column}" y="${TITLE + CELL * row}" width="${CELL * columns}" height="${CELL * rows}"`;
  const drawNumber = (count, row, column, shade) =>
    `<g class="cx-cell"><rect ${box(row, column)}/><rect ${box(row, column)} class="${shade}"/>` +
    `<text x="${CELL * column + CELL / 2}" y="${TITLE + CELL * row + 20}">${count}</text></g>`;
  const drawPixel = (count, row, column) => {
    if (count) return drawNumber(count, row, column, `cx-read${Math.min(count, SHADES)}`);
    const [x, y, side] = [CELL * column + 9, TITLE + CELL * row + 9, CELL - 18];
    const cross = `M${x} ${y}l${side} ${side}m0 ${-side}l${-side} ${side}`;
    return `<g class="cx-cell"><rect ${box(row, column)}/><path class="cx-never" d="${cross}"/></g>`;
  };
  const drawAbsent = (row, column) => {
    const [x, y] = [CELL * column + 4, TITLE + CELL * row + 4];
    return `<g class="cx-cell"><rect x="${x}" y="${y}" width="${CELL - 8}" height="${CELL - 8}" class="cx-absent"/></g>`;
  };
  const drawPlane = (title, lines, first, top, over) => {
    const rows = lines.map((_, r) => `<text class="cx-tag" x="-5" y="${TITLE + CELL * r + 19}">${number(first[0] + r)}</text>`);
    const columns = lines[0].map((_, s) => `<text class="cx-lone" x="${CELL * s + 15}" y="${TITLE - 4}">${number(first[1] + s)}</text>`);
    return (
      `<g class="cx-plane cx-pick" transform="translate(${LABEL} ${top})"><text class="cx-title" y="0">${title}</text>` +
      `${[...rows, ...columns].join("")}${lines.map((cells) => `<g class="cx-row">${cells.join("")}</g>`).join("")}${over}</g>`
    );
  };
  const drawImage = ({ axes: [rows, columns], reads }, { plane, row, column }) => {
    const inside = (p, { size }) => p >= 0 && p < size;
    const lines = range(rows.size + rows.before + rows.after).map((r) =>
      range(columns.size + columns.before + columns.after).map((s) => {
        const [p, q] = [r - rows.before, s - columns.before];
        return inside(p, rows) && inside(q, columns) ? drawPixel(reads[p][q], r, s) : drawAbsent(r, s);
      }),
    );
    let over = `<rect ${box(row + rows.before, column + columns.before)} class="cx-chosen"/>`;
    if (plane === "Z") {
      const [top, left] = [row * rows.stride, column * columns.stride];
      const dots = range(rows.window).flatMap((u) =>
        range(columns.window).map(
          (v) => `<circle cx="${CELL * (left + v * columns.dilation) + 7}" cy="${TITLE + CELL * (top + u * rows.dilation) + 7}" r="4"/>`,
        ),
      );
      over = `<g class="cx-window"><rect ${box(top, left, rows.span, columns.span)}/>${dots.join("")}</g>`;
    }
    return drawPlane("X: windows that read each pixel", lines, [-rows.before, -columns.before], MARGIN + GAP, over);
  };
  const drawMaps = (layer, { plane, row, column }, top) => {
    const [rows, columns] = layer.axes;
    const lines = range(rows.count).map((i) =>
      range(columns.count).map((j) => drawNumber(rows.below(i).length * columns.below(j).length, i, j, "cx-map")),
    );
    const readers = plane === "X" ? readersOf(layer, row, column) : [];
    const over = plane === "Z" ? `<rect ${box(row, column)} class="cx-chosen"/>` : "";
    return drawPlane("Z: pixels that each window reads", lines, [0, 0], top, over + readers.map(([i, j]) => `<rect ${box(i, j)} class="cx-reader"/>`).join(""));
  };
  const draw = (layer, state) => {
    const [tall, wide] = layer.axes.map(({ size, before, after }) => size + before + after);
    let height = MARGIN + GAP + TITLE + CELL * tall;
    let drawn = drawImage(layer, state);
    if (layer.fits) {
      drawn += drawMaps(layer, state, height + GAP);
      height += 2 * GAP + TITLE + CELL * layer.axes[0].count;
    }
    const width = LABEL + CELL * Math.max(wide, layer.axes[1].count, LEAST_COLUMNS) + MARGIN;
    height += MARGIN;
    return `<svg class="cx-picture" viewBox="0 0 ${width} ${height}" width="${Math.round(ZOOM * width)}" height="${Math.round(ZOOM * height)}">${drawn}</svg>`;
  };

  // --- The element.

  // Label, and for rows and columns the name of the number and its place in a pair.
  const SLIDERS = [
    ["image", ["image", 0], ["image", 1]],
    ["pattern", ["pattern", 0], ["pattern", 1]],
    ["stride", ["stride", 0], ["stride", 1]],
    ["dilation", ["dilation", 0], ["dilation", 1]],
    ["top, left", ["before", 0], ["before", 1]],
    ["bottom, right", ["after", 0], ["after", 1]],
  ];
  const SPOKEN = { before: ["padding top", "padding left"], after: ["padding bottom", "padding right"] };
  const NAMES = ["numbers", "valid", "same", "full"];

  class Geometry extends HTMLElement {
    connectedCallback() {
      // While a page is being read, an element that is known already connects before its content.
      if (document.readyState !== "loading") this.start();
      else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    }

    start() {
      if (this.numbers) return; // moved within the page
      const { numbers, limits, state, how, hint } = JSON.parse(this.dataset.values);
      [this.numbers, this.limits] = [numbers, limits];
      const [plane, row, column] = state;
      this.state = { plane, row, column };
      const slider = (name, place, spoken) => {
        const [least, largest] = limits[name] ?? limits.padding;
        return (
          `<label><input type="range" name="${name}" data-place="${place}" min="${least}" max="${largest}" ` +
          `aria-label="${spoken}" ${OURS}=""><output aria-hidden="true"></output></label>`
        );
      };
      const lines = SLIDERS.map(([label, ...both]) => {
        const spoken = (name, n) => SPOKEN[name]?.[n] ?? `${name}, ${["rows", "columns"][n]}`;
        return `<i>${label}</i>${both.map(([name, n]) => slider(name, n, spoken(name, n))).join("")}`;
      });
      const single = ["depth", "patterns", "groups"].map((name) => `<div>${name}${slider(name, "", name)}</div>`);
      const named = NAMES.map(
        (value) =>
          `<label><input type="radio" name="name" value="${value}" aria-label="padding ${value}" ${OURS}=""><span>${value}</span></label>`,
      );
      const root = document.createElement("div");
      root.innerHTML =
        `<form class="cx-controls"><div class="cx-numbers"><i></i><b>rows</b><b>columns</b>${lines.join("")}</div>` +
        `<fieldset><legend>padding:</legend>${named.join("")}</fieldset><div class="cx-numbers cx-depths">${single.join("")}</div></form>` +
        `<p class="cx-how">${how} <span class="cx-hint">${hint}</span></p><div class="cx-stage"></div>` +
        // The ear gets words instead of signs.
        `<p class="cx-sum cx-now" aria-hidden="true"></p><div class="cx-sum cx-lines"></div><p class="cx-said" aria-live="polite"></p>`;
      this.find = (name) => root.querySelector(`.cx-${name}`);
      const [controls, stage] = [this.find("controls"), this.find("stage")];
      controls.addEventListener("input", (event) => this.change(event.target));
      // Enter in a form without a button would send it.
      controls.addEventListener("submit", (event) => event.preventDefault());
      stage.addEventListener("keydown", (event) => this.press(event));
      stage.addEventListener("pointerdown", (event) => this.point(event, true));
      stage.addEventListener("pointermove", (event) => event.buttons && this.point(event, false));
      // The entry keeps the focus, wherever in the picture the pointer goes down.
      stage.addEventListener("mousedown", (event) => event.preventDefault());
      this.show();
      this.replaceChildren(this.querySelector("style"), root);
    }

    change({ name, value, dataset }) {
      if (name === "name") {
        // Numbers begin with what the name meant.
        const most = (value) => Math.min(value, this.limits.padding[1]);
        this.numbers.before = this.layer.axes.map(({ before }) => most(before));
        this.numbers.after = this.layer.axes.map(({ after }) => most(after));
        this.numbers.name = value;
      } else if (dataset.place) this.numbers[name][dataset.place] = Number(value);
      else this.numbers[name] = Number(value);
      this.show();
      this.speak(() => linesOf(this.layer).join(" "));
    }

    // How many rows and columns of a plane can be chosen.
    extent(plane) {
      return this.layer.axes.map(({ size, count }) => (plane === "X" ? size : count));
    }

    choose(plane, row, column) {
      const [rows, columns] = this.extent(plane);
      const next = { plane, row: clamp(row, rows), column: clamp(column, columns) };
      if (JSON.stringify(next) === JSON.stringify(this.state)) return;
      this.state = next;
      this.show();
      this.speak(() => say(this.layer, this.state));
    }

    show() {
      this.layer = layerOf(this.numbers);
      const { layer, state } = this;
      if (!layer.fits) state.plane = "X";
      const [rows, columns] = this.extent(state.plane);
      [state.row, state.column] = [clamp(state.row, rows), clamp(state.column, columns)];
      const stage = this.find("stage");
      const focused = stage.contains(document.activeElement);
      stage.innerHTML = draw(layer, state);
      this.describe();
      if (focused) this.focusChosen();
      this.find("now").innerHTML = spans(spell(layer, state));
      this.find("lines").innerHTML = linesOf(layer).map((line) => `<p>${line}</p>`).join("");
      const named = this.numbers.name !== "numbers";
      for (const input of this.find("controls").querySelectorAll("input")) {
        const { name, type, dataset } = input;
        if (type === "radio") input.checked = input.value === this.numbers.name;
        else {
          const padding = name === "before" || name === "after";
          const value = padding ? layer.axes[dataset.place][name] : dataset.place ? this.numbers[name][dataset.place] : this.numbers[name];
          input.disabled = padding && named;
          input.value = value;
          input.nextElementSibling.value = value;
        }
      }
    }

    // Not every place that a sliding finger passes is spoken.
    speak(words) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.find("said").textContent = words()), 400);
    }

    focusChosen() {
      this.find("stage").querySelector(`[data-plane="${this.state.plane}"] [tabindex="0"]`).focus({ preventScroll: true });
    }

    // Roles and names, for those who do not see the picture; one entry of each grid can be reached.
    describe() {
      const label = (element, more) => Object.entries(more).forEach(([key, value]) => element.setAttribute(key, value));
      const { plane, row, column } = this.state;
      label(this.find("picture"), { role: "group", "aria-label": "Windows" });
      [...this.find("picture").querySelectorAll(".cx-plane")].forEach((group, n) => {
        const name = "XZ"[n];
        const [rows, columns] = n ? [{ before: 0 }, { before: 0 }] : this.layer.axes;
        const extent = this.extent(name);
        const words = n ? "positions: how many pixels each window reads" : "image: how many windows read each pixel";
        label(group, { role: "grid", "aria-label": `${name}, ${words}; choose an entry`, "data-plane": name });
        [...group.querySelectorAll(".cx-row")].forEach((line, r) => {
          line.setAttribute("role", "row");
          [...line.children].forEach((cell, s) => {
            const [p, q] = [r - rows.before, s - columns.before];
            const here = name === plane ? p === row && q === column : p === 0 && q === 0;
            const padding = p < 0 || q < 0 || p >= extent[0] || q >= extent[1];
            const value = padding ? "padding" : (cell.querySelector("text")?.textContent ?? "never read");
            label(cell, { role: "gridcell", "aria-label": `row ${number(p)}, column ${number(q)}: ${value}`, tabindex: here ? 0 : -1, "aria-selected": here && name === plane, [OURS]: "" });
          });
        });
      });
    }

    press(event) {
      const { plane } = event.target.closest("[data-plane]").dataset;
      const { row, column } = plane === this.state.plane ? this.state : { row: 0, column: 0 };
      const [rows, columns] = this.extent(plane);
      const all = event.ctrlKey || event.metaKey;
      const to = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [all ? 0 : row, 0],
        End: [all ? rows - 1 : row, columns - 1],
        Enter: [row, column],
        " ": [row, column],
      }[event.key];
      if (!to || event.altKey) return;
      event.preventDefault();
      this.choose(plane, ...to);
    }

    // A finger on an entry chooses it; sliding on, it chooses in the same plane.
    point(event, down) {
      const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cx-cell");
      if (!this.contains(cell)) return;
      const { plane } = cell.closest("[data-plane]").dataset;
      if (down) {
        this.grip = plane;
        // The entry under the finger is about to be drawn anew; the stage stays.
        this.find("stage").setPointerCapture(event.pointerId);
      }
      if (plane !== this.grip) return;
      const lines = [...cell.closest("[data-plane]").querySelectorAll(".cx-row")];
      const [r, s] = [lines.indexOf(cell.parentNode), [...cell.parentNode.children].indexOf(cell)];
      const [top, left] = plane === "X" ? this.layer.axes.map(({ before }) => before) : [0, 0];
      this.choose(plane, r - top, s - left);
      if (down) this.focusChosen();
    }
  }

  customElements.define("cnnlab-geometry", Geometry);
})();
