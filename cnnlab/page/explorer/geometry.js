// The geometry explorer of cnnlab.page.explorer. It counts and draws by itself, since its numbers are
// the reader's; tests compare it with cnnlab.shapes and cnnlab.reference, and with windows.py.
if (customElements.get("cnnlab-geometry")) return; // another output of the page brought it

// Units of the picture, as in windows.py.
const [CELL, HEAD, TITLED, LABEL, MARGIN, GAP, SHADES] = [44, 52, 172, 30, 4, 48, 4];
const ROOMS = { wide: [786, 320], narrow: [354, 300] };
// Below this width of the figure, the picture has the narrow room.
const NARROW = 600;

// JupyterLab leaves the keys of an element alone that has this; elsewhere "d, d" deletes a cell.
const OURS = "data-lm-suppress-shortcuts";

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
  const added = (terms) => terms.map((term) => [["", "+ "], ...term]);
  if (plane === "Z") {
    const terms = axes[0].below(row).flatMap(([u, p]) =>
      axes[1].below(column).map(([v, q]) => [["w", `w[${u},${v}]`], ["", "·"], ["X", `X[${p},${q}]`]]));
    return [[["Z", `Z[${row},${column}]`], ["", " ="]], [["b", "b"]], ...(terms.length ? added(terms) : [[["", "(all on padding)"]]])];
  }
  const [first, ...rest] = readersOf(layer, row, column).map(([i, j, u, v]) => [["dZ", `dZ[${i},${j}]`], ["", "·"], ["w", `w[${u},${v}]`]]);
  const name = [["dX", `dX[${row},${column}]`], ["", " ="]];
  return first ? [name, first, ...added(rest)] : [name, [["", "0"]], [["", "(no window reads it)"]]];
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
  `x="${CELL * column}" y="${HEAD + CELL * row}" width="${CELL * columns}" height="${CELL * rows}"`;
const drawNumber = (count, row, column, shade) =>
  `<g class="cx-cell"><rect ${box(row, column)}/><rect ${box(row, column)} class="${shade}"/>` +
  `<text x="${CELL * column + CELL / 2}" y="${HEAD + CELL * row + 29}">${count}</text></g>`;
