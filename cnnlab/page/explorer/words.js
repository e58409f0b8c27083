// A sum as mathematics, in pieces between which a line may break. A piece is a list of pairs: the
// letter of an array ("" for signs) and a text.
const times = (a, first, b, second) => [[first, factor(a)], ["", "·"], [second, factor(b)]];
const summed = (name, letter, [first, ...rest], total) => [
  [[letter, name], ["", " ="]],
  first,
  ...rest.map((term) => [["", "+ "], ...term]),
  [["", total.slice(0, 2)], [letter, total.slice(2)]],
];
// What is added to which entries: pairs of a name and a product.
const listed = (shares) =>
  shares.map(([name, term], n) => [["dX", name], ["", " += "], ...term, ["", n < shares.length - 1 ? "," : ""]]);

// The letter of a name leans, as in formulas.
const lean = (text) => text.replace(/^(d?)([XwbZY])\[/, "$1<i>$2</i>[");
const spans = (pieces) =>
  pieces
    .map((piece) => `<span>${piece.map(([letter, text]) => (letter ? `<b class="cx-of-${letter}">${lean(text)}</b>` : text)).join("")}</span>`)
    .join(" ");
