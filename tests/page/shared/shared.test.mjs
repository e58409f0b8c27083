// Tests of cnnlab/page/shared/*.js. Their text comes in CNNLAB_SHARED, as a page gets it.

import assert from "node:assert/strict";
import { test } from "node:test";

const names = ["range", "fill", "grid", "turn", "clamp", "number", "spoken", "factor", "worth", "signed", "keyTarget", "announcer"];
const shared = new Function(`"use strict";${process.env.CNNLAB_SHARED};return { ${names} }`)();

test("arrays are made, mapped with their places, and turned", () => {
  const { range, fill, grid, turn, clamp } = shared;
  assert.deepEqual(range(3), [0, 1, 2]);
  assert.deepEqual(fill(2, 3, 7), [[7, 7, 7], [7, 7, 7]]);
  const rows = fill(2, 2, 0);
  rows[0][0] = 1;
  assert.deepEqual(rows, [[1, 0], [0, 0]]); // no row is the other
  assert.deepEqual(grid([[5, 6], [7, 8]], (value, r, s) => 100 * value + 10 * r + s), [[500, 601], [710, 811]]);
  const numbers = [[1, 2, 3], [4, 5, 6]];
  assert.deepEqual(turn(numbers), [[6, 5, 4], [3, 2, 1]]);
  assert.deepEqual(numbers, [[1, 2, 3], [4, 5, 6]]); // and stay as they are
  assert.deepEqual([-1, 0, 2, 3].map((value) => clamp(value, 3)), [0, 0, 2, 2]);
});

test("numbers have a proper minus sign, and parentheses in a product", () => {
  const { number, factor } = shared;
  assert.deepEqual([3, -3, "-1/2", "≈-0.3"].map(number), ["3", "−3", "−1/2", "≈−0.3"]);
  assert.deepEqual([3, -3, 0, "1/2", "-1/2"].map(factor), ["3", "(−3)", "0", "1/2", "(−1/2)"]);
});

test("numbers are spoken as words", () => {
  assert.deepEqual([3, -3, "-1/2", "≈-0.3"].map(shared.spoken), ["3", "minus 3", "minus 1/2", "about minus 0.3"]);
});

test("a written number has its worth", () => {
  assert.deepEqual([3, -3, "-1/4", "≈0.3"].map(shared.worth), [3, -3, -0.25, 0.3]);
});

test("the color says sign and size, and never more than digits bear", () => {
  const { signed } = shared;
  assert.deepEqual(signed(0, 4), { name: "", strength: 0 });
  assert.deepEqual(signed(4, 4), { name: "plus", strength: 0.5 });
  assert.deepEqual(signed(-1, 4), { name: "minus", strength: 0.13 });
  assert.deepEqual(signed(-9, 4), { name: "minus", strength: 0.5 });
  assert.deepEqual(signed("1/2", 2), { name: "plus", strength: 0.13 });
});

test("keys move within the grid and to its ends", () => {
  const at = (key, more = {}) => shared.keyTarget({ key, ...more }, [1, 2], [3, 4]);
  assert.deepEqual(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].map((key) => at(key)), [[0, 2], [2, 2], [1, 1], [1, 3]]);
  assert.deepEqual([at("Home"), at("End")], [[1, 0], [1, 3]]);
  assert.deepEqual([at("Home", { ctrlKey: true }), at("End", { metaKey: true })], [[0, 0], [2, 3]]);
  assert.deepEqual([at("Enter"), at(" ")], [[1, 2], [1, 2]]);
  assert.deepEqual([at("x"), at("Tab"), at("ArrowUp", { altKey: true })], [null, null, null]);
  assert.deepEqual(shared.keyTarget({ key: "ArrowUp" }, [0, 0], [1, 1]), [0, 0]); // not beyond the border
});

test("of many words soon after each other, the last are said once", async () => {
  const said = [];
  const region = { set textContent(words) { said.push(words); } };
  const announce = shared.announcer(region, 20);
  announce(() => "first");
  announce(() => "second");
  assert.deepEqual(said, []);
  await new Promise((done) => setTimeout(done, 60));
  assert.deepEqual(said, ["second"]);
});
