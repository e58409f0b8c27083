// A picture, and on it what a finger can take: boxes (left, top, width, height, in the units of the
// picture) in which it does not scroll the page.
const board = (picture, [width, height], boxes) => {
  const percent = (part, whole) => `${((100 * part) / whole).toFixed(3)}%`;
  const handles = boxes.map(({ left, top, width: wide, height: tall }) =>
    `<div class="cx-handle" style="left:${percent(left, width)};top:${percent(top, height)};width:${percent(wide, width)};height:${percent(tall, height)}"></div>`);
  return `<div class="cx-board">${picture}${handles.join("")}</div>`;
};
