// The color of a signed number: red above zero, blue below, the stronger the farther from zero.
// The style sheet has the colors, .cx-plus and .cx-minus; digits in ink stay legible on them.
const STRONGEST = 0.5;
const signed = (value, largest) => {
  const amount = worth(value);
  const strength = Math.floor(Math.min(1, Math.abs(amount) / largest) * 100 * STRONGEST + 0.5) / 100;
  return { name: strength === 0 ? "" : amount < 0 ? "minus" : "plus", strength };
};
