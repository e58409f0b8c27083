// The post's network in plain JavaScript, float64 as in cnnlab, and one step of its training.
// Index letters as in the course: s sample, k pattern, i j position, u v offset, o class.
((cnn) => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // The digits, and the network before its first step: weights come as float32, in the order of
  // cnnlab's parameters.
  cnn.open = ({ sizes, digits, labels, start }) => {
    const { P, m, M, O } = sizes;
    const R = M - m + 1;
    const values = Float64Array.from(new Float32Array(bytes(start).buffer));
    let at = 0;
    const take = (count) => values.slice(at, (at += count));
    const net = { ...sizes, R, w: take(P * m * m), b: take(P), W: take(O * P * R * R), c: take(O) };
    const images = Float64Array.from(bytes(digits), (value) => value / 255);
    return { net, images, labels: Array.from(labels, Number) };
  };

  // Y = sigmoid(Z), Z[k,i,j] = b[k] + sum over u, v of X[i+u,j+v] w[k,u,v]
  function search({ P, m, M, R, w, b }, X) {
    const Y = new Float64Array(P * R * R);
    for (let k = 0; k < P; k++)
      for (let i = 0; i < R; i++)
        for (let j = 0; j < R; j++) {
          let Z = b[k];
          for (let u = 0; u < m; u++)
            for (let v = 0; v < m; v++) Z += X[(i + u) * M + j + v] * w[(k * m + u) * m + v];
          Y[(k * R + i) * R + j] = 1 / (1 + Math.exp(-Z));
        }
    return Y;
  }

  // z[o] = c[o] + sum over all entries of W[o] Y
  function score({ O, W, c }, Y) {
    const z = new Float64Array(O);
    for (let o = 0; o < O; o++) {
      let sum = 0;
      for (let n = 0; n < Y.length; n++) sum += W[o * Y.length + n] * Y[n];
      z[o] = sum + c[o];
    }
    return z;
  }

  function logSoftmax(z) {
    const largest = Math.max(...z);
    const below = Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    return z.map((value) => value - largest - below);
  }

  // What one sample adds to the gradients, dz being that of its scores.
  function backward({ P, m, M, R, O, W }, gradients, X, Y, dz) {
    const dY = new Float64Array(Y.length);
    for (let o = 0; o < O; o++) {
      gradients.c[o] += dz[o];
      for (let n = 0; n < Y.length; n++) {
        gradients.W[o * Y.length + n] += dz[o] * Y[n];
        dY[n] += dz[o] * W[o * Y.length + n];
      }
    }
    for (let k = 0; k < P; k++)
      for (let i = 0; i < R; i++)
        for (let j = 0; j < R; j++) {
          const n = (k * R + i) * R + j;
          const dZ = dY[n] * Y[n] * (1 - Y[n]);
          gradients.b[k] += dZ;
          for (let u = 0; u < m; u++)
            for (let v = 0; v < m; v++) gradients.w[(k * m + u) * m + v] += dZ * X[(i + u) * M + j + v];
        }
  }

  // One step with a batch: changes the network, returns the loss before it, the answers, and the
  // largest slope Y (1 - Y) in each map.
  cnn.step = (net, images, labels, rate) => {
    const names = ["w", "b", "W", "c"];
    const gradients = Object.fromEntries(names.map((name) => [name, new Float64Array(net[name].length)]));
    const slopes = new Float64Array(net.P);
    const [B, pixels, places] = [labels.length, net.M * net.M, net.R * net.R];
    const answers = [];
    let loss = 0;
    for (let s = 0; s < B; s++) {
      const X = images.subarray(s * pixels, (s + 1) * pixels);
      const Y = search(net, X);
      const z = score(net, Y);
      const logs = logSoftmax(z);
      loss -= logs[labels[s]] / B;
      answers.push(z.indexOf(Math.max(...z)));
      backward(net, gradients, X, Y, logs.map((log, o) => (Math.exp(log) - (o === labels[s])) / B));
      Y.forEach((y, n) => {
        const k = Math.floor(n / places);
        slopes[k] = Math.max(slopes[k], y * (1 - y));
      });
    }
    for (const name of names) gradients[name].forEach((gradient, n) => (net[name][n] -= rate * gradient));
    return { loss, answers, slopes };
  };

  cnn.norm = (w) => Math.sqrt(w.reduce((sum, value) => sum + value * value, 0));
})((globalThis.cnnTraining ??= {}));
