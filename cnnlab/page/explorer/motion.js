// Numbers that are added up go to where their sum stands: a copy of each, on its way, fading.
const LASTS = 450;

const gatherInto = (svg, planes, { places, links }) => {
  svg.querySelector(".cx-flying")?.remove();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  svg.insertAdjacentHTML("beforeend", '<g class="cx-flying" aria-hidden="true"></g>');
  const group = svg.lastElementChild;
  const drawn = [...svg.querySelectorAll(".cx-plane")];
  for (const [first, last, sign] of links) {
    const { chosen, idle } = planes[last];
    if (idle || !(sign === "+" || chosen)) continue;
    const [left, top] = places[first];
    const from = anchors(planes[first], places[first]);
    for (const text of drawn[first].querySelectorAll(".cx-cell > text")) {
      const [x, y] = ["x", "y"].map((name) => Number(text.getAttribute(name)));
      const within = (part) => left + x > part.left && left + x < part.left + part.width && top + y > part.top && top + y < part.top + part.height;
      if (!from.some(within)) continue;
      const [to, below] = chosen ? [CELL * chosen[1] + CELL / 2, TITLE + CELL * chosen[0] + 29] : [x, y];
      const copy = group.appendChild(text.cloneNode(true));
      copy.setAttribute("x", left + x);
      copy.setAttribute("y", top + y);
      const way = `translate(${places[last][0] + to - left - x}px, ${places[last][1] + below - top - y}px)`;
      copy.animate(
        [{ transform: "none", opacity: 1 }, { transform: way, opacity: 0.8, offset: 0.9 }, { transform: way, opacity: 0 }],
        { duration: LASTS, easing: "ease-in-out", fill: "forwards" },
      );
    }
  }
  const animations = group.getAnimations({ subtree: true });
  Promise.allSettled(animations.map(({ finished }) => finished)).then(() => group.remove());
};
