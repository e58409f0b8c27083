// The sum behind an entry: window, pattern, products, bias and total, each in the color of its letter.
((cnn) => {
  "use strict";

  const LARGEST = 5; // products of a dense layer that are shown one by one
  const EQUATIONS = { search: "eq-pattern-search", relu: "eq-relu", pool: "eq-max-pool", dense: "eq-vanilla" };

  const number = (value, digits = 2) => value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
  const colored = (letter, text) => `<b class="digit-of-${letter}">${text}</b>`;
  const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));
  const sumOf = (values) => values.reduce((one, other) => one + other, 0);
  // A dense layer has one row of entries.
  const entry = ([k, i, j], { shape }) => (shape[1] === 1 ? `[${j}]` : `[${k}, ${i}, ${j}]`);

  // Numbers in signed colors, under the name of what they are.
  const table = (name, letter, rows, top) => {
    const cell = (value) => {
      if (value === null) return '<td class="digit-absent">0</td>';
      return `<td class="${value < 0 ? "digit-below" : "digit-above"}" style="--part: ${(Math.abs(value) / (top || 1)).toFixed(3)}">${number(value)}</td>`;
    };
    const lines = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`);
    return `<table class="digit-numbers digit-of-${letter}"><caption>${name}</caption><tbody>${lines.join("")}</tbody></table>`;
  };
  const largest = (rows) => Math.max(...rows.flat().map(Math.abs));
  const square = (rows, columns, value) => Array.from({ length: rows }, (_, u) => Array.from({ length: columns }, (_, v) => value(u, v)));

  // Window, pattern and their products in one depth; null where the window lies beyond the edge.
  function searched({ layer, from }, [k, i, j], c) {
    const [, D, m, n] = layer.shape;
    const [, M, N] = from.shape;
    const [top, left] = [i - layer.padding, j - layer.padding];
    const X = square(m, n, (u, v) => {
      const [p, q] = [top + u, left + v];
      return p < 0 || q < 0 || p >= M || q >= N ? null : from.values[(c * M + p) * N + q];
    });
    const w = square(m, n, (u, v) => layer.w[((k * D + c) * m + u) * n + v]);
    return { X, w, products: square(m, n, (u, v) => X[u][v] * w[u][v]) };
  }

  function search(stage, place, depth) {
    const { layer: { shape: [, D], b } } = stage;
    const [k] = place;
    const parts = Array.from({ length: D }, (_, c) => searched(stage, place, c));
    const sums = parts.map(({ products }) => sumOf(products.flat()));
    const { X, w, products } = parts[Math.min(depth, D - 1)];
    const total = sumOf([b[k], ...sums]);
    const words = D > 1 ? `the products of each of ${D} depths` : `${products.flat().length} products`;
    const terms = sums.map((sum, c) => (D > 1 && c === depth ? `<mark>${factor(sum)}</mark>` : factor(sum)));
    return {
      depths: D,
      tables:
        table(`window of ${colored("X", "X")}${D > 1 ? `, depth ${depth}` : ""}`, "X", X, largest(X)) + "<span>×</span>" +
        table(`pattern ${colored("w", `w[${k}${D > 1 ? `, ${depth}` : ""}]`)}`, "w", w, largest(w)) + "<span>=</span>" +
        table("products", "Z", products, largest(products)),
      line: `${colored("Z", `Z[${place.join(", ")}]`)} = ${colored("b", `b[${k}]`)} + ${words} = ${colored("b", number(b[k]))} + ${terms.join(" + ")} = ${colored("Z", number(total))}`,
      said: `Z, map ${k}, row ${place[1]}, column ${place[2]}: bias ${number(b[k])} and ${words} make ${number(total)}.`,
    };
  }

  function relu({ from, values, shape }, place) {
    const at = (place[0] * shape[1] + place[1]) * shape[2] + place[2];
    const name = entry(place, { shape });
    const [before, after] = [number(from.values[at]), number(values[at])];
    return {
      line: `${colored("Y", `Y${name}`)} = max(0, ${colored("Z", `Z${name}`)}) = max(0, ${colored("Z", before)}) = ${colored("Y", after)}`,
      said: `Y ${name}: the larger of 0 and ${before} is ${after}.`,
    };
  }

  function pool({ from, layer: { size } }, [k, i, j]) {
    const [, M, N] = from.shape;
    const window = square(size, size, (u, v) => from.values[(k * M + size * i + u) * N + size * j + v]);
    const top = Math.max(...window.flat());
    const name = `[${k}, ${i}, ${j}]`;
    return {
      tables: table(`window of ${colored("X", `X[${k}]`)}`, "X", window, largest(window)),
      line: `${colored("Y", `Y${name}`)} = max(${window.flat().map((value) => colored("X", number(value))).join(", ")}) = ${colored("Y", number(top))}`,
      said: `Y ${name}: the largest of ${window.flat().map((value) => number(value)).join(", ")} is ${number(top)}.`,
    };
  }

  function dense({ from, layer: { w, b, shape: [, inputs] } }, [, , o]) {
    const products = Array.from({ length: inputs }, (_, i) => ({ i, X: from.values[i], w: w[o * inputs + i], product: from.values[i] * w[o * inputs + i] }));
    const total = b[o] + sumOf(products.map(({ product }) => product));
    const shown = [...products].sort((one, other) => Math.abs(other.product) - Math.abs(one.product)).slice(0, LARGEST);
    const rest = total - b[o] - sumOf(shown.map(({ product }) => product));
    const rows = shown.map(({ i, X, w, product }) => `<tr><th scope="row">${i}</th><td>${number(X)}</td><td>${number(w)}</td><td>${number(product)}</td></tr>`);
    return {
      tables:
        `<table class="digit-largest"><caption>The ${LARGEST} largest of ${inputs} products</caption><thead><tr><th scope="col">i</th>` +
        `<th scope="col">${colored("X", "X[i]")}</th><th scope="col">${colored("w", `w[${o}, i]`)}</th><th scope="col">product</th></tr></thead><tbody>${rows.join("")}</tbody></table>`,
      line: `${colored("Z", `Z[${o}]`)} = ${colored("b", `b[${o}]`)} + these + the others = ${colored("b", number(b[o]))} + ${shown.map(({ product }) => factor(product)).join(" + ")} + ${factor(rest)} = ${colored("Z", number(total))}`,
      said: `Z ${o}: bias ${number(b[o])} and ${inputs} products make ${number(total)}.`,
    };
  }

  // What is shown and said of one entry of a stage; of several depths, the window in one of them.
  cnn.sum = (stage, place, depth) => {
    const { kind } = stage.layer;
    const found = { search, relu, pool, dense }[kind](stage, place, depth);
    return { depths: 1, tables: "", ...found, equation: EQUATIONS[kind] };
  };
  cnn.number = number;
})((globalThis.cnnDigit ??= {}));