const drawPixel = (count, row, column) => {
  if (count) return drawNumber(count, row, column, `cx-read${Math.min(count, SHADES)}`);
  const [x, y, side] = [CELL * column + 14, HEAD + CELL * row + 14, CELL - 28];
  const cross = `M${x} ${y}l${side} ${side}m0 ${-side}l${-side} ${side}`;
  return `<g class="cx-cell"><rect ${box(row, column)}/><path class="cx-never" d="${cross}"/></g>`;
};
const drawAbsent = (row, column) => {
  const [x, y] = [CELL * column + 6, HEAD + CELL * row + 6];
  return `<g class="cx-cell"><rect x="${x}" y="${y}" width="${CELL - 12}" height="${CELL - 12}" class="cx-absent"/></g>`;
};
const drawPlane = (letter, title, lines, first, [left, top], over) => {
  const rows = lines.map((_, r) => `<text class="cx-tag" x="-7" y="${HEAD + CELL * r + 27}">${number(first[0] + r)}</text>`);
  const columns = lines[0].map((_, s) => `<text class="cx-lone" x="${CELL * s + 22}" y="${HEAD - 7}">${number(first[1] + s)}</text>`);
  return (
    `<g class="cx-plane cx-pick cx-of-${letter}" transform="translate(${left + LABEL} ${top})">` +
    `<text class="cx-title" y="19">${letter}<tspan class="cx-more" dx="8">${title}</tspan></text>` +
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
  let over = `<rect ${box(rows.before, columns.before, rows.size, columns.size)} class="cx-frame"/>`;
  if (plane === "Z") {
    const [top, left] = [row * rows.stride, column * columns.stride];
    const dots = range(rows.window).flatMap((u) =>
      range(columns.window).map(
        (v) => `<circle cx="${CELL * (left + v * columns.dilation) + 10}" cy="${HEAD + CELL * (top + u * rows.dilation) + 10}" r="6"/>`,
      ),
    );
    over += `<g class="cx-window cx-of-w"><rect ${box(top, left, rows.span, columns.span)}/>${dots.join("")}</g>`;
  } else over += `<rect ${box(row + rows.before, column + columns.before)} class="cx-chosen"/>`;
  return drawPlane("X", "windows per pixel", lines, [-rows.before, -columns.before], [MARGIN, MARGIN], over);
};
const drawMaps = (layer, { plane, row, column }, place) => {
  const [rows, columns] = layer.axes;
  const lines = range(rows.count).map((i) =>
    range(columns.count).map((j) => drawNumber(rows.below(i).length * columns.below(j).length, i, j, "cx-map")),
  );
  const readers = plane === "X" ? readersOf(layer, row, column) : [];
  const frame = `<rect ${box(0, 0, rows.count, columns.count)} class="cx-frame"/>`;
  const over = plane === "Z" ? `<rect ${box(row, column)} class="cx-chosen"/>` : "";
  return drawPlane("Z", "pixels per window", lines, [0, 0], place, frame + over + readers.map(([i, j]) => `<rect ${box(i, j)} class="cx-reader"/>`).join(""));
};
// Lines between the window and its entry, or the pixel and its readers.
const drawLinks = (layer, { plane, row, column }, place) => {
  const [rows, columns] = layer.axes;
  const half = (length) => Math.floor(length / 2);
  const [start, ends] =
    plane === "Z"
      ? [[column * columns.stride, row * rows.stride, columns.span, rows.span], [[row, column]]]
      : [[column + columns.before, row + rows.before, 1, 1], readersOf(layer, row, column)];
  const [left, top, wide, tall] = start.map((length) => CELL * length);
  const beside = place[1] === MARGIN;
  const x = MARGIN + LABEL + left + (beside ? wide : half(wide));
  const y = MARGIN + HEAD + top + (beside ? half(tall) : tall);
  const drawn = ends.map(([i, j]) => {
    const to = place[0] + LABEL + CELL * j + (beside ? 0 : CELL / 2);
    const down = place[1] + HEAD + CELL * i + (beside ? CELL / 2 : 0);
    const [middle, across] = [half(x + to), half(y + down)];
    const bend = beside ? `${middle} ${y} ${middle} ${down}` : `${x} ${across} ${to} ${across}`;
    return `<path d="M${x} ${y}C${bend} ${to} ${down}"/><circle cx="${to}" cy="${down}" r="4"/>`;
  });
  return `<g class="cx-link">${drawn.join("")}</g>`;
};
// The window as a box, if one is chosen.
const windowOf = ({ axes: [rows, columns] }, { plane, row, column }) =>
  plane === "X" ? [] : [{
    left: MARGIN + LABEL + CELL * column * columns.stride,
    top: MARGIN + HEAD + CELL * row * rows.stride,
    width: CELL * columns.span,
    height: CELL * rows.span,
  }];
const draw = (layer, state, room) => {
  const [tall, wide] = layer.axes.map(({ size, before, after }) => size + before + after);
  const image = [LABEL + Math.max(CELL * wide, TITLED), HEAD + CELL * tall];
  let [size, drawn] = [image, drawImage(layer, state)];
  if (layer.fits) {
    const maps = [LABEL + Math.max(CELL * layer.axes[1].count, TITLED), HEAD + CELL * layer.axes[0].count];
    // Beside each other or one below the other: as the room shrinks them less.
    const beside = [image[0] + GAP + maps[0], Math.max(image[1], maps[1])];
    const below = [Math.max(image[0], maps[0]), image[1] + maps[1] + MARGIN];
    const shown = (size) => Math.min(ROOMS[room][0] / size[0], ROOMS[room][1] / size[1]);
    const aside = shown(beside) >= shown(below);
    const place = aside ? [MARGIN + image[0] + GAP, MARGIN] : [MARGIN, 2 * MARGIN + image[1]];
    size = aside ? beside : below;
    drawn += drawMaps(layer, state, place) + drawLinks(layer, state, place);
  }
  const [width, height] = size.map((length) => length + 2 * MARGIN);
  const picture = `<svg class="cx-picture" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${drawn}</svg>`;
  return board(picture, [width, height], windowOf(layer, state));
};

// --- The element.

// What can be changed: for each number of a set its label, its name and its place in a pair.
const both = (name) => [["rows", name, 0, `${name}, rows`], ["columns", name, 1, `${name}, columns`]];
const SETS = {
  image: both("image"),
  pattern: both("pattern"),
  stride: both("stride"),
  dilation: both("dilation"),
  padding: [["top", "before", 0], ["bottom", "after", 0], ["left", "before", 1], ["right", "after", 1]],
  groups: ["depth", "patterns", "groups"].map((name) => [name, name, "", name]),
};
const NAMES = ["numbers", "valid", "same", "full"];

const controlsOf = (limits) => {
  const slider = ([label, name, place, spoken = `padding ${label}`]) => {
    const [least, largest] = limits[name] ?? limits.padding;
    return (
      `<label><i aria-hidden="true">${label}</i><input type="range" name="${name}" data-place="${place}" min="${least}" ` +
      `max="${largest}" aria-label="${spoken}" ${OURS}=""><output aria-hidden="true"></output></label>`
    );
  };
  const sets = Object.entries(SETS).map(([name, sliders]) => `<div class="cx-set" data-set="${name}">${sliders.map(slider).join("")}</div>`);
  const options = (names) => names.map((name) => `<option value="${name}">${name}</option>`).join("");
  return (
    `<form class="cx-controls"><div class="cx-which"><select name="set" aria-label="change" ${OURS}="">${options(Object.keys(SETS))}</select>` +
    `<select name="name" aria-label="padding" ${OURS}="">${options(NAMES)}</select></div><div class="cx-sets">${sets.join("")}</div></form>`
  );
};

class Geometry extends HTMLElement {
  connectedCallback() {
    // While a page is being read, an element that is known already connects before its content.
    if (document.readyState !== "loading" || this.nextSibling) this.start();
    else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
  }

  start() {
    if (this.numbers) return; // moved within the page
    const { numbers, limits, state, how, hint } = JSON.parse(this.dataset.values);
    [this.numbers, this.limits] = [numbers, limits];
    const [plane, row, column] = state;
    this.state = { plane, row, column };
    const root = document.createElement("div");
    root.innerHTML =
      `<div class="cx-stage"></div>` +
      // The ear gets words instead of signs.
      `<p class="cx-sum cx-now" aria-hidden="true"></p>${controlsOf(limits)}<div class="cx-lines"></div>` +
      `<p class="cx-how">${how} <span class="cx-hint">${hint}</span></p><p class="cx-said" aria-live="polite"></p>`;
    this.find = (name) => root.querySelector(`.cx-${name}`);
    this.announce = announcer(this.find("said"));
    this.set = "stride";
    this.listen(this.find("controls"), this.find("stage"));
    this.replaceChildren(this.querySelector("style"), root);
    this.narrow = this.clientWidth < NARROW;
    this.show();
    new ResizeObserver(() => {
      const narrow = this.clientWidth < NARROW;
      if (narrow === this.narrow || !this.clientWidth) return;
      this.narrow = narrow;
      this.show();
    }).observe(this);
  }

  listen(controls, stage) {
    controls.addEventListener("input", (event) => this.change(event.target));
    // Enter in a form without a button would send it.
    controls.addEventListener("submit", (event) => event.preventDefault());
    stage.addEventListener("keydown", (event) => this.press(event));
    stage.addEventListener("pointerdown", (event) => this.grasp(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerleave", () => this.preview(null));
    // What does not slide chooses where it was, within the window too.
    stage.addEventListener("click", (event) => (this.grip && !this.grip.resting) || this.take(this.under(event)));
    // The entry keeps the focus, wherever in the picture the pointer goes down.
    stage.addEventListener("mousedown", (event) => event.preventDefault());
  }

  change({ name, value, dataset }) {
    if (name === "set") {
      this.set = value;
      return this.show();
    }
    if (name === "name") {
      // Numbers begin with what the name meant.
      const most = (value) => Math.min(value, this.limits.padding[1]);
      this.numbers.before = this.layer.axes.map(({ before }) => most(before));
      this.numbers.after = this.layer.axes.map(({ after }) => most(after));
      this.numbers.name = value;
    } else if (dataset.place) this.numbers[name][dataset.place] = Number(value);
    else this.numbers[name] = Number(value);
    this.show();
    this.announce(() => linesOf(this.layer).join(" "));
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
    this.announce(() => say(this.layer, this.state));
  }

  show() {
    this.layer = layerOf(this.numbers);
    const { layer, state } = this;
    if (!layer.fits) state.plane = "X";
    const [rows, columns] = this.extent(state.plane);
    [state.row, state.column] = [clamp(state.row, rows), clamp(state.column, columns)];
    const stage = this.find("stage");
    const focused = stage.contains(document.activeElement);
    stage.innerHTML = draw(layer, state, this.narrow ? "narrow" : "wide");
    this.describe();
    if (focused) this.focusChosen();
    this.find("now").innerHTML = spans(spell(layer, state));
    this.find("lines").innerHTML = linesOf(layer).map((line) => `<p>${line}</p>`).join("");
    const controls = this.find("controls");
    controls.elements.set.value = this.set;
    controls.elements.name.value = this.numbers.name;
    controls.elements.name.hidden = this.set !== "padding";
    for (const set of controls.querySelectorAll(".cx-set")) set.hidden = set.dataset.set !== this.set;
    for (const input of controls.querySelectorAll("input")) {
      const { name, dataset } = input;
      const padding = name === "before" || name === "after";
      const value = padding ? layer.axes[dataset.place][name] : dataset.place ? this.numbers[name][dataset.place] : this.numbers[name];
      input.disabled = padding && this.numbers.name !== "numbers";
      input.value = value;
      input.nextElementSibling.value = value;
    }
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
    const to = keyTarget(event, [row, column], this.extent(plane));
    if (!to) return;
    event.preventDefault();
    this.choose(plane, ...to);
  }

  // The entry under a pointer: its plane, and its row and column, padding counted.
  under({ clientX, clientY }) {
    for (const group of this.find("picture").querySelectorAll("[data-plane]")) {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(group.getScreenCTM().inverse());
      const [row, column] = [Math.floor((y - HEAD) / CELL), Math.floor(x / CELL)];
      const lines = [...group.querySelectorAll(".cx-row")];
      if (lines[row]?.children[column]) return { plane: group.dataset.plane, row, column };
    }
    return null;
  }

  // What is chosen by an entry under a pointer.
  aim({ plane, row, column }) {
    const [top, left] = plane === "X" ? this.layer.axes.map(({ before }) => before) : [0, 0];
    const [rows, columns] = this.extent(plane);
    return { plane, row: clamp(row - top, rows), column: clamp(column - left, columns) };
  }

  take(at) {
    if (!at) return;
    const { plane, row, column } = this.aim(at);
    this.choose(plane, row, column);
    this.focusChosen();
  }

  // A mouse goes down anywhere, a finger on the window: beside it a finger scrolls the page.
  grasp(event) {
    const at = this.under(event);
    const frame = event.target.closest(".cx-handle");
    this.grip = null;
    if (!at || (event.pointerType === "touch" && !frame)) return;
    this.preview(null);
    const { row, column } = this.state;
    const [rows, columns] = this.layer.axes;
    // The window stays under the finger where it was taken.
    const taken = frame && [at.row - row * rows.stride, at.column - column * columns.stride];
    this.grip = { plane: at.plane, taken, resting: Boolean(taken) };
    if (!frame) this.take(at);
    // The entry under the finger is about to be drawn anew; the stage stays.
    this.find("stage").setPointerCapture(event.pointerId);
    this.focusChosen();
  }

  // Sliding on, a finger chooses in the same plane, or moves the window.
  move(event) {
    const at = this.under(event);
    if (!event.buttons) return this.preview(at);
    if (!this.grip || at?.plane !== this.grip.plane) return;
    const { taken } = this.grip;
    if (!taken) return this.take(at);
    this.grip.resting = false;
    const [row, column] = this.layer.axes.map(({ stride }, n) => Math.round(([at.row, at.column][n] - taken[n]) / stride));
    this.choose("Z", row, column);
  }

  // What would be framed if the entry under the pointer were chosen.
  preview(at) {
    const picture = this.find("picture");
    picture.querySelectorAll(".cx-ghost").forEach((ghost) => ghost.remove());
    if (!at) return;
    const { plane, row, column } = this.aim(at);
    const { plane: now, row: there, column: here } = this.state;
    if (plane === now && row === there && column === here) return;
    const [rows, columns] = this.layer.axes;
    const frames =
      plane === "Z"
        ? [["Z", "Z", row, column], ["X", "w", row * rows.stride, column * columns.stride, rows.span, columns.span]]
        : [["X", "X", row + rows.before, column + columns.before], ...readersOf(this.layer, row, column).map(([i, j]) => ["Z", "Z", i, j])];
    for (const [name, letter, ...frame] of frames) {
      picture.querySelector(`[data-plane="${name}"]`).insertAdjacentHTML("beforeend", `<rect class="cx-ghost cx-of-${letter}" ${box(...frame)}/>`);
    }
  }
}

customElements.define("cnnlab-geometry", Geometry);
