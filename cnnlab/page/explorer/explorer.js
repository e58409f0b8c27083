// The interactive figures of cnnlab.page.explorer: what all of them share, a function of the subject.
// A subject (convolution.js, pooling.js) is called with the tools below and says what is shown:
// `tag`, the `choices` beside the modes, which of them a mode has `settled`, the `extent` of the
// plane in which an entry is chosen, the `planes`, and the sum for the eye (`spell`) and for the ear
// (`say`).
((makeSubject) => {
  "use strict";

  // Units of the picture, as in drawing.py, which also places the planes.
  const CELL = 30;
  const TITLE = 20;

  // JupyterLab leaves the keys of an element alone that has this; elsewhere "d, d" deletes a cell.
  const OURS = "data-lm-suppress-shortcuts";

  const turn = (numbers) => [...numbers].reverse().map((line) => [...line].reverse());
  const fill = (rows, columns, value) => Array.from({ length: rows }, () => Array(columns).fill(value));
  const grid = (numbers, look) => numbers.map((line, r) => line.map((value, s) => look(value, r, s)));
  const clamp = (value, count) => Math.max(0, Math.min(value, count - 1));

  // --- Words.

  const number = (value) => String(value).replace("-", "−");
  const spoken = (value) => String(value).replace("-", "minus ");
  const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));
  const spans = (pieces) => pieces.map((piece) => `<span>${piece}</span>`).join(" ");

  const subject = makeSubject({ turn, fill, grid, number, spoken, factor });
  if (customElements.get(subject.tag)) return; // another output of the page brought it

  // --- Drawing, as in drawing.py.

  const box = (row, column, rows = 1, columns = 1) =>
    `x="${CELL * column}" y="${TITLE + CELL * row}" width="${CELL * columns}" height="${CELL * rows}"`;
  const digits = (value, row, column, low) => {
    const text = number(value);
    const small = text.length > 2 ? ` class="cx-digits${text.length}"` : "";
    return `<text${small} x="${CELL * column + CELL / 2}" y="${TITLE + CELL * row + (low ? 25 : 20)}">${text}</text>`;
  };
  const drawCell = (value, row, column, low) => {
    if (value === null) {
      const [x, y] = [CELL * column + 4, TITLE + CELL * row + 4];
      return `<g class="cx-cell"><rect x="${x}" y="${y}" width="${CELL - 8}" height="${CELL - 8}" class="cx-absent"/></g>`;
    }
    return `<g class="cx-cell"><rect ${box(row, column)}/>${value === "" ? "" : digits(value, row, column, low)}</g>`;
  };
  // The class that gives a plane the color of its letter, which its title names.
  const of = (title, place = 0) => {
    const letter = (title.match(/d?[XwbZY](?=\[)/g) ?? []).at(place);
    return letter ? ` cx-of-${letter}` : "";
  };
  // The numbers that lie on a plane, framed, the corner of their entry [0,0] marked.
  const drawWindow = ({ title, cells, over: { row, column, by }, alone, turned }) => {
    const texts = grid(by, (value, r, s) => {
      if (value === "") return "";
      if (alone) return digits(value, row + r, column + s);
      const [name, right, down] = cells[row + r][column + s] === null ? ["cx-lone", 15, 19] : ["cx-tag", 27, 11];
      const [x, y] = [CELL * (column + s) + right, TITLE + CELL * (row + r) + down];
      return `<text class="${name}" x="${x}" y="${y}">×${number(value)}</text>`;
    });
    const [rows, columns] = [by.length, by[0].length];
    let [x, y, side] = [CELL * column, TITLE + CELL * row, 8];
    if (turned) [x, y, side] = [x + CELL * columns, y + CELL * rows, -8];
    return (
      `<g class="cx-window${of(title, -1)}"><rect ${box(row, column, rows, columns)}/>` +
      `<path d="M${x} ${y}h${side}l${-side} ${side}z"/>${texts.flat().join("")}</g>`
    );
  };
  // A pixel that is paid, or (dashed) one that is as large and is not.
  const drawMark = ([row, column, paid]) => {
    const [x, y] = [CELL * column + 3, TITLE + CELL * row + 3];
    return `<rect x="${x}" y="${y}" width="${CELL - 6}" height="${CELL - 6}" class="cx-mark${paid ? "" : " cx-tied"}"/>`;
  };
  const drawPlane = (plane, [left, top]) => {
    const { title, cells, pick, chosen, over, alone, idle, marked = [] } = plane;
    const rows = grid(cells, (value, r, s) => drawCell(value, r, s, over && !alone));
    return (
      `<g class="cx-plane${of(title)}${pick ? " cx-pick" : ""}${idle ? " cx-idle" : ""}" transform="translate(${left} ${top})">` +
      `<text class="cx-title" y="14">${title}</text>` +
      rows.map((line) => `<g class="cx-row">${line.join("")}</g>`).join("") +
      (over ? drawWindow(plane) : "") +
      marked.map(drawMark).join("") +
      (chosen ? `<rect ${box(...chosen)} class="cx-chosen"/>` : "") +
      "</g>"
    );
  };
  const draw = (found, { size: [width, height], zoom, places, signs }) =>
    `<svg class="cx-picture" viewBox="0 0 ${width} ${height}" width="${zoom[0]}" height="${zoom[1]}">` +
    found.map((plane, n) => drawPlane(plane, places[n])).join("") +
    signs.map(([sign, x, y]) => `<text class="cx-sign" x="${x}" y="${y}">${sign}</text>`).join("") +
    "</svg>";

  // --- The element.

  class Explorer extends HTMLElement {
    connectedCallback() {
      // While a page is being read, an element that is known already connects before its content.
      if (document.readyState !== "loading") this.start();
      else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    }

    start() {
      if (this.values) return; // moved within the page
      this.values = JSON.parse(this.dataset.values);
      const { mode, modes, at, k = 0 } = this.values;
      this.state = { mode, k, c: 0 };
      this.at = { ...at };
      const radio = (name, value, label, text) =>
        `<label><input type="radio" name="${name}" value="${value}" aria-label="${label}" ${OURS}=""><span>${text}</span></label>`;
      const choice = (name, legend, content) => `<fieldset class="cx-${name}"><legend>${legend}</legend>${content.join("")}</fieldset>`;
      const choices = subject.choices(this.values).map(([name, legend, labels]) =>
        labels.length > 1 ? choice(name, legend, labels.map((label, n) => radio(name, n, label, label))) : "");
      // "Input gradient: gather" and "Input gradient: scatter" share their first words.
      const families = { Show: [] };
      for (const [mode, { name }] of Object.entries(modes)) {
        const [text, family = "Show"] = name.split(": ").reverse();
        (families[family] ??= []).push(radio("mode", mode, name, text));
      }
      const { Show, ...others } = families;
      for (const [family, radios] of Object.entries(others)) Show.push(`<div><i>${family}:</i>${radios.join("")}</div>`);
      const root = document.createElement("div");
      root.innerHTML =
        `<form class="cx-controls">${choice("mode", "Show:", Show)}` +
        `<div class="cx-both">${choices.join("")}</div></form>` +
        `<p class="cx-how"></p><div class="cx-stage"></div>` +
        // The ear gets words instead of signs.
        `<div class="cx-result" aria-hidden="true"><p class="cx-sum cx-room"></p><p class="cx-sum cx-now"></p></div>` +
        `<p class="cx-said" aria-live="polite"></p>`;
      this.find = (name) => root.querySelector(`.cx-${name}`);
      const [controls, stage] = [this.find("controls"), this.find("stage")];
      controls.addEventListener("change", () => this.switch(new FormData(controls)));
      // Enter in a form without a button would send it.
      controls.addEventListener("submit", (event) => event.preventDefault());
      stage.addEventListener("keydown", (event) => this.press(event));
      stage.addEventListener("pointerdown", (event) => this.point(event, true));
      stage.addEventListener("pointermove", (event) => event.buttons && this.point(event, false));
      // The entry keeps the focus, wherever in the picture the pointer goes down.
      stage.addEventListener("mousedown", (event) => event.preventDefault());
      this.show();
      this.find("said").textContent = subject.say(this.values, this.state);
      this.replaceChildren(this.querySelector("style"), root);
    }

    // Rows and columns of the plane in which an entry is chosen.
    get extent() {
      return subject.extent(this.values, this.state.mode);
    }

    switch(form) {
      const before = this.state.mode;
      const mode = form.get("mode");
      const turning = subject.turns?.(before, mode);
      if (turning) this.at[mode] = this.at[before];
      this.state = { mode, k: Number(form.get("k") ?? 0), c: Number(form.get("c") ?? 0) };
      this.show();
      this.speak();
      if (turning) this.find("picture").classList.add("cx-turning");
    }

    choose(row, column, k = this.state.k) {
      const [rows, columns] = this.extent;
      const place = [clamp(row, rows), clamp(column, columns)];
      if (place.join() === [this.state.row, this.state.column].join() && k === this.state.k) return;
      this.at[this.state.mode] = place;
      this.state.k = k;
      this.show();
      this.speak();
    }

    show() {
      const { values, state } = this;
      const { mode } = state;
      const { how, hint } = values.modes[mode];
      [state.row, state.column] = this.extent.map((count, axis) => clamp(this.at[mode][axis], count));
      this.planes = subject.planes(values, state);
      const stage = this.find("stage");
      const focused = stage.contains(document.activeElement);
      stage.innerHTML = draw(this.planes, values.layout[mode]);
      this.describe();
      if (focused) this.focusChosen();
      for (const name of ["mode", "k", "c"]) {
        const choice = this.find(name);
        if (!choice) continue;
        choice.querySelector(`[value="${state[name]}"]`).checked = true;
        choice.style.visibility = subject.settled[mode] === name ? "hidden" : "";
      }
      this.find("how").innerHTML = `${how} <span class="cx-hint">${hint}</span>`;
      this.find("now").innerHTML = spans(subject.spell(values, state));
      if (this.room !== mode) this.find("room").innerHTML = spans(this.longest());
      this.room = mode;
    }

    // Not every place that a sliding finger passes is spoken.
    speak() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.find("said").textContent = subject.say(this.values, this.state)), 400);
    }

    focusChosen() {
      this.find("stage").querySelector('[tabindex="0"]').focus({ preventScroll: true });
    }

    // The longest piece at each place of the sum, over everything that can be chosen: the room it
    // takes is kept free, so that nothing below jumps.
    longest() {
      const { values, state: { mode } } = this;
      const found = [];
      const each = (k, c, row, column) =>
        subject.spell(values, { mode, k, c, row, column }).forEach((piece, n) => {
          if (piece.length > (found[n] ?? "").length) found[n] = piece;
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
      const { row, column } = this.state;
      const [rows, columns] = this.extent;
      const all = event.ctrlKey || event.metaKey;
      const to = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [all ? 0 : row, 0],
        End: [all ? rows - 1 : row, columns - 1],
      }[event.key];
      if (!to || event.altKey) return;
      event.preventDefault();
      this.choose(...to);
    }

    // A finger on an entry chooses it; on a plane with a window, the window follows the finger.
    point(event, down) {
      const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cx-cell");
      if (!this.contains(cell)) return;
      const order = (element, name) => [...element.closest(name[0]).querySelectorAll(name[1])].indexOf(element);
      const group = cell.closest(".cx-plane");
      const n = order(group, ["svg", ".cx-plane"]);
      if (down) {
        this.grip = n;
        // The entry under the finger is about to be drawn anew; the stage stays.
        this.find("stage").setPointerCapture(event.pointerId);
      }
      // A finger that went down on one plane does not choose in another.
      if (n !== this.grip) return;
      const { pick, k, over, alone, follow } = this.planes[n];
      const [row, column] = [order(cell.parentNode, [".cx-plane", ".cx-row"]), order(cell, [".cx-row", ".cx-cell"])];
      if (pick) this.choose(row, column, k);
      else if (follow) this.choose(...follow(row, column));
      else if (over && !alone) this.choose(row - Math.floor(over.by.length / 2), column - Math.floor(over.by[0].length / 2));
      else return;
      if (down) this.focusChosen();
    }
  }

  customElements.define(subject.tag, Explorer);
})
