// The editor of a loop: its buttons, what is kept in the browser, and what is said of an answer.
"use strict";
(function () {
  const UNKNOWN = "The values are wrong, and no known mistake gives them.";

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function paragraph(html, kind) {
    const made = element("p", undefined, kind);
    made.innerHTML = html;
    return made;
  }

  // A browser may keep nothing, or have no room left: then nothing is kept.
  const kept = {
    key: (loop) => `cnnlab-editor:${loop}`,
    read(loop) {
      try {
        return localStorage.getItem(this.key(loop));
      } catch {
        return null;
      }
    },
    write(loop, text) {
      try {
        if (text === null) localStorage.removeItem(this.key(loop));
        else localStorage.setItem(this.key(loop), text);
      } catch {}
    },
  };

  // What is said of the kinds of fault that are no wrong number.
  const SAID = {
    missing: (task) => `There is no function ${task.function}: keep its first line as it was.`,
    endless: () => "Stopped, since it ran for too long: is there a loop that never ends?",
    stopped: () => "Stopped.",
    nothing: () => "Nothing came back, but None: does the function end with return?",
    parts: (task, kind) =>
      `${task.results.length} results are needed, ${task.results.join(", ")}, and a ${kind} came.`,
    type: (task, name, came) => `${name} is no array of numbers: ${came}.`,
    shape: (task, name, came, needed) =>
      came === "()"
        ? `${name} is a single number, but an array of the shape ${needed} is needed.`
        : `${name} has the shape ${came}, but ${needed} is needed.`,
    changed: (task, name) =>
      `The values are right, but ${name}, which was given, is changed: write into a copy.`,
    syntax: (task, words, line) => `This is no Python yet. Line ${line}: ${words}.`,
    raised: (task, words, line) => `It stopped${line && ` in line ${line}`}. ${words}.`,
    "not finite": (task, place, came) =>
      came === "nan"
        ? `${place} is NaN, which is no number: was it filled, or 0 divided by 0?`
        : `${place} is infinite: was something divided by 0?`,
  };

  function entry(place, yours, expected, wrong, all) {
    const table = element("table", undefined, "ed-entry");
    const which = wrong === "1" ? "The one wrong entry" : `The first of ${wrong} wrong entries`;
    table.append(element("caption", `${which}, of ${all}`));
    const [head, row] = [table.createTHead().insertRow(), table.createTBody().insertRow()];
    for (const text of ["Entry", "Yours", "Expected"]) {
      const cell = element("th", text);
      cell.scope = "col";
      head.append(cell);
    }
    for (const text of [place, yours, expected]) {
      row.append(element("td", text.replaceAll("-", "\u2212")));
    }
    return table;
  }

  // Say which mistake it is; where several give the same answers, which ones.
  function named(mistakes) {
    const [[words, why, link]] = mistakes;
    if (mistakes.length === 1) return [paragraph(`${why} ${link && `See ${link}.`}`)];
    const list = element("ul");
    for (const [each] of mistakes.slice(1)) {
      const item = element("li");
      item.innerHTML = each;
      list.append(item);
    }
    const also = "These look the same on all cases, so it may as well be one of them:";
    return [paragraph(`One of ${mistakes.length}: ${why} ${also}`), list];
  }

  function headline(mark, html, kind) {
    return paragraph(`<span aria-hidden="true">${mark}</span> ${html}`, `ed-head ed-${kind}`);
  }

  function plainHead(mark, text, kind) {
    const head = headline(mark, "", kind);
    head.append(text);
    return head;
  }

  function answer(task, { verdict, printed }, source) {
    const [kind, place, right, numbers = "", ...said] = verdict;
    if (kind === "right") {
      return [plainHead("\u2713", `Right in all ${place} cases.`, "good")];
    }
    const mistakes = numbers ? numbers.split(" ").flatMap((row) => task.mistakes[row]) : [];
    const parts = [];
    if (mistakes.length) parts.push(headline("\u2717", mistakes[0][0], "bad"), ...named(mistakes));
    else if (kind === "values") parts.push(plainHead("\u2717", UNKNOWN, "bad"));
    if (kind === "values") parts.push(entry(...said));
    else {
      const words = SAID[kind](task, ...said);
      parts.push(parts.length ? element("p", words) : plainHead("\u2717", words, "bad"));
    }
    const line = { raised: said[1], syntax: said[1] }[kind];
    if (line) parts.push(element("pre", source.split("\n")[line - 1]?.trim(), "ed-line"));
    if (/has no attribute|No module named|are indices here/.test(said[0])) {
      parts.push(element("p", "Here runs a small NumPy for loops; the notebook has all of it."));
    }
    if (place) {
      const [good, all] = right.split("/");
      parts.push(element("p", `Case: ${task.shapes[place]}. Right in ${good} of ${all} cases.`));
    }
    if (kind === "values" && !mistakes.length) {
      parts.push(paragraph(`Compare one sum by hand with ${task.equation}.`));
    }
    if (printed.length) {
      parts.push(element("p", "Printed:"), element("pre", printed.join("\n"), "ed-line"));
    }
    return parts;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("no clipboard");
    }
  }

  function wait(said, run) {
    const stop = new AbortController();
    run.textContent = "Stop";
    run.onclick = () => stop.abort();
    if (!cnnEditor.python) said.replaceChildren(element("p", "Python is loaded \u2026"));
    return stop.signal;
  }

  function setUp(box) {
    const loop = box.dataset.loop;
    const find = (kind) => box.querySelector(`.ed-${kind}`);
    const [area, said, run] = [find("code"), find("said"), find("run")];
    const skeleton = area.defaultValue;
    const renumber = cnnEditor.editing(area, find("numbers"));
    area.value = kept.read(loop) ?? skeleton;
    renumber();
    const prepared = () => cnnEditor.load(`editor-${loop}.js`).then(() => cnnEditor.tables[loop]);
    const say = (text) => said.replaceChildren(element("p", text));

    async function ran() {
      const source = area.value;
      const signal = wait(said, run);
      box.setAttribute("aria-busy", "true");
      try {
        const task = await prepared();
        const found = await cnnEditor.run({ ...task, source }, signal);
        said.replaceChildren(...answer(task, found, source));
      } catch (error) {
        say(`Python could not be started here (${error.message}). Copy the loop into a notebook.`);
      }
      box.removeAttribute("aria-busy");
      run.textContent = "Run";
      run.onclick = ran;
    }

    run.onclick = ran;
    find("copy").onclick = () =>
      prepared()
        .then((task) => copy(`${area.value.trimEnd()}\n\n${task.check}`))
        .then(() => say("Copied, with a check: paste it into a cell of this chapter's notebook."))
        .catch(() => say("This browser does not let a page copy: select the lines yourself."));
    find("reset").onclick = () => {
      area.value = skeleton;
      kept.write(loop, null);
      renumber();
      say("The editor is as it was at first.");
    };
    area.addEventListener("input", () => kept.write(loop, area.value));
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (run.onclick === ran) ran();
    });
  }

  for (const box of document.querySelectorAll(".ed")) setUp(box);
})();
