// Loads the part when it comes near: a reader who never sees it never pays for it.
(() => {
  "use strict";
  const here = document.currentScript.src;
  const figures = [...document.querySelectorAll("figure.digit")];

  const load = (name) => new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = new URL(name, here);
    script.addEventListener("load", loaded);
    script.addEventListener("error", failed);
    document.head.append(script);
  });

  const watch = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    await load("reader.js");
    await load("player.js");
    figures.forEach((figure) => globalThis.cnnDigit.play(figure));
  }, { rootMargin: "300px 0px" });

  // The page itself comes first.
  const begin = () => figures.forEach((figure) => watch.observe(figure));
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
})();
