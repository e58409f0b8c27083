// How numbers are written and spoken. A number may come as a text: "1/2", or "≈0.3", rounded.
const number = (value) => String(value).replace("-", "−");
const spoken = (value) => String(value).replace("-", "minus ").replace("≈", "about ");

// In a product, a negative number stands in parentheses.
const factor = (value) => (String(value).startsWith("-") ? `(${number(value)})` : number(value));

// What a written number is worth.
const worth = (value) => {
  const [above, below = 1] = String(value).replace("≈", "").split("/");
  return Number(above) / Number(below);
};
