// The interactive figures of cnnlab.page.explorer that show sums. The `subject` (convolution.js,
// pooling.js) says what is shown: its `tag`, the `choices` beside the modes, which of them a mode
// has `settled`, which modes look at the `same` entry, the `extent` of the plane in which an entry
// is chosen, the `planes`, and the sum for the eye (`spell`) and for the ear (`say`).
if (customElements.get(subject.tag)) return; // another output of the page brought it

// JupyterLab leaves the keys of an element alone that has this; elsewhere "d, d" deletes a cell.
const OURS = "data-lm-suppress-shortcuts";
// Below this width of the figure, planes stand one below the other.
const NARROW = 600;

const controlsOf = ({ modes }, choices) => {
  const options = Object.entries(modes).map(([mode, { name }]) => `<option value="${mode}">${name}</option>`);
  const radio = (name, value, label) =>
    `<label><input type="radio" name="${name}" value="${value}" aria-label="${label}" ${OURS}=""><span>${label}</span></label>`;
  const groups = choices
    .filter(([, , labels]) => labels.length > 1)
    .map(([name, legend, labels]) =>
      `<fieldset class="cx-${name}"><legend>${legend}</legend>${labels.map((label, n) => radio(name, n, label)).join("")}</fieldset>`);
  return `<label class="cx-modes"><select name="mode" class="cx-mode" aria-label="show" ${OURS}="">${options.join("")}</select></label>${groups.join("")}`;
};

class Explorer extends HTMLElement {
  connectedCallback() {
    // While a page is being read, an element that is known already connects before its content.
    if (document.readyState !== "loading" || this.nextSibling) this.start();
    else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
  }

  start() {
    if (this.values) return; // moved within the page
    this.values = JSON.parse(this.dataset.values);
    const { mode, at, k = 0 } = this.values;
    this.state = { mode, k, c: 0 };
    this.at = { ...at };
    const root = document.createElement("div");
    root.innerHTML =
      `<div class="cx-stage"></div>` +
      // The ear gets words instead of signs.
      `<div class="cx-result" aria-hidden="true"><p class="cx-sum cx-room"></p><p class="cx-sum cx-now"></p></div>` +
      `<form class="cx-controls">${controlsOf(this.values, subject.choices(this.values))}</form>` +
      `<p class="cx-how"></p><p class="cx-said" aria-live="polite"></p>`;
    this.find = (name) => root.querySelector(`.cx-${name}`);
    this.announce = announcer(this.find("said"));
    this.listen(this.find("controls"), this.find("stage"));
    const style = this.querySelector("style");
    this.replaceChildren(style, root);
    this.narrow = this.clientWidth < NARROW;
    this.show();
    this.find("said").textContent = subject.say(this.values, this.state);
    new ResizeObserver(() => {
      const narrow = this.clientWidth < NARROW;
      if (narrow === this.narrow || !this.clientWidth) return;
      this.narrow = narrow;
      this.show();
    }).observe(this);
  }

