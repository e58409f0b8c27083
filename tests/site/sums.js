// Goes through every entry of every figure on a page, and takes down the sum that it spells: for each
// figure its tag, its data, and for each entry mode, pattern (or rule), depth, row, column and words.
window.sums = () => {
  const press = (figure, key, ctrlKey = false) =>
    figure
      .querySelector('.cx-cell[tabindex="0"]')
      .dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true, cancelable: true }));
  const indices = (figure, name) => {
    const group = figure.querySelector(`fieldset.cx-${name}:not([hidden])`);
    return group ? [...group.querySelectorAll("input")] : [{ value: 0, click: () => null }];
  };
  return [...document.querySelectorAll("cnnlab-explorer, cnnlab-pooling")].map((figure) => {
    const seen = [];
    const entries = (mode, k, c) => {
      const lines = figure.querySelectorAll("[role=grid] .cx-row");
      const columns = lines[0].children.length;
      press(figure, "Home", true);
      for (let row = 0; row < lines.length; row++) {
        press(figure, "Home");
        for (let column = 0; column < columns; column++) {
          const pieces = [...figure.querySelectorAll(".cx-now > span")].map((span) => span.textContent);
          seen.push([mode, Number(k), Number(c), row, column, pieces]);
          press(figure, "ArrowRight");
        }
        press(figure, "ArrowDown");
      }
    };
    const select = figure.querySelector("select");
    for (const { value: mode } of [...select.options]) {
      select.value = mode;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      for (const k of indices(figure, "k")) {
        k.click();
        for (const c of indices(figure, "c")) {
          c.click();
          entries(mode, k.value, c.value);
        }
      }
    }
    return { tag: figure.localName, values: JSON.parse(figure.dataset.values), seen };
  });
};
