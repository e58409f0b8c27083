"""The explorer in a browser: what it shows, as text, and how to go through all of it."""

import json
import re

import numpy as np

from cnnlab import palette
from cnnlab.page.explorer import explore

# Around a figure: what the book, JupyterLab, and a page without any style give it.
BOOK = {
    mode: "; ".join(
        [
            f"--pst-color-text-base: {palette.colors(mode)['ink']}",
            f"--pst-color-background: {palette.colors(mode)['paper']}",
            *(f"--cnn-{name}: {color}" for name, color in palette.colors(mode).items()),
        ]
    )
    for mode in palette.MODES
}
LAB = {
    "light": "--jp-content-font-color1: rgba(0, 0, 0, .87); --jp-layout-color0: #fff",
    "dark": "--jp-content-font-color1: #fff; --jp-layout-color0: #111",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>:root {{ {style} }}
body {{ margin: 0; padding: 0 12px; font-family: sans-serif; color: var(--pst-color-text-base);
background: var(--pst-color-background) }}</style></head><body><main><h1>Test</h1>
{content}<p id="after">After.</p><div style="height: 1500px"></div></main></body></html>"""

# What stands on the page, as text, without any knowledge of how it was computed.
READ = """element => {
  const text = e => e.textContent;
  const number = e => e ? Number(text(e).replace('\\u2212', '-').replace('\\u00d7', '')) : null;
  const place = e => [Number(e.getAttribute('x')), Number(e.getAttribute('y'))];
  const planes = [...element.querySelectorAll('.cx-plane')].map(plane => {
    const cells = [...plane.querySelectorAll('.cx-row')].map(row =>
      [...row.querySelectorAll('.cx-cell')].map(cell => number(cell.querySelector('text'))));
    const absent = [...plane.querySelectorAll('.cx-row')].map(row =>
      [...row.querySelectorAll('.cx-cell')].map(cell => !!cell.querySelector('.cx-absent')));
    const frame = plane.querySelector('.cx-window rect');
    const chosen = plane.querySelector('.cx-chosen');
    const at = e => e && [(e.getAttribute('y') - 28) / 44, e.getAttribute('x') / 44];
    return {
      title: text(plane.querySelector('.cx-title')), cells, absent,
      window: at(frame), chosen: at(chosen),
      laid: [...plane.querySelectorAll('.cx-window text')].map(number),
      shape: frame && [frame.getAttribute('height') / 44, frame.getAttribute('width') / 44],
      grid: plane.getAttribute('role') === 'grid',
    };
  });
  return {
    planes,
    sum: [...element.querySelectorAll('.cx-now > span')].map(text),
    said: text(element.querySelector('.cx-said')),
    checked: Object.fromEntries(
      [...element.querySelectorAll('select, input:checked')].map(e => [e.name, e.value])),
  };
}"""

# A picture as a tree of names, classes, places and texts.
PICTURE = """svg => {
  const tree = e => [e.localName, e.getAttribute('class') ?? '',
    [...e.attributes].filter(a => /^([xyd]|width|height|viewBox|transform)$/.test(a.name))
      .map(a => a.name + a.value), e.children.length ? '' : e.textContent,
    [...e.children].map(tree)];
  return tree(svg);
}"""


def read(page, nth=0):
    return page.locator("cnnlab-explorer").nth(nth).evaluate(READ)


def select(page, name, value):
    """Choose below the picture."""
    figure = page.locator("cnnlab-explorer, cnnlab-pooling").first
    if name == "mode":
        figure.locator("select").select_option(value)
    else:
        figure.locator(f"input[name={name}][value='{value}']").check()


def example(sizes=(2, 4, 5, 2, 2, 3), seed=3, **options):
    D, M, N, P, m, n = sizes
    rng = np.random.default_rng(seed)
    return explore(
        rng.integers(-9, 10, (D, M, N)),
        rng.integers(-9, 10, (P, D, m, n)),
        rng.integers(-9, 10, P),
        rng.integers(-9, 10, (P, M - m + 1, N - n + 1)),
        **options,
    )


def cell(page, title, row, column):
    """Return the middle of an entry on the screen."""
    titles = page.locator(".cx-title").all_text_contents()
    plane = page.locator(".cx-plane").nth(titles.index(title))
    box = plane.locator(".cx-row").nth(row).locator(".cx-cell").nth(column).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def chosen(page):
    (grid,) = [plane for plane in read(page)["planes"] if plane["grid"]]
    return grid["title"], grid["chosen"]


# Presses the buttons that are there for every pattern and depth, walks with the arrow keys through
# every entry of the grid, line by line there and back, and takes down what stands in place of TAKE.
WALK = """(element, { mode, patterns, depths }) => {
  const choose = (name, value) => {
    const button = element.querySelector(`input[name=${name}][value='${value}']`);
    if (button?.checkVisibility()) button.click();
    return button;
  };
  const press = (key, ctrlKey = false) => element.querySelector('.cx-cell[tabindex="0"]')
    .dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }));
  const seen = [];
  const walk = (k, c) => {
    const grid = element.querySelector('[role=grid]');
    const rows = grid.querySelectorAll('.cx-row').length;
    const columns = grid.querySelectorAll('.cx-cell').length / rows;
    press('Home', true);
    for (let row = 0; row < rows; row++) {
      press('Home');
      for (let column = 0; column < columns; column++) {
        seen.push([k, c, row, column, (TAKE)(element)]);
        press('ArrowRight');
      }
      press('ArrowDown');
    }
  };
  const select = element.querySelector('select');
  select.value = mode;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  if (select.value !== mode) throw new Error(`no mode ${mode}`);
  for (const k of patterns) {
    for (const c of depths) {
      choose('k', k);
      choose('c', c);
      walk(k, c);
    }
  }
  return JSON.stringify(seen);
}"""


def walk(page, values, mode, nth=0, take=READ):
    """List every state of a mode: k, c, row, column, and what the page shows there."""
    element = page.locator("cnnlab-explorer").nth(nth)
    choices = {
        "mode": mode,
        "patterns": list(range(len(values["w"]))) if mode != "gather" else [0],
        "depths": list(range(len(values["X"]))) if mode != "forward" else [0],
    }
    return json.loads(element.evaluate(WALK.replace("TAKE", take), choices))


def met(shown):
    """Return the planes on which numbers lie."""
    return [plane for plane in shown["planes"] if plane["laid"]]


def titled(shown, start):
    return [plane for plane in shown["planes"] if plane["title"].startswith(start)]


def window(plane):
    """Return the entries of a plane in its frame, and what is laid on them."""
    (row, column), (rows, columns) = map(int, plane["window"]), map(int, plane["shape"])
    cells = [line[column : column + columns] for line in plane["cells"][row : row + rows]]
    return cells, np.reshape(plane["laid"], (rows, columns)).tolist()


def compute(terms):
    terms = terms.replace("\N{MINUS SIGN}", "-").replace("·", "*")
    assert re.fullmatch(r"[-+*() \d]+", terms), terms
    return eval(terms)


def luminance(color):
    channels = [int(part) / 255 for part in re.findall(r"[\d.]+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(page):
    """Return the contrast of all text, in the picture and around it."""
    look = """() => {
      const style = name => getComputedStyle(document.querySelector(`cnnlab-explorer ${name}`));
      const inks = [style('.cx-cell text').fill,
        ...['.cx-now', 'select'].map(name => style(name).color)];
      const explorer = getComputedStyle(document.querySelector('cnnlab-explorer'));
      return [inks, [style('.cx-ground').fill, explorer.backgroundColor]];
    }"""
    inks, papers = page.evaluate(look)
    assert len(set(inks)) == len(set(papers)) == 1
    ink, paper = inks[0], papers[0]
    dark, light = sorted([luminance(ink), luminance(paper)])
    return (light + 0.05) / (dark + 0.05)
