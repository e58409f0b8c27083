// The canvas on which a digit is drawn: by mouse, finger or pen, or by keys that move a brush.
((cnn) => {
  "use strict";

  const SIDE = 140; // pixels of the picture that is prepared
  const PEN = 10;
  const STEP = 5; // of the brush, for a key
  const DENSE = 4; // pixels of the screen for one of the picture

  // How much ink a line leaves on each pixel: a round pen, its edge one pixel wide.
  function ink(at, [x0, y0], [x1, y1]) {
    const [right, down, reach] = [x1 - x0, y1 - y0, PEN / 2 + 1];
    const length = right * right + down * down;
    const from = (one, other) => Math.max(Math.floor(Math.min(one, other) - reach), 0);
    const to = (one, other) => Math.min(Math.ceil(Math.max(one, other) + reach), SIDE);
    for (let i = from(y0, y1); i < to(y0, y1); i++) {
      for (let j = from(x0, x1); j < to(x0, x1); j++) {
        const [x, y] = [j + 0.5 - x0, i + 0.5 - y0];
        const t = length && Math.max(0, Math.min((x * right + y * down) / length, 1));
        const covered = PEN / 2 + 0.5 - Math.hypot(x - t * right, y - t * down);
        at[i * SIDE + j] = Math.max(at[i * SIDE + j], Math.min(covered, 1));
      }
    }
  }

  class Pad {
    constructor(canvas, changed, said) {
      Object.assign(this, { canvas, changed, said, image: null, brush: null });
      canvas.width = canvas.height = DENSE * SIDE;
      this.at = new Float32Array(SIDE * SIDE);
      this.strokes = [];
      canvas.addEventListener("pointerdown", (event) => this.begin(event));
      canvas.addEventListener("pointermove", (event) => this.go(event));
      for (const end of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(end, () => (this.pointer = null));
      }
      canvas.addEventListener("keydown", (event) => this.press(event));
      canvas.addEventListener("focus", () => this.show());
      canvas.addEventListener("blur", () => this.lift());
    }

    // Whether anything is drawn.
    get empty() {
      return !this.strokes.length;
    }

    get picture() {
      return { rows: SIDE, columns: SIDE, at: this.at };
    }

    clear(image = null) {
      this.image = image; // a digit that was chosen, not drawn
      this.strokes = [];
      this.at.fill(0);
      this.down = false;
      this.show();
    }

    // --- By pointer.

    place(event) {
      const { left, top } = this.canvas.getBoundingClientRect();
      const { clientLeft, clientTop, clientWidth } = this.canvas;
      return [event.clientX - left - clientLeft, event.clientY - top - clientTop].map((x) => (x * SIDE) / clientWidth);
    }

    begin(event) {
      if (event.button || this.pointer != null) return; // a second finger draws no line
      event.preventDefault(); // no text is marked while a line is drawn
      this.canvas.focus({ preventScroll: true, focusVisible: false });
      this.pointer = event.pointerId;
      this.canvas.setPointerCapture(event.pointerId);
      this.brush = null;
      this.start(this.place(event));
    }

    go(event) {
      if (event.pointerId !== this.pointer) return;
      const events = event.getCoalescedEvents?.() ?? [];
      (events.length ? events : [event]).forEach((one) => this.draw(this.place(one)));
    }

    // --- By keys.

    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
      const way = ways[event.key];
      if (!way && ![" ", "Delete", "Backspace"].includes(event.key)) return;
      event.preventDefault();
      this.brush ??= [SIDE / 2, SIDE / 2];
      if (way) this.move(way);
      else if (event.key === " ") this.dip();
      else this.changed(null);
    }

    move(way) {
      this.brush = this.brush.map((x, axis) => Math.max(PEN / 2, Math.min(x + STEP * way[axis], SIDE - PEN / 2)));
      if (this.down) return this.draw(this.brush);
      const [column, row] = this.brush.map((x) => Math.floor(x / STEP));
      this.said(`Brush at row ${row}, column ${column} of ${SIDE / STEP}.`);
      return this.show();
    }

    dip() {
      this.down = !this.down;
      this.said(this.down ? "Brush down." : "Brush up.");
      if (this.down) this.start(this.brush);
      else this.show();
    }

    lift() {
      this.down = false;
      this.brush = null;
      this.show();
    }

    // --- Lines.

    start(place) {
      this.image = null;
      this.strokes.push([place]);
      this.draw(place);
    }

    draw(place) {
      const stroke = this.strokes.at(-1);
      ink(this.at, stroke.at(-1), place);
      stroke.push(place);
      this.show();
      this.changed(this.picture);
    }

    show() {
      const pen = this.canvas.getContext("2d");
      const color = (name) => getComputedStyle(this.canvas).getPropertyValue(`--cnn-${name}`);
      pen.setTransform(DENSE, 0, 0, DENSE, 0, 0);
      pen.clearRect(0, 0, SIDE, SIDE);
      pen.fillStyle = pen.strokeStyle = color("ink");
      const side = SIDE / 28;
      this.image?.forEach((value, n) => {
        pen.globalAlpha = value;
        pen.fillRect((n % 28) * side, Math.floor(n / 28) * side, side, side);
      });
      pen.globalAlpha = 1;
      Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
      for (const stroke of this.strokes) {
        pen.beginPath();
        stroke.forEach(([x, y]) => pen.lineTo(x, y));
        pen.stroke();
      }
      if (!this.brush) return;
      pen.beginPath();
      pen.arc(...this.brush, PEN / 2 + 1, 0, 2 * Math.PI);
      Object.assign(pen, { lineWidth: 1.5, strokeStyle: color(this.down ? "good" : "link") });
      pen.setLineDash(this.down ? [] : [3, 2]);
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  cnn.Pad = Pad;
})((globalThis.cnnDigit ??= {}));
