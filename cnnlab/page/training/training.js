// Training in the page of "Learning": shows what network.js computes, step by step. The digits come
// when the part comes near; a run rests while it is out of sight, and is spoken of at its end.
((cnn) => {
  "use strict";

  const here = document.currentScript.src;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const PAUSE = 33; // milliseconds between two steps that are watched

  class Training {
    constructor(root) {
      Object.assign(this, JSON.parse(root.dataset.values), { root });
      const live = root.querySelector(".tr-live");
      this.find = (name) => live.querySelector(`.tr-${name}`);
      this.all = (name) => [...live.querySelectorAll(`.tr-${name}`)];
      this.slider = this.find("rate input");
      this.slider.addEventListener("input", () => this.tune());
      this.tune();
      const presses = { run: () => this.toggle(), step: () => this.stepOnce(), reset: () => this.reset() };
      for (const [name, press] of Object.entries(presses)) {
        // Who is faster than the digits gets what was asked for when they are there.
        this.find(name).addEventListener("click", () => (this.sent ? press() : (this.wanted = press)));
      }
      new IntersectionObserver(([entry]) => {
        this.inSight = entry.isIntersecting;
        this.wake();
      }).observe(live);
      document.addEventListener("visibilitychange", () => this.wake());
    }

    receive(sent) {
      this.sent = sent;
      this.forget();
      this.wanted?.();
    }

    // The number of the slider is the logarithm; what is said is what is computed with.
    tune() {
      this.rate = Number((10 ** this.slider.value).toPrecision(2));
      this.slider.setAttribute("aria-valuetext", String(this.rate));
      this.find("rate output").textContent = this.rate;
    }

    forget() {
      Object.assign(this, cnn.open(this.sent), { losses: [], rights: [], running: false, ended: false });
      this.last = null;
      this.show();
    }

    reset() {
      if (this.losses.length > 1) this.keep();
      this.forget();
      this.say("Back at the start.");
    }

    // The curve of an earlier run stays as a pale line, with its learning rate at its end.
    keep() {
      const past = this.find("past");
      const [x, y] = this.place(this.losses.length - 1);
      // Below the names of the runs before, if these end at the same loss.
      const taken = [...past.querySelectorAll("text")].map((text) => Number(text.getAttribute("y")));
      let line = y + 5;
      while (taken.some((other) => Math.abs(other - line) < 14)) line += 14;
      const text = `<text x="${x + 5}" y="${line}">η ${this.tried}</text>`;
      past.insertAdjacentHTML("beforeend", `<g><path d="${this.find("now").getAttribute("d")}"/>${text}</g>`);
      if (past.children.length > 3) past.firstChild.remove();
    }

    toggle() {
      if (this.ended) this.reset();
      this.running = !this.running;
      this.show();
      this.wake();
    }

    stepOnce() {
      this.running = false;
      if (this.ended) this.reset();
      this.advance();
      this.show();
      this.say(`Step ${this.losses.length}: loss ${this.words(this.losses.at(-1))}.`);
    }

    // Asks for the next frame, unless one is coming or there is nothing to see.
    wake() {
      if (!this.running || this.coming || document.hidden || !this.inSight) return;
      this.coming = requestAnimationFrame((now) => {
        this.coming = null;
        if (!this.running || document.hidden || !this.inSight) return;
        this.frame(now);
        this.wake();
      });
    }

    // One step in a frame, so that the page stays awake. Without motion only the end is shown.
    frame(now) {
      if (!still.matches && now - this.drawn < PAUSE) return;
      this.drawn = now;
      this.advance();
      if (this.ended) this.running = false;
      if (!still.matches || this.ended) this.show();
      if (this.ended) this.say(`${this.find("count").textContent} ${this.find("seen").textContent}`);
    }

    advance() {
      const { batch, images, net } = this;
      const pixels = net.M * net.M;
      const first = (this.losses.length * batch) % this.labels.length;
      const labels = this.labels.slice(first, first + batch);
      const part = images.subarray(first * pixels, (first + batch) * pixels);
      this.tried = this.rate;
      const { loss, answers, slopes } = cnn.step(net, part, labels, this.rate);
      this.losses.push(loss);
      this.rights.push(answers.filter((answer, s) => answer === labels[s]).length);
      this.last = { part, labels, answers, dead: Array.from(slopes, (slope) => !(slope >= this.flat)) };
      this.ended = this.losses.length === this.steps || !Number.isFinite(loss);
    }

    words(loss) {
      return Number.isFinite(loss) ? loss.toFixed(2) : "not a number";
    }

    place(n) {
      const [left, right, top, bottom, lowest, highest] = this.plot;
      const loss = this.losses[n];
      const level = Number.isFinite(loss) ? Math.log10(Math.max(loss, 10 ** lowest)) : highest;
      const share = (Math.min(level, highest) - lowest) / (highest - lowest);
      return [left + ((right - left) * n) / this.steps, bottom - share * (bottom - top)];
    }

    show() {
      this.showPatterns();
      this.showCurve();
      this.showDigits();
      const count = this.losses.length;
      const recent = this.rights.slice(-this.labels.length / this.batch);
      const right = recent.reduce((sum, value) => sum + value, 0);
      this.find("run").textContent = this.running ? "Pause" : this.ended ? "Again" : count ? "Go on" : "Start";
      this.find("count").textContent = count
        ? `Step ${count} of ${this.steps}: loss ${this.words(this.losses.at(-1))}; of the last ${recent.length * this.batch} digits it read ${right}.`
        : `${this.labels.length} digits, ${this.batch} a step, ${this.steps} steps.`;
      this.find("seen").textContent = this.seen();
      // Exact, for whoever compares.
      Object.assign(this.root.dataset, { step: count, loss: this.losses.at(-1) ?? "", norm: cnn.norm(this.net.w) });
    }

    // What can be seen, in words.
    seen() {
      if (!this.last) return "The patterns are random: nothing has been learned yet.";
      const dead = this.last.dead.filter(Boolean).length;
      const [loss, first, guess] = [this.losses.at(-1), this.losses[0], Math.log(this.net.O)];
      if (!Number.isFinite(loss)) return "The loss is no number any more: the steps were far too long.";
      const why = `no slope Y (1 − Y) in these digits is as large as ${this.flat}, so almost no gradient passes.`;
      const same = new Set(this.last.answers).size === 1 ? " All digits get the same answer." : "";
      if (dead === this.net.P) return `All ${dead} patterns are dead: ${why}${same}`;
      if (dead) return `${dead} of ${this.net.P} patterns dead (crossed out): ${why}`;
      if (loss > 1.5 * first) return "The loss has leaped: the step was too long. The patterns are alive, so it can come back.";
      if (loss > 0.8 * guess) return `Not much better than a guess, whose loss is log ${this.net.O} = ${guess.toFixed(2)}.`;
      return "It learns: the patterns change, and the loss falls.";
    }

    showPatterns() {
      const { w, m } = this.net;
      const largest = Math.max(1, ...w.map(Math.abs));
      this.all("pattern").forEach((group, k) => {
        group.classList.toggle("tr-dead", Boolean(this.last?.dead[k]));
        for (let n = 0; n < m * m; n++) {
          const value = w[k * m * m + n];
          const cell = group.children[n + 1];
          cell.setAttribute("class", value < 0 ? "tr-minus" : "tr-plus");
          cell.setAttribute("fill-opacity", Math.min(1, Math.abs(value) / largest).toFixed(2));
        }
      });
    }

    showCurve() {
      const points = this.losses.map((_, n) => this.place(n).map((value) => value.toFixed(1)));
      this.find("now").setAttribute("d", points.map((point, n) => `${n ? "L" : "M"}${point.join(" ")}`).join(""));
      const end = this.find("end");
      end.setAttribute("visibility", points.length ? "visible" : "hidden");
      if (!points.length) return;
      [["cx", 0], ["cy", 1]].forEach(([name, axis]) => end.setAttribute(name, points.at(-1)[axis]));
      this.find("curve").setAttribute("aria-label", `The loss of each step; now ${this.words(this.losses.at(-1))}`);
    }

    // The digits of the step: ink as the page has it, and the answer below.
    showDigits() {
      const pixels = this.net.M * this.net.M;
      const { part, labels, answers } = this.last ?? { part: this.images, labels: this.labels, answers: [] };
      const ink = getComputedStyle(this.root).color.match(/\d+/g).slice(0, 3).map(Number);
      this.all("digits span").forEach((place, s) => {
        const paper = place.firstChild.getContext("2d");
        const picture = paper.createImageData(this.net.M, this.net.M);
        for (let n = 0; n < pixels; n++) picture.data.set([...ink, 255 * part[s * pixels + n]], 4 * n);
        paper.putImageData(picture, 0, 0);
        const known = answers[s] !== undefined;
        place.lastChild.textContent = known ? `${answers[s] === labels[s] ? "✓" : "✗"}${Math.max(answers[s], 0)}` : "\u00a0";
        place.lastChild.className = known ? (answers[s] === labels[s] ? "tr-right" : "tr-wrong") : "";
      });
    }

    say(words) {
      this.find("said").textContent = words;
    }
  }

  const trainings = [...document.querySelectorAll(".cnn-training")].map((root) => new Training(root));
  cnn.receive = (sent) => trainings.forEach((training) => training.receive(sent));
  // The digits come once, when the first part is near.
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      const script = document.createElement("script");
      script.src = new URL(trainings[0].data, here).href;
      document.head.append(script);
    },
    { rootMargin: "1200px" },
  );
  trainings.forEach(({ root }) => near.observe(root));
})(globalThis.cnnTraining);
