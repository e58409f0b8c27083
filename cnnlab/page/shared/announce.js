// Says in a live region what came last: not every place that a sliding finger passes is spoken.
const announcer = (region, pause = 400) => {
  let timer;
  return (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => (region.textContent = words()), pause);
  };
};
