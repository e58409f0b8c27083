// What explorer.js shows of a pooling. Maxima, shares, what is paid and the sums of it come from
// Python, with the data, for every rule: this script looks them up, and computes only places.
const subject = (() => {
  const MEAN = "mean";

  // The window at (i, j): its first pixel, and the numbers of `array` that belong to it.
  const windowOf = ({ X, stride: [down, right], size: [m, n] }, { c, row, column }) => ({
    row: row * down,
    column: column * right,
    pixels: grid(fill(m, n), (_, u, v) => X[c][row * down + u][column * right + v]),
  });

  // The windows that contain a pixel: in each direction the first of them and how many there are.
  const covering = ({ dY, stride, size }, { row, column }) => {
    const [rows, columns] = [row, column].map((place, axis) => {
      const count = axis ? dY[0][0].length : dY[0].length;
      const first = Math.max(0, Math.ceil((place - size[axis] + 1) / stride[axis]));
      return [first, Math.min(Math.floor(place / stride[axis]), count - 1) - first + 1];
    });
    return rows[1] > 0 && columns[1] > 0 ? { row: rows[0], column: columns[0], rows: rows[1], columns: columns[1] } : null;
  };

  // What a pixel has of each of its windows: `array` is the shares, or what is paid.
  const ofPixel = (values, array, { k, c, row, column }, found) =>
    grid(fill(found.rows, found.columns), (_, r, s) => {
      const [i, j] = [found.row + r, found.column + s];
      return array[k][c][i][j][row - i * values.stride[0]][column - j * values.stride[1]];
    });

  // The pixels of a window that are as large as its maximum: paid by the rule, or not.
  const winners = ({ rules, shares }, { k, c, row, column }, corner) => {
    if (rules[k] === MEAN) return [];
    const equal = shares[rules.indexOf("all")][c][row][column];
    const marks = grid(equal, (share, u, v) => share !== 0 && [corner.row + u, corner.column + v, shares[k][c][row][column][u][v] !== 0]);
    return marks.flat().filter(Boolean);
  };

  // --- The planes of a mode, in the order of pools.py.

  const planes = (values, state) => {
    const { X, dY, Y, dX, shares, paid, stride, size } = values;
    const { mode, k, c, row, column } = state;
    const chosen = [row, column];
    if (mode === "gather") {
      const found = covering(values, state);
      const collected = fill(dY[c].length, dY[c][0].length, "");
      if (found) grid(ofPixel(values, paid, state, found), (value, r, s) => (collected[found.row + r][found.column + s] = value));
      const over = found && { row: found.row, column: found.column, by: ofPixel(values, shares, state, found), letter: "X" };
      const follow = (i, j) => [i * stride[0] + Math.floor(size[0] / 2), j * stride[1] + Math.floor(size[1] / 2)];
      return [
        { title: `X[${c}]`, cells: X[c], marked: [[row, column, true]] },
        { title: `dY[${c}]`, cells: dY[c], over, follow, loose: true, idle: !found },
        { title: "products", cells: collected, scale: ["dY"], idle: !found },
        { title: `dX[${c}]`, cells: dX[k][c], pick: true, chosen },
      ];
    }
    const corner = windowOf(values, state);
    const laid = (by, letter) => ({ row: corner.row, column: corner.column, by, letter });
    const follow = (p, q) => [p, q].map((place, axis) => Math.round((place - Math.floor(size[axis] / 2)) / stride[axis]));
    const image = { title: `X[${c}]`, cells: X[c], over: laid(fill(...size, ""), "Y"), marked: winners(values, state, corner), follow };
    if (mode === "forward") return [image, { title: `Y[${c}]`, cells: Y[k][c], pick: true, chosen }];
    const handed = fill(X[c].length, X[c][0].length, "");
    grid(paid[k][c][row][column], (value, u, v) => (handed[corner.row + u][corner.column + v] = value));
    return [
      { title: `dY[${c}]`, cells: dY[c], pick: true, chosen },
      image,
      { title: "handed out", cells: handed, over: laid(shares[k][c][row][column], "X"), follow, scale: ["dY"] },
      { title: `dX[${c}]`, cells: dX[k][c] },
    ];
  };

  // --- Words.

  const equals = (total) => (String(total).startsWith("≈") ? number(total).replace("≈", "≈ ") : `= ${number(total)}`);
  const pairsOf = (values, state) => {
    const found = covering(values, state);
    const ours = found ? ofPixel(values, values.shares, state, found) : [];
    return grid(ours, (share, r, s) => [values.dY[state.c][found.row + r][found.column + s], share]).flat();
  };
  const paidBy = (values, state) => {
    const { row, column } = windowOf(values, state);
    const shares = values.shares[state.k][state.c][state.row][state.column];
    return grid(shares, (share, u, v) => [row + u, column + v, share]).flat().filter(([, , share]) => share !== 0);
  };

  const spell = (values, state) => {
    const { mode, k, c, row, column } = state;
    const place = `[${c},${row},${column}]`;
    if (mode === "gather") {
      const found = pairsOf(values, state).map(([a, b]) => times(a, "dY", b, "X"));
      return summed(`dX${place}`, "dX", found.length ? found : [[["", "0"]]], equals(values.dX[k][c][row][column]));
    }
    if (mode === "scatter") {
      const from = values.dY[c][row][column];
      return listed(paidBy(values, state).map(([p, q, share]) => [`dX[${c},${p},${q}]`, times(from, "dY", share, "X")]));
    }
    const pixels = windowOf(values, state).pixels.flat();
    const total = equals(values.Y[k][c][row][column]);
    const name = [["Y", `Y${place}`], ["", " ="]];
    const result = [["", total.slice(0, 2)], ["Y", total.slice(2)]];
    const last = pixels.length - 1;
    if (values.rules[k] === MEAN) {
      const sum = pixels.map((pixel, n) => [["", n ? "+ " : "("], ["X", factor(pixel)], ["", n < last ? "" : ")"]]);
      return [name, ...sum, [["", `/ ${pixels.length}`]], result];
    }
    return [name, ...pixels.map((pixel, n) => [["", n ? "" : "max("], ["X", number(pixel)], ["", n < last ? "," : ")"]]), result];
  };

  // The same for the ear.
  const say = (values, state) => {
    const { mode, k, c, row, column } = state;
    const place = `depth ${c}, row ${row}, column ${column}`;
    if (mode === "gather") {
      const terms = pairsOf(values, state).map(([a, b]) => `${spoken(a)} times ${spoken(b)}`);
      return `d X, ${place}: ${terms.join(" plus ") || "in no window,"} is ${spoken(values.dX[k][c][row][column])}.`;
    }
    if (mode === "scatter") {
      const dY = spoken(values.dY[c][row][column]);
      const shares = paidBy(values, state).map(([p, q, share]) => `row ${p}, column ${q} gets ${dY} times ${spoken(share)}`);
      return `d Y, ${place}, is ${dY}. In d X: ${shares.join("; ")}.`;
    }
    const corner = windowOf(values, state);
    const pixels = corner.pixels.flat().map(spoken).join(", ");
    const what = values.rules[k] === MEAN ? "the mean" : "the largest";
    const marks = winners(values, state, corner).map(([p, q, is]) => ` Row ${p}, column ${q} is as large and ${is ? "is paid" : "is not paid"}.`);
    return `Y, ${place}: ${what} of ${pixels} is ${spoken(values.Y[k][c][row][column])}.${marks.join("")}`;
  };

  return {
    tag: "cnnlab-pooling",
    planes,
    spell,
    say,
    choices: ({ rules, X }) => [["k", "rule", rules], ["c", "depth", [...X.keys()]]],
    settled: {},
    extent: ({ X, dY }, mode) => {
      const plane = mode === "gather" ? X[0] : dY[0];
      return [plane.length, plane[0].length];
    },
  };
})();
