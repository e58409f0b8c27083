// Runs Python: in a worker, which can be ended, or on the page itself if there is none.
"use strict";
cnnEditor.SECONDS = 5; // so long a loop may run
cnnEditor.STEPS = 2e6; // and so many lines on the page itself
cnnEditor.load = (function () {
  const loaded = {};
  return (name) =>
    (loaded[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = cnnEditor.folder + name;
      script.onload = resolve;
      script.onerror = () => {
        delete loaded[name];
        script.remove();
        reject(new Error(name));
      };
      document.head.append(script);
    }));
})();

// Begins Python and returns the judge. It knows nothing of the page: a worker gets its text.
cnnEditor.begin = function (sources, steps) {
  const B = globalThis.__BRYTHON__;
  B.parse_options({ debug: 1 });
  let left = Infinity;
  if (steps) {
    const mark = B.set_lineno;
    B.set_lineno = function (...place) {
      if (left-- < 0) throw new Error("steps");
      return mark.apply(this, place);
    };
  }
  B.protocol = "file"; // so that it looks for no module elsewhere
  for (const [name, text] of Object.entries(sources)) B.runPythonSource(text, name);
  B.imported.math = B.imported.numpy; // the root and the like
  const judge = B.$getattr(B.imported.judging, "judge");
  return function (task) {
    left = steps || Infinity;
    try {
      const results = B.$list(task.results);
      const said = judge(task.source, task.function, results, task.cases, task.rows);
      const [verdict, printed] = Array.from(said, (part) => Array.from(part, String));
      return { verdict, printed };
    } catch (error) {
      if (left < 0) return { verdict: ["endless"], printed: [] };
      throw error;
    } finally {
      left = Infinity;
    }
  };
};

// Without a worker nothing can be stopped from outside: the lines are counted.
cnnEditor.onPage = function (task) {
  if (!cnnEditor.here) {
    const script = document.createElement("script");
    script.textContent = cnnEditor.python.brython;
    document.head.append(script);
    cnnEditor.here = cnnEditor.begin(cnnEditor.python.sources, cnnEditor.STEPS);
  }
  return cnnEditor.here(task);
};

cnnEditor.run = (function () {
  let worker, ready;

  function start() {
    const { brython, sources } = cnnEditor.python;
    const given = JSON.stringify(sources);
    const parts = [
      brython,
      `\nconst judge = (${cnnEditor.begin})(${given});\n`,
      "onmessage = (event) => postMessage(judge(event.data));\npostMessage(0);\n",
    ];
    const address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
    worker = new Worker(address);
    ready = new Promise((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || "no worker"));
    }).finally(() => URL.revokeObjectURL(address));
  }

  function end() {
    worker?.terminate();
    worker = ready = undefined;
  }

  function ask(task, signal) {
    return new Promise((resolve, reject) => {
      const stop = (kind) => {
        end();
        resolve({ verdict: [kind], printed: [] });
      };
      const limit = setTimeout(stop, 1000 * cnnEditor.SECONDS, "endless");
      signal.addEventListener("abort", () => stop("stopped"));
      worker.onmessage = (event) => {
        clearTimeout(limit);
        resolve(event.data);
      };
      worker.onerror = (event) => {
        clearTimeout(limit);
        end();
        reject(new Error(event.message));
      };
      worker.postMessage(task);
    });
  }

  return async function (task, signal) {
    await cnnEditor.load("editor-python.js");
    if (cnnEditor.here) return cnnEditor.onPage(task);
    try {
      if (!worker) start();
      await ready;
    } catch {
      end();
      return cnnEditor.onPage(task);
    }
    return signal.aborted ? { verdict: ["stopped"], printed: [] } : ask(task, signal);
  };
})();
