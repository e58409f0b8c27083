// A digit is drawn, and read after every movement: the picture that the network gets, the maps of
// every layer, ten probabilities, and the sum behind any entry.
((cnn) => {
  "use strict";

  const WIDE = 600; // pixels, from which on the stages of a search stand side by side
  const QUIET = 700; // milliseconds without a movement, until the answer is spoken
  const FIRST = 3; // the test digit that is there at the beginning, as in the still picture
  // Stages by their places in what `forward` returns, and in how many columns their maps lie.
  const GROUPS = [
    { title: "First search: 6 patterns of 5 × 5", stages: [[1, "Z, the search"], [2, "Y, behind ReLU"], [3, "the largest of 2 × 2"]], columns: [6, 3] },
    { title: "Second search: 16 patterns of 6 × 5 × 5", stages: [[4, "Z, the search"], [5, "Y, behind ReLU"], [6, "the largest of 2 × 2"]], columns: [8, 4] },
    { title: "Three dense layers", stages: [[7, "Z, 120 entries"], [8, "Y, behind ReLU"], [9, "Z, 84 entries"], [10, "Y, behind ReLU"], [11, "Z, the ten scores"]], columns: [1, 1] },
  ];

  const percent = (p) => `${(100 * p).toFixed(1)} %`;
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const digits = Array.from({ length: 10 }, (_, label) => label);

  const layersOf = (whole) =>
    whole
      ? '<div class="digit-layers"></div>'
      : '<details><summary>The maps of every layer, and the sum behind each entry</summary><div class="digit-layers"></div></details>';
  const page = (whole) => `
    <div class="digit-top">
      <div class="digit-draw">
        <p>Draw a digit</p>
        <canvas class="digit-pad" tabindex="0" role="application" aria-label="Canvas to draw a digit on. Arrow keys move a brush, Space puts it down or lifts it, Delete clears."></canvas>
        <div class="digit-tools"><button type="button" class="digit-clear">Clear</button>
        <p class="digit-hint">Mouse, finger or pen. Keys: arrows move a brush, Space puts it down and lifts it.</p></div>
      </div>
      <div class="digit-read">
        <div class="digit-given"></div>
        <p class="digit-answer"></p>
        <ol class="digit-bars" start="0">${digits.map((label) => `<li><b>${label}</b><i><i></i></i><span></span></li>`).join("")}</ol>
        <p class="digit-note"></p>
      </div>
    </div>
    <fieldset class="digit-ten"><legend>Or take a test digit</legend>${digits
      .map((label) => `<label><input type="radio" name="digit-ten" value="${label}"><span>${label}</span></label>`)
      .join("")}</fieldset>
    ${layersOf(whole)}
    <p class="digit-said" role="status"></p>`;
  const sumPanel = `
    <p class="digit-line">Click an entry of a map, or choose one with the arrow keys: the sum behind it is shown here.</p>
    <div class="digit-found" hidden>
      <div class="digit-depths" role="group" aria-label="Depth"></div>
      <div class="digit-tables"></div>
      <div class="digit-steps" role="group" aria-label="Another entry"><button type="button" data-way="0,0,-1" aria-label="One column to the left">←</button>
      <button type="button" data-way="0,0,1" aria-label="One column to the right">→</button>
      <button type="button" data-way="0,-1,0" aria-label="One row up">↑</button>
      <button type="button" data-way="0,1,0" aria-label="One row down">↓</button>
      <button type="button" data-way="1,0,0">Next map</button></div>
    </div>`;

  class Player {
    constructor(figure, reader) {
      this.figure = figure;
      this.layers = cnn.open(reader);
      const bytes = Uint8Array.from(atob(reader.digits), (letter) => letter.charCodeAt(0));
      this.ten = digits.map((label) => Float64Array.from(bytes.subarray(784 * label, 784 * (label + 1)), (x) => x / 255));
      const live = document.createElement("div");
      live.className = "digit-live";
      live.innerHTML = page(figure.dataset.of !== "start");
      this.find = (name) => live.querySelector(`.digit-${name}`);
      this.live = live;
      this.pad = new cnn.Pad(this.find("pad"), (picture) => (picture ? this.drawn() : this.clear()), (text) => this.say(text));
      this.given = new cnn.Maps(this.find("given"), 0, "What it gets");
      this.maps = GROUPS.flatMap((group) => this.group(group));
      this.find("layers").insertAdjacentHTML("beforeend", sumPanel);
      this.find("note").append("By softmax ", this.equation("eq-softmax"), " of the ten scores.");
      this.listen();
      figure.querySelector(".digit-room").append(live);
      figure.classList.add("digit-plays");
      this.take(FIRST);
    }

    listen() {
      const { live } = this;
      this.find("clear").addEventListener("click", () => this.clear());
      this.find("ten").addEventListener("change", (event) => this.take(Number(event.target.value), true));
      this.find("steps").addEventListener("click", ({ target }) => {
        const way = target.dataset.way?.split(",").map(Number);
        if (way) this.chosen.choose(this.chosen.at.map((n, axis) => n + way[axis]));
      });
      this.find("depths").addEventListener("click", ({ target }) => {
        if (target.dataset.depth) this.look(Number(target.dataset.depth));
      });
      live.querySelector("details")?.addEventListener("toggle", () => this.show());
      new ResizeObserver(() => {
        if (this.wide !== this.figure.clientWidth >= WIDE) this.show();
      }).observe(this.figure);
      new MutationObserver(() => {
        this.pad.show();
        this.show();
      }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    }

    group({ title, stages, columns }) {
      const place = document.createElement("div");
      place.className = "digit-group";
      place.innerHTML = `<p class="digit-title">${title}</p><div></div>`;
      this.find("layers").append(place);
      return stages.map(([index, name]) => Object.assign(new cnn.Maps(place.lastChild, index, name, (maps) => this.choose(maps)), { inColumns: columns }));
    }

    // The link to an equation, which the page was given.
    equation(label) {
      return this.figure.querySelector(`.digit-equations [data-equation="${label}"]`).cloneNode(true);
    }

    // --- What is read.

    take(label, chosen = false) {
      this.live.querySelector(`[name="digit-ten"][value="${label}"]`).checked = true;
      this.pad.clear(this.ten[label]);
      this.read(this.ten[label], chosen);
    }

    clear() {
      this.pad.clear();
      this.drawn();
    }

    // After every movement, but not more often than the screen shows it.
    drawn() {
      this.live.querySelectorAll(":checked").forEach((radio) => (radio.checked = false));
      this.waiting ??= requestAnimationFrame(() => {
        this.waiting = null;
        if (!this.pad.image) this.read(cnn.prepare(this.pad.picture)?.X, true);
      });
    }

    read(X, speak) {
      this.stages = cnn.forward(this.layers, X ?? new Float64Array(784));
      this.probabilities = X ? cnn.softmax(this.stages.at(-1).values) : null;
      this.show();
      if (speak) this.say(`${this.pad.down ? "Brush down. " : ""}${this.answer()}`);
    }

    answer() {
      if (!this.probabilities) return this.pad.empty ? "Nothing is drawn yet." : "This is no digit yet: too little ink, or too many marks.";
      const [[first, p], [second, q]] = [...this.probabilities.entries()].sort(([, one], [, other]) => other - one);
      if (p < 0.5) return `Not sure: ${first} (${percent(p)}), or ${second} (${percent(q)}).`;
      return `It reads ${first}, with a probability of ${p > 0.9995 ? "more than 99.9 %" : percent(p)}.`;
    }

    // A live region speaks what it gets, so it gets nothing while the hand moves.
    say(text) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.find("said").textContent = text), QUIET);
    }

    // --- What is shown.

    show() {
      this.wide = this.figure.clientWidth >= WIDE;
      this.given.show(this.stages[0], 1, 1, ["ink", "ink"]);
      this.find("answer").textContent = this.answer();
      const best = this.probabilities ? Math.max(...this.probabilities) : 1;
      [...this.find("bars").children].forEach((line, label) => {
        const p = this.probabilities?.[label] ?? 0;
        line.classList.toggle("digit-best", p === best);
        line.querySelector("i > i").style.width = `${100 * p}%`;
        line.lastChild.textContent = this.probabilities ? percent(p) : "";
      });
      if (this.live.querySelector("details")?.open === false) return;
      const tops = [];
      this.stages.forEach(({ layer, values }, n) => tops.push(layer?.w ? largest(values) : tops[n - 1]));
      for (const maps of this.maps) maps.show(this.stages[maps.index], tops[maps.index] || 1, maps.inColumns[Number(this.wide)]);
      if (this.chosen) this.look(this.depth);
    }

    choose(maps) {
      if (this.chosen) this.chosen.isChosen = false;
      maps.isChosen = true;
      this.chosen = maps;
      this.depth ??= 0;
      this.show();
      this.say(this.found.said);
    }

    look(depth) {
      const stage = this.stages[this.chosen.index];
      const [k, i, j] = this.chosen.at;
      const place = stage.shape[1] === 1 ? [0, 0, i * this.chosen.shape[2] + j] : [k, i, j];
      this.found = cnn.sum(stage, place, depth);
      const { depths, tables, line, equation } = this.found;
      this.depth = depth;
      this.find("found").hidden = false;
      this.find("line").innerHTML = `${line} `;
      this.find("line").append(this.equation(equation));
      this.showDepths(depths);
      this.find("tables").innerHTML = tables;
      this.frame(stage, place, Math.min(depth, depths - 1));
    }

    // A button keeps the focus when it is pressed, so the buttons stay.
    showDepths(depths) {
      const place = this.find("depths");
      place.hidden = depths === 1;
      if (!place.hidden && place.children.length !== depths) {
        place.innerHTML = Array.from({ length: depths }, (_, c) => `<button type="button" data-depth="${c}">${c ? c : "depth 0"}</button>`).join("");
      }
      [...place.children].forEach((button, c) => button.setAttribute("aria-pressed", c === this.depth));
    }

    // The window in the stage before.
    frame({ layer, shape }, [k, i, j], depth) {
      const [m, n] = layer.shape?.slice(2) ?? [];
      const window = {
        search: () => [[depth, i - layer.padding, j - layer.padding], m, n],
        pool: () => [[k, layer.size * i, layer.size * j], layer.size, layer.size],
        relu: () => (shape[1] === 1 ? [null] : [[k, i, j]]),
        dense: () => [null],
      }[layer.kind]();
      const all = [this.given, ...this.maps];
      for (const maps of all) maps.frame(maps.window, null);
      const before = all[this.chosen.index - 1];
      before.frame(before.window, ...window);
    }
  }

  cnn.play = (figure) => {
    cnn.player = new Player(figure, cnn.reader);
  };
})((globalThis.cnnDigit ??= {}));
