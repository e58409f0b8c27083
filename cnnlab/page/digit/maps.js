// The maps of a stage as a picture in signed colors, in which an entry is chosen by pointer or keys.
((cnn) => {
  "use strict";

  // The entries of a dense layer lie in rows, as those of a map do.
  const ROWS = { 120: 4, 84: 4, 10: 1 };

  const rgb = (figure, name) => {
    const color = getComputedStyle(figure).getPropertyValue(`--cnn-${name}`).trim();
    return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  };

  class Maps {
    // `index` is a place in what `forward` returns; `chosen` is told what was chosen. Without it the
    // maps are a picture to look at.
    constructor(place, index, title, chosen) {
      Object.assign(this, { index, title, told: chosen, at: [0, 0, 0], isChosen: false });
      this.root = document.createElement("div");
      this.root.className = "digit-stage";
      this.root.innerHTML =
        `<p>${title}</p><div class="digit-maps" role="${chosen ? "application" : "img"}"><canvas></canvas>` +
        `<i class="digit-window" hidden></i><i class="digit-entry" hidden></i></div>`;
      [this.maps, this.window, this.entry] = ["maps", "window", "entry"].map((name) => this.root.querySelector(`.digit-${name}`));
      this.canvas = this.root.querySelector("canvas");
      place.append(this.root);
      if (!chosen) return;
      this.maps.tabIndex = 0;
      this.maps.addEventListener("keydown", (event) => this.press(event));
      this.maps.addEventListener("click", (event) => this.point(event));
    }

    // Draws the values; `top` has the full color, `plus` or `minus`.
    show(stage, top, columns, [plus, minus] = ["bad", "X"]) {
      const [count, rows, wide] = stage.shape;
      const lines = rows === 1 ? ROWS[wide] : rows;
      this.shape = [count, lines, (rows * wide) / lines];
      this.columns = Math.min(columns, count);
      const [, M, N] = this.shape;
      const { canvas } = this;
      this.extent = [this.columns * (N + 1) - 1, Math.ceil(count / this.columns) * (M + 1) - 1];
      if (canvas.width !== this.extent[0] || canvas.height !== this.extent[1]) {
        [canvas.width, canvas.height] = this.extent;
        this.maps.style.aspectRatio = this.extent.join("/");
      }
      const pen = canvas.getContext("2d");
      const picture = pen.createImageData(...this.extent);
      const colors = [rgb(canvas, plus), rgb(canvas, minus)];
      stage.values.forEach((value, n) => {
        const place = [Math.floor(n / (M * N)), Math.floor(n / N) % M, n % N];
        const [x, y] = this.corner(place);
        const at = 4 * (y * this.extent[0] + x);
        picture.data.set([...colors[value > 0 ? 0 : 1], (255 * Math.abs(value)) / top], at);
      });
      pen.putImageData(picture, 0, 0);
      this.finish(pen, count, M, N);
    }

    // Between the maps nothing is drawn, and a map without a response is seen by its paper.
    finish(pen, count, M, N) {
      const name = `${this.title}: ${count > 1 ? `${count} maps of ${M} by ${N}` : `${M * N} entries`}.`;
      const keys = " Arrow keys choose an entry, Page Up and Page Down a map, Enter shows its sum.";
      this.maps.setAttribute("aria-label", this.told ? name + keys : name);
      pen.globalCompositeOperation = "destination-over";
      pen.fillStyle = getComputedStyle(this.canvas).getPropertyValue("--cnn-paper");
      for (let k = 0; k < count; k++) pen.fillRect(...this.corner([k, 0, 0]), N, M);
      pen.globalCompositeOperation = "source-over";
      this.frame(this.entry, this.isChosen && this.at);
    }

    // Where an entry is drawn.
    corner([k, i, j]) {
      const [, M, N] = this.shape;
      return [(k % this.columns) * (N + 1) + j, Math.floor(k / this.columns) * (M + 1) + i];
    }

    // Frames some entries of a map, cut at its edges; none takes the frame away.
    frame(element, from, rows = 1, columns = 1) {
      element.hidden = !from;
      if (!from) return;
      const [, M, N] = this.shape;
      const [k, i, j] = from;
      const [top, left] = [Math.max(i, 0), Math.max(j, 0)];
      const [x, y] = this.corner([k, top, left]);
      const sizes = [x, y, Math.min(j + columns, N) - left, Math.min(i + rows, M) - top];
      ["left", "top", "width", "height"].forEach((name, n) => {
        element.style[name] = `${(100 * sizes[n]) / this.extent[n % 2]}%`;
      });
    }

    choose(place) {
      this.at = place.map((n, axis) => Math.max(0, Math.min(n, this.shape[axis] - 1)));
      this.told(this);
    }

    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const [k, i, j] = this.at;
      const to = {
        ArrowUp: [k, i - 1, j],
        ArrowDown: [k, i + 1, j],
        ArrowLeft: [k, i, j - 1],
        ArrowRight: [k, i, j + 1],
        Home: [k, i, 0],
        End: [k, i, Infinity],
        PageUp: [k - 1, i, j],
        PageDown: [k + 1, i, j],
        Enter: [k, i, j],
        " ": [k, i, j],
      }[event.key];
      if (!to) return;
      event.preventDefault();
      this.choose(to);
    }

    point(event) {
      const { left, top, width, height } = this.canvas.getBoundingClientRect();
      const x = Math.floor(((event.clientX - left) / width) * this.extent[0]);
      const y = Math.floor(((event.clientY - top) / height) * this.extent[1]);
      const [count, M, N] = this.shape;
      const k = Math.floor(y / (M + 1)) * this.columns + Math.floor(x / (N + 1));
      if (x < 0 || y < 0 || k >= count) return;
      this.choose([k, y % (M + 1), x % (N + 1)]);
    }
  }

  cnn.Maps = Maps;
})((globalThis.cnnDigit ??= {}));
