// The turn of "Input gradient": the slider turns the cells of the pattern, their numbers stay
// upright, and after half a turn the pattern moves onto dZ. Python drew the picture (frames.py) and
// computed the sums; here are positions only.
(() => {
  "use strict";

  function start(root) {
    const { middle, lay, threads, spoken } = JSON.parse(root.dataset.values);
    const live = root.querySelector(".tn-live");
    const find = (name) => live.querySelector(name);
    const [slider, picture, said] = [find("input"), find("svg"), find(".tn-said")];
    const drawn = [...live.querySelectorAll(".tn-threads g")];
    let timer;

    // The end of a thread on the pattern goes round with it.
    function lead(thread, [x1, y1, right, down], angle) {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [x2, y2] = [middle[0] + right * cos - down * sin, middle[1] + right * sin + down * cos];
      const bend = (x1 + x2) / 2;
      thread.firstChild.setAttribute("d", `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`);
      thread.lastChild.setAttribute("cx", x2);
      thread.lastChild.setAttribute("cy", y2);
    }

    function show() {
      const degrees = Number(slider.value);
      find(".tn-turning").setAttribute("transform", `rotate(${degrees})`);
      for (const number of live.querySelectorAll(".tn-weight")) {
        const place = number.getAttribute("transform").match(/^[^)]*\)/)[0];
        number.setAttribute("transform", `${place} rotate(${-degrees})`);
      }
      drawn.forEach((thread, n) => lead(thread, threads[n], (degrees * Math.PI) / 180));
      find(".tn-way").setAttribute("stroke-dasharray", `${degrees} 360`);
      find(".tn-title tspan").textContent = `${degrees}°`;
      const laid = degrees === 180;
      picture.classList.toggle("tn-laid", laid);
      find(".tn-lay").style.transform = `translate(${laid ? lay : 0}px, 0px)`;
      slider.setAttribute("aria-valuetext", `${degrees} degrees`);
      const shown = spoken[degrees] ? String(degrees) : "";
      for (const line of live.querySelectorAll(".tn-results p")) line.classList.toggle("tn-off", line.dataset.angle !== shown);
      if (shown) picture.setAttribute("aria-label", spoken[degrees]);
      // Not every angle that is passed is spoken.
      clearTimeout(timer);
      timer = setTimeout(() => (said.textContent = spoken[slider.value] ?? ""), 400);
    }

    slider.addEventListener("input", show);
    // A degree for each press would be slow.
    slider.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      slider.value = 15 * Math.round(Number(slider.value) / 15 + way);
      show();
    });
    // A finger that lets go near a right angle meant it.
    slider.addEventListener("change", () => {
      const near = Object.keys(spoken).find((angle) => Math.abs(angle - slider.value) < 5);
      if (near) slider.value = near;
      show();
    });
    // A browser that comes back to the page keeps the slider where it was.
    show();
  }

  document.querySelectorAll(".cnn-turn").forEach(start);
})();
