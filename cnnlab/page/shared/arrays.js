// Arrays of two axes, as lists of lists.
const range = (count) => Array.from({ length: count }, (_, n) => n);
const fill = (rows, columns, value) => Array.from({ length: rows }, () => Array(columns).fill(value));
const grid = (numbers, look) => numbers.map((line, r) => line.map((value, s) => look(value, r, s)));
const turn = (numbers) => [...numbers].reverse().map((line) => [...line].reverse());
const clamp = (value, count) => Math.max(0, Math.min(value, count - 1));
