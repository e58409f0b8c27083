// What is drawn, made into what the network knows: as cnnlab.data.digit does it with a picture, step
// by step, from where the ink is told from the paper. Here the ink is known.
((cnn) => {
  "use strict";

  const [SIZE, BOX] = [28, 20]; // pixels: of the image, and of the square that the digit fits into
  const EDGE = 0.2; // of the darkest ink: where a stroke begins
  const FINE = 8; // pixels for one of the small image, while lines are made thicker or thinner
  const LINES = [1.5, 4]; // pixels of the small image: how wide lines are in MNIST
  const GRID = 96; // cells along the longer side, by which marks are told apart
  const SPECK = 0.05; // of the ink of the largest mark: what has less is dirt
  const CLEAN = 0.6; // of all ink: at least that much is the digit
  const MOST_MARKS = 6;
  const UNBROKEN = 0.7; // pixels of ink, at least, for one of the longer side of a digit
  const SMALLEST = 5; // pixels: the longer side of a digit
  const TIE = 1e-4; // pixels: what is symmetric lies alike, however its sums were rounded

  const plane = (rows, columns) => ({ rows, columns, at: new Float64Array(rows * columns) });
  const filled = (rows, columns, value) => {
    const made = plane(rows, columns);
    for (let i = 0, n = 0; i < rows; i++) for (let j = 0; j < columns; j++) made.at[n++] = value(i, j);
    return made;
  };
  const total = (values) => values.reduce((sum, value) => sum + value, 0);
  const part = ({ columns, at }, { top, left, height, width }) =>
    filled(height, width, (i, j) => at[(top + i) * columns + left + j]);
  const padded = ({ rows, columns, at }, more) => {
    const around = plane(rows + 2 * more, columns + 2 * more);
    for (let i = 0; i < rows; i++) {
      around.at.set(at.subarray(i * columns, (i + 1) * columns), (i + more) * around.columns + more);
    }
    return around;
  };
  // As Python rounds: a half to the even number.
  const round = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  const clip = (x, low, high) => Math.max(low, Math.min(x, high));

  // --- Marks.

  // Cells that touch, at a corner too, get one number; cells without ink have -1.
  function marksOf(cells) {
    const { rows, columns, at } = cells;
    const numbers = new Int32Array(at.length).fill(-1);
    const found = [];
    for (let first = 0; first < at.length; first++) {
      if (at[first] < EDGE || numbers[first] >= 0) continue;
      const mark = { top: rows, bottom: 0, left: columns, right: 0 };
      const rest = [first];
      numbers[first] = found.length;
      while (rest.length) {
        const place = rest.pop();
        const [i, j] = [Math.floor(place / columns), place % columns];
        mark.top = Math.min(mark.top, i);
        mark.bottom = Math.max(mark.bottom, i);
        mark.left = Math.min(mark.left, j);
        mark.right = Math.max(mark.right, j);
        for (let p = Math.max(i - 1, 0); p <= Math.min(i + 1, rows - 1); p++) {
          for (let q = Math.max(j - 1, 0); q <= Math.min(j + 1, columns - 1); q++) {
            const near = p * columns + q;
            if (at[near] < EDGE || numbers[near] >= 0) continue;
            numbers[near] = found.length;
            rest.push(near);
          }
        }
      }
      found.push(mark);
    }
    return { numbers, found };
  }

  const sides = ({ top, bottom, left, right }, { rows, columns }) =>
    (top === 0) + (bottom === rows - 1) + (left === 0) + (right === columns - 1);

  // Which marks are of the digit: no dirt, no frame. None, if they are too many or too scattered.
  function keptOf(found, mass, cells) {
    const most = Math.max(...mass);
    let kept = mass.map((ink) => ink >= SPECK * most);
    const inside = kept.map((is, n) => is && sides(found[n], cells) < 2);
    const extents = found.map((mark) => Math.max(mark.bottom - mark.top, mark.right - mark.left));
    const longest = Math.max(...extents.filter((_, n) => inside[n]), -1);
    if (longest >= Math.floor(Math.max(cells.rows, cells.columns) / 8)) {
      mass = mass.map((ink, n) => (kept[n] && !inside[n] ? 0 : ink));
      kept = inside;
    }
    const many = kept.filter(Boolean).length > MOST_MARKS;
    const scattered = total(mass.filter((_, n) => kept[n])) < CLEAN * total(mass);
    return many || scattered ? null : kept;
  }

  function withoutSpecks(ink) {
    const cell = Math.ceil(Math.max(ink.rows, ink.columns) / GRID);
    const cells = plane(Math.ceil(ink.rows / cell), Math.ceil(ink.columns / cell));
    const sums = new Float64Array(cells.at.length);
    const cellOf = (i, j) => Math.floor(i / cell) * cells.columns + Math.floor(j / cell);
    for (let i = 0, n = 0; i < ink.rows; i++) {
      for (let j = 0; j < ink.columns; j++, n++) {
        const place = cellOf(i, j);
        cells.at[place] = Math.max(cells.at[place], ink.at[n]);
        sums[place] += ink.at[n];
      }
    }
    const { numbers, found } = marksOf(cells);
    const mass = Array(found.length).fill(0);
    numbers.forEach((mark, place) => {
      if (mark >= 0) mass[mark] += sums[place];
    });
    const kept = found.length ? keptOf(found, mass, cells) : null;
    return kept && filled(ink.rows, ink.columns, (i, j) =>
      kept[numbers[cellOf(i, j)]] ? ink.at[i * ink.columns + j] : 0);
  }

  function boxOf({ rows, columns, at }) {
    let [top, bottom, left, right] = [rows, -1, columns, -1];
    at.forEach((ink, n) => {
      if (ink < EDGE) return;
      const [i, j] = [Math.floor(n / columns), n % columns];
      [top, bottom] = [Math.min(top, i), Math.max(bottom, i)];
      [left, right] = [Math.min(left, j), Math.max(right, j)];
    });
    return { top, left, height: bottom + 1 - top, width: right + 1 - left };
  }

  // --- As in MNIST.

  // Ink that has run by a pixel; by turns to eight and to four sides, which is round.
  function grown({ rows, columns, at }, step) {
    const near = (i, j) => at[clip(i, 0, rows - 1) * columns + clip(j, 0, columns - 1)];
    const across = filled(rows, columns, (i, j) => Math.max(near(i, j - 1), near(i, j), near(i, j + 1)));
    const over = step % 2 ? across : { at };
    return filled(rows, columns, (i, j) => {
      const [above, below] = [Math.max(i - 1, 0), Math.min(i + 1, rows - 1)];
      return Math.max(across.at[i * columns + j], over.at[above * columns + j], over.at[below * columns + j]);
    });
  }

  // How wide lines are, in pixels: twice the area by the length of the outline.
  function lineWidth(ink) {
    const { rows, columns, at } = padded(ink, 1);
    let outline = 0;
    for (let i = 1; i < rows; i++) {
      for (let j = 1; j < columns; j++) {
        const n = i * columns + j;
        outline += Math.hypot(at[n] - at[n - columns], at[n] - at[n - 1]);
      }
    }
    return (2 * total(ink.at)) / outline;
  }

  // The weights of a cubic curve, which is widened where an image becomes smaller: Keys, 1981.
  const cubic = (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0);
  function weightsOf(from, to) {
    const scale = from / to;
    const wide = Math.max(scale, 1);
    return Array.from({ length: to }, (_, n) => {
      const center = (n + 0.5) * scale;
      const first = Math.max(Math.trunc(center - 2 * wide + 0.5), 0);
      const after = Math.min(Math.trunc(center + 2 * wide + 0.5), from);
      const by = Array.from({ length: after - first }, (_, k) => cubic(Math.abs(first + k - center + 0.5) / wide));
      const sum = total(by);
      return { first, by: by.map((weight) => weight / sum) };
    });
  }

  // The longer side becomes so many pixels; grays where a pixel is partly inked.
  function resized(ink, size) {
    const [rows, columns] = [ink.rows, ink.columns].map((n) =>
      Math.max(1, round((size * n) / Math.max(ink.rows, ink.columns))));
    const right = weightsOf(ink.columns, columns);
    const across = filled(ink.rows, columns, (i, j) =>
      right[j].by.reduce((sum, weight, k) => sum + weight * ink.at[i * ink.columns + right[j].first + k], 0));
    const down = weightsOf(ink.rows, rows);
    return filled(rows, columns, (i, j) => {
      const value = down[i].by.reduce((sum, weight, k) => sum + weight * across.at[(down[i].first + k) * columns + j], 0);
      return clip(value, 0, 1);
    });
  }

  const turned = ({ rows, columns, at }) => filled(rows, columns, (i, j) => 1 - at[i * columns + j]);

  function small(ink) {
    const width = (lineWidth(ink) * BOX) / Math.max(ink.rows, ink.columns);
    const wanted = clip(width, ...LINES);
    if (wanted === width) return [resized(ink, BOX), 1];
    const more = round(((wanted - width) * FINE) / 2); // on each side of a line
    let fine = padded(resized(ink, FINE * BOX), Math.max(more, 0));
    for (let step = 0; step < Math.abs(more); step++) {
      fine = more > 0 ? grown(fine, step) : turned(grown(turned(fine), step));
    }
    return [resized(part(fine, boxOf(fine)), BOX), wanted / width];
  }

  // The center of mass comes into the middle.
  function centered({ rows, columns, at }) {
    const [X, mass] = [plane(SIZE, SIZE), total(at)];
    const start = (length, place) => {
      const center = at.reduce((sum, ink, n) => sum + ink * (place(n) + 0.5), 0) / mass;
      return clip(Math.ceil(SIZE / 2 - center - TIE), 0, SIZE - length);
    };
    const top = start(rows, (n) => Math.floor(n / columns));
    const left = start(columns, (n) => n % columns);
    for (let i = 0; i < rows; i++) {
      X.at.set(at.subarray(i * columns, (i + 1) * columns), (top + i) * SIZE + left);
    }
    return X.at;
  }

  // Returns the image (28 by 28, from 0 to 1) and by how much lines were made thicker; nothing if
  // there is no digit.
  cnn.prepare = ({ rows, columns, at }) => {
    const clear = filled(rows, columns, (i, j) => (at[i * columns + j] < EDGE / 2 ? 0 : at[i * columns + j]));
    const ink = withoutSpecks(clear);
    if (!ink) return null;
    const box = boxOf(ink);
    const longer = Math.max(box.height, box.width);
    if (longer < SMALLEST || total(ink.at) < UNBROKEN * longer) return null;
    const [digit, line] = small(part(ink, box));
    return { X: centered(digit), line };
  };
})((globalThis.cnnDigit ??= {}));
