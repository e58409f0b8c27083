// The network of the chapter, one loop for each index, as cnnlab.reference has them. Every result of
// a layer is a stage: `values` of `shape` (maps, rows, columns), and the stage `from` which it came.
((cnn) => {
  "use strict";

  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // The weights of each layer from the bytes in which they were sent.
  cnn.open = ({ layers, bytes, numbers }) => {
    const whole = new Int8Array(bytesOf(bytes).buffer);
    const floats = new Float32Array(bytesOf(numbers).buffer);
    let [byte, float] = [0, 0];
    return layers.map((layer) => {
      if (!layer.w) return layer;
      const [outputs, size] = [layer.w[0], layer.w.reduce((product, n) => product * n)];
      const scale = floats.subarray(float, (float += outputs));
      const b = floats.subarray(float, (float += outputs));
      const stored = whole.subarray(byte, (byte += size));
      const w = Float64Array.from(stored, (value, n) => value * scale[Math.floor((n * outputs) / size)]);
      return { ...layer, shape: layer.w, w, b };
    });
  };

  // Zeros around each map.
  function padded({ values, shape: [maps, rows, columns] }, more) {
    if (!more) return values;
    const wide = columns + 2 * more;
    const around = new Float64Array(maps * (rows + 2 * more) * wide);
    for (let c = 0; c < maps; c++) {
      for (let i = 0; i < rows; i++) {
        const line = (c * rows + i) * columns;
        around.set(values.subarray(line, line + columns), (c * (rows + 2 * more) + i + more) * wide + more);
      }
    }
    return around;
  }

  // Z[k,i,j] = b[k] + the sum over c, u, v of X[c,i+u,j+v] w[k,c,u,v]
  function search({ w, b, shape: [P, D, m, n], padding }, from) {
    const [M, N] = [from.shape[1] + 2 * padding, from.shape[2] + 2 * padding];
    const [rows, columns] = [M - m + 1, N - n + 1];
    const X = padded(from, padding);
    const values = new Float64Array(P * rows * columns);
    for (let k = 0, at = 0; k < P; k++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, at++) {
          let sum = b[k];
          for (let c = 0; c < D; c++) {
            for (let u = 0; u < m; u++) {
              const [of, by] = [(c * M + i + u) * N + j, ((k * D + c) * m + u) * n];
              for (let v = 0; v < n; v++) sum += X[of + v] * w[by + v];
            }
          }
          values[at] = sum;
        }
      }
    }
    return { values, shape: [P, rows, columns] };
  }

  const relu = (_, { values, shape }) => ({ values: values.map((value) => Math.max(value, 0)), shape });

  // The largest entry of each window; of several, the first.
  function pool({ size }, { values: X, shape: [P, M, N] }) {
    const [rows, columns] = [Math.floor(M / size), Math.floor(N / size)];
    const values = new Float64Array(P * rows * columns).fill(-Infinity);
    for (let k = 0, at = 0; k < P; k++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, at++) {
          for (let u = 0; u < size; u++) {
            for (let v = 0; v < size; v++) {
              values[at] = Math.max(values[at], X[(k * M + size * i + u) * N + size * j + v]);
            }
          }
        }
      }
    }
    return { values, shape: [P, rows, columns] };
  }

  // Z[o] = b[o] + the sum over i of X[i] w[o,i]
  function dense({ w, b, shape: [outputs, inputs] }, { values: X }) {
    const values = new Float64Array(outputs);
    for (let o = 0, at = 0; o < outputs; o++) {
      values[o] = b[o];
      for (let i = 0; i < inputs; i++, at++) values[o] += X[i] * w[at];
    }
    return { values, shape: [1, 1, outputs] };
  }

  const KINDS = { search, relu, pool, dense };

  // All stages, the image first, the scores last.
  cnn.forward = (layers, image) =>
    layers.reduce((stages, layer) => {
      const from = stages.at(-1);
      return [...stages, { layer, from, ...KINDS[layer.kind](layer, from) }];
    }, [{ values: Float64Array.from(image), shape: [1, 28, 28] }]);

  cnn.softmax = (scores) => {
    const largest = Math.max(...scores);
    const parts = Array.from(scores, (score) => Math.exp(score - largest));
    const sum = parts.reduce((one, other) => one + other);
    return parts.map((value) => value / sum);
  };
})((globalThis.cnnDigit ??= {}));
