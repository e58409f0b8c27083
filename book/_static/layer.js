// The layer at work on the start page: a pattern slides over a digit, and its map fills.
// The still picture stands in the page; this script goes on from there.
(function () {
  const figure = document.querySelector(".layer-at-work");
  if (!figure) return;

  const { X, w, b } = JSON.parse(figure.dataset.layer);
  const size = w[0].length;
  const side = X.length - size + 1;
  const MAP_TAKES = 9000; // milliseconds for all positions of one pattern
  const PAUSE = 1600; // before the next pattern

  // Z[k, i, j] of the page's own equation.
  const maps = w.map((pattern, k) =>
    Array.from({ length: side * side }, (_, position) => {
      const i = Math.floor(position / side);
      const j = position % side;
      let total = b[k];
      for (let u = 0; u < size; u++)
        for (let v = 0; v < size; v++) total += (X[i + u][j + v] / 255) * pattern[u][v];
      return total;
    }),
  );
  const largest = (values) => Math.max(...values.map(Math.abs));
  const topOfMaps = largest(maps.flat());
  const topOfPatterns = largest(w.flat(2));

  const part = (selector) => figure.querySelector(selector);
  const map = part(".map");
  const play = part(".play");
  const next = part(".next");
  const window_ = part(".window");
  const entry = part(".entry");

  let k = 2;
  let position = map.childElementCount - 1; // of the still picture
  let moving = false;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let wanted = !calm.matches;
  let seen = true;
  let before = null;
  let waited = 0;
  let progress = position;

  const paint = (square, value, top) => {
    square.setAttribute("fill", value > 0 ? "var(--cnn-bad)" : "var(--cnn-X)");
    square.setAttribute("fill-opacity", (Math.abs(value) / top).toFixed(2));
  };

  for (let at = map.childElementCount; at < side * side; at++) {
    const square = map.firstElementChild.cloneNode();
    square.setAttribute("x", 43 + (at % side));
    square.setAttribute("y", 6 + Math.floor(at / side));
    square.setAttribute("fill-opacity", 0);
    map.append(square);
  }

  function moveTo(place) {
    while (position < place) {
      position += 1;
      paint(map.children[position], maps[k][position], topOfMaps);
    }
    const i = Math.floor(position / side);
    const j = position % side;
    window_.setAttribute("x", 1 + j);
    window_.setAttribute("y", 4 + i);
    entry.setAttribute("x", 43 + j);
    entry.setAttribute("y", 6 + i);
    part(".number").textContent =
      `Z[${k}, ${i}, ${j}] = ${maps[k][position].toFixed(2)}`.replace("-", "\u2212");
  }

  function take(pattern) {
    k = pattern;
    part(".pattern")
      .querySelectorAll("rect")
      .forEach((square, at) =>
        paint(square, w[k][Math.floor(at / size)][at % size], topOfPatterns),
      );
    for (const square of map.children) square.setAttribute("fill-opacity", 0);
    position = -1;
    progress = 0;
    waited = 0;
    moveTo(0);
  }

  function step(now) {
    if (!moving) return;
    const passed = before === null ? 0 : Math.min(now - before, 100);
    before = now;
    if (position < side * side - 1) {
      progress += (passed * side * side) / MAP_TAKES;
      moveTo(Math.min(Math.floor(progress), side * side - 1));
    } else if ((waited += passed) > PAUSE) {
      take((k + 1) % w.length);
    }
    requestAnimationFrame(step);
  }

  function update() {
    play.textContent = wanted ? "Pause" : "Play";
    const now = wanted && seen;
    if (now && !moving) {
      before = null;
      requestAnimationFrame(step);
    }
    moving = now;
  }

  play.addEventListener("click", () => {
    wanted = !wanted;
    update();
  });
  next.addEventListener("click", () => {
    take((k + 1) % w.length);
    if (!wanted) moveTo(side * side - 1); // who stands still sees the whole map
  });
  calm.addEventListener("change", () => {
    wanted = !calm.matches;
    update();
  });
  play.hidden = next.hidden = false;
  // Nothing moves where nobody looks.
  new IntersectionObserver(([found]) => {
    seen = found.isIntersecting;
    update();
  }).observe(figure);
  update();
})();
