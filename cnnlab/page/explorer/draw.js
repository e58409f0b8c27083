// How planes of numbers are drawn, as in drawing.py, which also places them.

// Units of the picture.
const [CELL, TITLE, GAP, SPACE] = [44, 28, 40, 16];

const lettersOf = (title) => title.match(/d?[XwbZY](?=\[)/g) ?? [];
// The class that gives a plane the color of its letter, which its title names.
const of = (title) => lettersOf(title).slice(0, 1).map((letter) => ` cx-of-${letter}`).join("");
const box = (row, column, rows = 1, columns = 1) =>
  `x="${CELL * column}" y="${TITLE + CELL * row}" width="${CELL * columns}" height="${CELL * rows}"`;

// An entry; its number a little low where another one lies on it.
const drawCell = (value, row, column, largest, low) => {
  if (value === null) {
    const [x, y] = [CELL * column + 6, TITLE + CELL * row + 6];
    return `<g class="cx-cell"><rect x="${x}" y="${y}" width="${CELL - 12}" height="${CELL - 12}" class="cx-absent"/></g>`;
  }
  if (value === "") return `<g class="cx-cell"><rect ${box(row, column)}/></g>`;
  const text = number(value);
  const small = text.length > 2 ? ` class="cx-digits${text.length}"` : "";
  const { name, strength } = signed(value, largest);
  const color = name && ` class="cx-${name}" fill-opacity="${strength}"`;
  return (
    `<g class="cx-cell"><rect ${box(row, column)}${color}/>` +
    `<text${small} x="${CELL * column + (low ? 18 : CELL / 2)}" y="${TITLE + CELL * row + (low ? 37 : 29)}">${text}</text></g>`
  );
};

// The numbers that lie on a plane, framed, the corner of their entry [0,0] marked.
const drawWindow = ({ over: { row, column, by, letter }, alone, turned }) => {
  const tags = grid(by, (value, r, s) => {
    if (value === "" || alone) return "";
    const text = `×${number(value)}`;
    const [x, y, wide] = [CELL * (column + s) + CELL - 2, TITLE + CELL * (row + r) + 2, 7 * text.length + 4];
    return (
      `<rect class="cx-ground" x="${x - wide}" y="${y}" width="${wide}" height="15"/>` +
      `<text class="cx-tag" x="${x - 2}" y="${y + 12}">${text}</text>`
    );
  });
  let [x, y, side] = [CELL * column, TITLE + CELL * row, 11];
  if (turned) [x, y, side] = [x + CELL * by[0].length, y + CELL * by.length, -11];
  return (
    `<g class="cx-window${alone ? " cx-alone" : ""} cx-of-${letter}"><rect ${box(row, column, by.length, by[0].length)}/>` +
    `<path d="M${x} ${y}h${side}l${-side} ${side}z"/>${tags.flat().join("")}</g>`
  );
};

// A pixel that is paid, or (dashed) one that is as large and is not.
const drawMark = ([row, column, paid]) => {
  const [x, y] = [CELL * column + 5, TITLE + CELL * row + 5];
  return `<rect x="${x}" y="${y}" width="${CELL - 10}" height="${CELL - 10}" class="cx-mark${paid ? "" : " cx-tied"}"/>`;
};

const drawPlane = (plane, [left, top], most) => {
  const { title, cells, pick, chosen, over, alone, idle, marked = [], scale = lettersOf(title).slice(0, 1) } = plane;
  const largest = scale.reduce((all, name) => all * most[name], 1);
  const tagged = (r, s) => over && !alone && (over.by[r - over.row]?.[s - over.column] ?? "") !== "";
  const rows = grid(over && alone ? over.by : cells, (value, r, s) => drawCell(value, r, s, largest, tagged(r, s)));
  const absent = cells.flat().includes(null);
  return (
    `<g class="cx-plane${of(title)}${pick ? " cx-pick" : ""}${idle ? " cx-idle" : ""}" transform="translate(${left} ${top})">` +
    `<text class="cx-title" y="19">${title.replace("turned", '<tspan class="cx-more">turned</tspan>')}</text>` +
    rows.map((line) => `<g class="cx-row">${line.join("")}</g>`).join("") +
    (absent ? "" : `<rect ${box(0, 0, cells.length, cells[0].length)} class="cx-frame"/>`) +
    (over ? drawWindow(plane) : "") +
    marked.map(drawMark).join("") +
    (chosen ? `<rect ${box(...chosen)} class="cx-chosen"/>` : "") +
    "</g>"
  );
};

// What is chosen on a plane: winners, an entry, a window, or the whole of it, in the picture.
const anchors = ({ cells, chosen, over, alone, idle, marked = [] }, [left, top]) => {
  if (idle) return [];
  const [tall, wide] = [cells.length, cells[0].length];
  let parts = marked.filter(([, , paid]) => paid).map(([row, column]) => [row, column, 1, 1]);
  if (!parts.length && chosen) parts = [[...chosen, 1, 1]];
  if (!parts.length && over && !alone) parts = [[over.row, over.column, over.by.length, over.by[0].length]];
  if (!parts.length) parts = [[0, 0, tall, wide]];
  return parts.map(([row, column, rows, columns]) => ({
    left: left + CELL * column,
    top: top + TITLE + CELL * row,
    width: CELL * columns,
    height: CELL * rows,
    whole: rows === tall && columns === wide,
  }));
};

// The frames that can be slid.
const framesOf = (planes, places) =>
  planes.flatMap(({ cells, over, alone, idle }, n) => (over && !alone && !idle ? anchors({ cells, over }, places[n]) : []));

// Where a line meets a side of it: in the middle, but beside the digits of an entry.
const half = (length) => Math.floor(length / 2);
const middle = (length, whole) => length / 2 - (!whole && (length / CELL) % 2 ? 15 : 0);

// Lines from what is chosen on one plane to what is chosen on another, with a sign.
const drawLink = ([first, last, sign], planes, places) => {
  const [starts, ends] = [anchors(planes[first], places[first]), anchors(planes[last], places[last])];
  if (!starts.length || !ends.length) return "";
  const beside = places[last][0] >= places[first][0] + CELL * planes[first].cells[0].length;
  const [{ whole }] = ends;
  const tip = whole && sign ? TITLE + SPACE / 2 : 0; // a title is not crossed
  const points = starts.flatMap((start) =>
    ends.map((end) =>
      beside
        ? [start.left + start.width, start.top + middle(start.height, start.whole), end.left, end.top + middle(end.height, end.whole)]
        : [start.left + middle(start.width, start.whole), start.top + start.height, end.left + middle(end.width, end.whole), end.top - tip],
    ),
  );
  const paths = points.map(([left, top, right, bottom]) => {
    // To an entry it turns late, past what stands between.
    const [x, y] = [Math.max(half(left + right), whole ? 0 : right - GAP), half(top + bottom)];
    const bend = beside ? `${x} ${top} ${x} ${bottom}` : `${left} ${y} ${right} ${y}`;
    return `<path d="M${left} ${top}C${bend} ${right} ${bottom}"/><circle cx="${right}" cy="${bottom}" r="4"/>`;
  });
  const [left, top, right, bottom] = points[0];
  // In the gap before a whole plane, or behind it.
  let [x, y] = whole ? [right - GAP / 2, bottom] : [left + GAP / 2, top];
  if (!beside) [x, y] = whole ? [right, bottom] : [left, top + SPACE / 2];
  const drawn = `<circle class="cx-ground" cx="${x}" cy="${y}" r="11"/><text class="cx-sign" x="${x}" y="${y + 7}">${sign}</text>`;
  return `<g class="cx-link">${paths.join("")}${sign && drawn}</g>`;
};

const draw = (planes, { size: [width, height], shown: [wide, tall], places, links }, most) =>
  `<svg class="cx-picture" viewBox="0 0 ${width} ${height}" width="${wide}" height="${tall}">` +
  planes.map((plane, n) => drawPlane(plane, places[n], most)).join("") +
  links.map((link) => drawLink(link, planes, places)).join("") +
  "</svg>";