  listen(controls, stage) {
    controls.addEventListener("change", () => this.switch(new FormData(controls)));
    // Enter in a form without a button would send it.
    controls.addEventListener("submit", (event) => event.preventDefault());
    stage.addEventListener("keydown", (event) => this.press(event));
    stage.addEventListener("pointerdown", (event) => this.grasp(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerleave", () => this.preview(null));
    // A finger that does not slide chooses where it was; a mouse has chosen already.
    stage.addEventListener("click", (event) => this.grip || this.take(this.under(event)));
    // The entry keeps the focus, wherever in the picture the pointer goes down.
    stage.addEventListener("mousedown", (event) => event.preventDefault());
  }

  // Rows and columns of the plane in which an entry is chosen.
  get extent() {
    return subject.extent(this.values, this.state.mode);
  }

  get placed() {
    return this.values.layout[this.state.mode][this.narrow ? "narrow" : "wide"];
  }

  switch(form) {
    const before = this.state.mode;
    const mode = form.get("mode");
    if (subject.same?.(before, mode)) this.at[mode] = this.at[before];
    this.state = { mode, k: Number(form.get("k") ?? 0), c: Number(form.get("c") ?? 0) };
    this.show();
    this.announce(() => subject.say(this.values, this.state));
  }

  choose([row, column, k], sliding = false) {
    const { state } = this;
    if (row === state.row && column === state.column && k === state.k) return;
    this.at[state.mode] = [row, column];
    state.k = k;
    this.show();
    if (!sliding) gatherInto(this.find("picture"), this.planes, this.placed);
    this.announce(() => subject.say(this.values, state));
  }

  show() {
    const { values, state, placed } = this;
    const { mode } = state;
    [state.row, state.column] = this.extent.map((count, axis) => clamp(this.at[mode][axis], count));
    this.planes = subject.planes(values, state);
    const stage = this.find("stage");
    const focused = stage.contains(document.activeElement);
    stage.innerHTML = board(draw(this.planes, placed, values.scales), placed.size, framesOf(this.planes, placed.places));
    this.describe();
    if (focused) this.focusChosen();
    this.find("mode").value = mode;
    for (const name of ["k", "c"]) {
      const choice = this.find(name);
      if (!choice) continue;
      choice.querySelector(`[value="${state[name]}"]`).checked = true;
      choice.hidden = subject.settled[mode] === name;
    }
    const pick = this.planes.find(({ pick }) => pick);
    const hint = `Choose an entry of ${lettersOf(pick.title)[0]} (arrow keys too), or slide a frame.`;
    this.find("how").innerHTML = `${values.modes[mode].how} <span class="cx-hint">${hint}</span>`;
    this.find("now").innerHTML = spans(subject.spell(values, state));
    if (this.room !== mode) this.find("room").innerHTML = spans(this.longest());
    this.room = mode;
  }

  focusChosen() {
    this.find("stage").querySelector('[tabindex="0"]').focus({ preventScroll: true });
  }

  // The longest piece at each place of the sum, over everything that can be chosen: the room it
  // takes is kept free, so that nothing below jumps.
  longest() {
    const { values, state: { mode } } = this;
    const found = [];
    const length = (piece) => piece.reduce((all, [, text]) => all + text.length, 0);
    const each = (k, c, row, column) =>
      subject.spell(values, { mode, k, c, row, column }).forEach((piece, n) => {
        if (length(piece) > length(found[n] ?? [])) found[n] = piece;
      });
    const [ks, cs] = subject.choices(values).map(([, , labels]) => labels.length);
    grid(fill(ks, cs), (_, k, c) => grid(fill(...this.extent), (_, row, column) => each(k, c, row, column)));
    return found;
  }

  // Roles and names, for those who do not see the picture.
  describe() {
    const label = (element, role, name, more = {}) => {
      for (const [key, value] of Object.entries({ role, "aria-label": name, ...more })) element.setAttribute(key, value);
    };
    const word = (value) => (value === null ? "absent" : value === "" ? "blank" : spoken(value));
    const picture = this.find("picture");
    label(picture, "group", this.values.modes[this.state.mode].name);
    [...picture.querySelectorAll(".cx-plane")].forEach((group, n) => {
      const { title, cells, chosen, over, alone, marked = [] } = this.planes[n];
      if (!chosen) {
        const text = grid(alone ? over.by : cells, word).map((line) => line.join(" "));
        const marks = marked.map(([r, s, paid]) => `. ${paid ? "Marked" : "As large"}: row ${r}, column ${s}`);
        label(group, "img", `${title}: ${text.join("; ")}${marks.join("")}`);
        return;
      }
      label(group, "grid", `${title}, choose an entry`);
      [...group.querySelectorAll(".cx-row")].forEach((line, r) => {
        line.setAttribute("role", "row");
        [...line.children].forEach((cell, s) => {
          const here = r === chosen[0] && s === chosen[1];
          label(cell, "gridcell", `row ${r}, column ${s}: ${word(cells[r][s])}`, { tabindex: here ? 0 : -1, "aria-selected": here, [OURS]: "" });
        });
      });
    });
  }

  press(event) {
    const { row, column, k } = this.state;
    const to = keyTarget(event, [row, column], this.extent);
    if (!to) return;
    event.preventDefault();
    this.choose([...to, k]);
  }

  // The entry under a pointer: the number of its plane, row and column.
  under({ clientX, clientY }) {
    const { left, top, width } = this.find("picture").getBoundingClientRect();
    const { size, places } = this.placed;
    const unit = size[0] / width;
    const [x, y] = [(clientX - left) * unit, (clientY - top) * unit];
    const found = this.planes.map(({ cells }, n) => {
      const [row, column] = [y - places[n][1] - TITLE, x - places[n][0]].map((length) => Math.floor(length / CELL));
      return row >= 0 && column >= 0 && row < cells.length && column < cells[0].length && { n, row, column };
    });
    return found.find(Boolean) ?? null;
  }

  // What is chosen by an entry under a pointer: itself, or where a frame stands that lies on it.
  aim(at) {
    if (!at) return null;
    const { pick, k = this.state.k, over, alone, follow } = this.planes[at.n];
    let to = null;
    if (pick) to = [at.row, at.column];
    else if (follow) to = follow(at.row, at.column);
    else if (over && !alone) to = [at.row - half(over.by.length), at.column - half(over.by[0].length)];
    return to && [...to.map((place, axis) => clamp(place, this.extent[axis])), k];
  }

  take(at, sliding) {
    const to = this.aim(at);
    if (to) this.choose(to, sliding);
    return to;
  }

  // A mouse goes down anywhere, a finger on a frame: beside it a finger scrolls the page.
  grasp(event) {
    const at = this.under(event);
    const frame = event.target.closest(".cx-handle");
    this.grip = null;
    if (!at || (event.pointerType === "touch" && !frame)) return;
    const { over, loose } = this.planes[at.n];
    // A frame stays under the finger where it was taken.
    const kept = frame && !loose;
    const shift = kept ? [half(over.by.length) - (at.row - over.row), half(over.by[0].length) - (at.column - over.column)] : [0, 0];
    this.grip = { n: at.n, shift };
    this.preview(null);
    if (!kept && !this.take(at)) return;
    // The entry under the finger is about to be drawn anew; the stage stays.
    this.find("stage").setPointerCapture(event.pointerId);
    this.focusChosen();
  }

  move(event) {
    const at = this.under(event);
    if (!event.buttons) return this.preview(at);
    // A finger that went down on one plane does not choose in another.
    if (!this.grip || at?.n !== this.grip.n) return;
    const [down, right] = this.grip.shift;
    this.take({ n: at.n, row: at.row + down, column: at.column + right }, true);
  }

  // Where frames would stand if the entry under the pointer were chosen.
  preview(at) {
    const { values, state, placed } = this;
    const picture = this.find("picture");
    picture.querySelector(".cx-preview")?.remove();
    const to = this.aim(at);
    if (!to || to.join() === [state.row, state.column, state.k].join()) return;
    const planes = subject.planes(values, { ...state, row: to[0], column: to[1], k: to[2] });
    const frames = planes.map((plane, n) => {
      const { chosen, over, alone, idle } = plane;
      if (idle || alone || !(chosen || over)) return "";
      const frame = chosen ? box(...chosen) : box(over.row, over.column, over.by.length, over.by[0].length);
      const name = over ? ` cx-of-${over.letter}` : of(plane.title);
      return `<rect class="cx-ghost${name}" transform="translate(${placed.places[n].join(" ")})" ${frame}/>`;
    });
    picture.insertAdjacentHTML("beforeend", `<g class="cx-preview" aria-hidden="true">${frames.join("")}</g>`);
  }
}

customElements.define(subject.tag, Explorer);
