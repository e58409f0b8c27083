// What explorer.js shows of a convolution. The sums come from cnnlab.reference, with the data: this
// script multiplies the pairs of numbers that it shows, and adds nothing up.
const subject = (() => {
  // --- What meets what: numbers `by` (of the array `letter`) laid on the plane `on`, the first of them at (row, column).
  // An entry that does not exist is null.

  const meetings = ({ X, w, dZ }, { mode, k, c, row, column }) => {
    if (mode === "forward") return X.map((on, c) => ({ on, row, column, by: w[k][c], letter: "w" }));
    if (mode === "weight") return [{ on: X[c], row, column, by: dZ[k], letter: "dZ" }];
    if (mode === "scatter") {
      const on = fill(X[0].length, X[0][0].length, dZ[k][row][column]);
      return [{ on, row, column, by: w[k][c], letter: "w" }];
    }
    // Entry (p, q) of dX reads dZ from p - m + 1 to p: with m - 1 absent rows in front, the window
    // begins at row p. The same for columns.
    const [rows, columns] = [w[0][0].length - 1, w[0][0][0].length - 1];
    return dZ.map((plane, k) => {
      const on = fill(plane.length + 2 * rows, plane[0].length + 2 * columns, null);
      grid(plane, (value, i, j) => (on[i + rows][j + columns] = value));
      return { on, row, column, by: turn(w[k][c]), letter: "w" };
    });
  };
  const pairs = ({ on, row, column, by }) =>
    grid(by, (factor, r, s) => [on[row + r][column + s], factor, row + r, column + s]);
  const products = (met) => grid(pairs(met), ([a, b]) => (a === null ? null : a * b));

  // --- The planes of a mode, in the order of drawing.py: title, cells, and where it applies
  // `pick` (an entry can be chosen here), `chosen` (this one), `over` (numbers laid on it).

  const planes = (values, state) => {
    const { X, w, b, dZ, Z, dw, dX } = values;
    const { mode, k, c, row, column } = state;
    const met = meetings(values, state);
    const chosen = [row, column];
    const multiplied = (over, ...scale) => ({ title: "products", cells: products(over), scale });
    const pattern = (numbers, title, turned) => {
      const by = turned ? turn(numbers) : numbers;
      const over = { row: 0, column: 0, by, letter: lettersOf(title)[0] };
      return { title, cells: fill(by.length, by[0].length, ""), over, turned, alone: true };
    };
    if (mode === "forward") {
      return [
        ...met.flatMap((over, c) => [
          { title: `X[${c}]`, cells: X[c], over },
          pattern(w[k][c], `w[${k},${c}]`),
          multiplied(over, "X", "w"),
        ]),
        { title: `b[${k}]`, cells: [[b[k]]] },
        { title: `Z[${k}]`, cells: Z[k], pick: true, chosen },
      ];
    }
    if (mode === "weight") {
      return [
        { title: `X[${c}]`, cells: X[c], over: met[0] },
        pattern(dZ[k], `dZ[${k}]`),
        multiplied(met[0], "X", "dZ"),
        { title: `dw[${k},${c}]`, cells: dw[k][c], pick: true, chosen },
      ];
    }
    if (mode === "gather") {
      return [
        ...met.flatMap((over, k) => [
          { title: `dZ[${k}]`, cells: over.on, over, turned: true },
          pattern(w[k][c], `w[${k},${c}] turned`, true),
          multiplied(over, "dZ", "w"),
        ]),
        { title: `dX[${c}]`, cells: dX[c], pick: true, chosen },
      ];
    }
    const shares = fill(X[0].length, X[0][0].length, "");
    grid(pairs(met[0]), ([a, b, p, q]) => (shares[p][q] = a * b));
    return [
      ...dZ.map((cells, other) => ({ title: `dZ[${other}]`, cells, pick: true, k: other, chosen: other === k && chosen, idle: other !== k })),
      pattern(w[k][c], `w[${k},${c}]`),
      { title: "shares", cells: shares, over: met[0], scale: ["dZ", "w"] },
      { title: `dX[${c}]`, cells: dX[c] },
    ];
  };

  // --- Words.

  // The chosen entry: its array, its indices and their names, what it holds.
  const target = ({ Z, dw, dX, dZ }, { mode, k, c, row, column }) => {
    const place = ["row", "column"];
    if (mode === "weight") return ["dw", [k, c, row, column], ["pattern", "depth", ...place], dw[k][c][row][column]];
    if (mode === "gather") return ["dX", [c, row, column], ["depth", ...place], dX[c][row][column]];
    const [name, array] = mode === "forward" ? ["Z", Z] : ["dZ", dZ];
    return [name, [k, row, column], ["pattern", ...place], array[k][row][column]];
  };

  const spell = (values, state) => {
    const [name, indices, , total] = target(values, state);
    const [first, second] = { forward: ["X", "w"], weight: ["X", "dZ"] }[state.mode] ?? ["dZ", "w"];
    const found = meetings(values, state).flatMap(pairs).flat().filter(([a]) => a !== null);
    const terms = found.map(([a, b]) => times(a, first, b, second));
    if (state.mode === "scatter") return listed(found.map(([, , p, q], n) => [`dX[${state.c},${p},${q}]`, terms[n]]));
    if (state.mode === "forward") terms.unshift([["b", number(values.b[state.k])]]);
    return summed(`${name}[${indices}]`, name, terms, `= ${number(total)}`);
  };

  // The same for the ear.
  const say = (values, state) => {
    const [name, indices, words, total] = target(values, state);
    const all = meetings(values, state).flatMap(pairs).flat();
    const found = all.filter(([a]) => a !== null);
    const absent = all.length - found.length;
    const product = ([a, b]) => `${spoken(a)} times ${spoken(b)}`;
    const place = `${name.replace("d", "d ")}, ${words.map((word, n) => `${word} ${indices[n]}`).join(", ")}`;
    if (state.mode === "scatter") {
      const shares = found.map((pair) => `row ${pair[2]}, column ${pair[3]} gets ${product(pair)}`);
      return `${place}, is ${spoken(total)}. In d X, depth ${state.c}: ${shares.join("; ")}.`;
    }
    const bias = state.mode === "forward" ? [`bias ${spoken(values.b[state.k])}`] : [];
    const sum = [...bias, ...found.map(product)].join(" plus ");
    return `${place}: ${sum} is ${spoken(total)}.${absent ? ` Absent, outside the border: ${absent}.` : ""}`;
  };

  return {
    tag: "cnnlab-explorer",
    planes,
    spell,
    say,
    choices: ({ w, X }) => [["k", "pattern", [...w.keys()]], ["c", "depth", [...X.keys()]]],
    // A sum over all depths or patterns leaves nothing to choose.
    settled: { forward: "c", gather: "k" },
    extent: ({ w, X, Z }, mode) => {
      const plane = { weight: w[0][0], gather: X[0] }[mode] ?? Z[0];
      return [plane.length, plane[0].length];
    },
    // Gather and scatter: the same place, seen from both ends.
    same: (before, mode) => [before, mode].sort().join() === "gather,scatter",
  };
})();
