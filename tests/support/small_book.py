"""A book of three pages, built by Sphinx with extensions of the website."""

import os
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from support.book import ROOT

CONF = """
import sys

sys.path.insert(0, {extensions!r})
project = html_title = "A small book"
author = "its authors"
extensions = [
    "sphinx.ext.autodoc",
    "myst_nb",
    "sphinx_external_toc",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_togglebutton",
    *{names!r},
]
external_toc_path = "_toc.yml"
external_toc_exclude_missing = True
nb_execution_mode = "off"
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
html_theme = "sphinx_book_theme"
html_theme_options = {{
    "repository_branch": "main",
    "launch_buttons": {{"notebook_interface": "jupyterlab"}},
}}
html_static_path = []
numfig = True
math_number_all = False
math_eqref_format = "({{number}})"
mathjax_path = "https://example.org/mathjax.js"
"""
TOC = """
format: jb-book
root: start
parts:
  - caption: First part
    chapters: [{file: prose}]
  - caption: Second part
    numbered: 1
    chapters: [{file: chapter}]
"""
START = """# The course

Here begins what is to be read, and this is its lead.

## A section

Words.
"""
PROSE = r"""# Prose & more

The formula $\frac{a}{b}$ is no lead.

The lead of this page is a sentence.
"""
CHAPTER = """# A chapter

In this chapter one equation has a label, and {eq}`eq-sum` is its number.

$$ a = b + c $$ (eq-sum)

```{figure} picture.svg
:name: fig-square

A square.
```

## Exercises

````{exercise} First
:label: ex-first
How many?
````

```{dropdown} Hint
Count them.
```

````{solution} ex-first
There are seven.
````

## Quiz

**1.** Which?

```{dropdown} This one
Yes. It is right.
```

```{dropdown} That one
No. It is wrong.
```
"""
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><style>'
    "rect { --edge: 2; fill: var(--cnn-X); stroke-width: var(--edge); stroke: var(--none, red); }"
    '</style><rect width="9" height="9"/></svg>'
)
STILL = '<x-figure><img alt="A still square" src="data:image/svg+xml,{}"></x-figure>'


def chapter():
    """Return the notebook: a chapter with folded cells, and a figure that answers."""
    figure = {"text/plain": "<Figure>", "text/html": STILL.format(SQUARE.replace('"', "'"))}
    cells = [
        new_markdown_cell(CHAPTER.partition("## Exercises")[0]),
        new_code_cell("checked = 1", metadata={"tags": ["hide-cell"]}),
        new_code_cell(
            "drawn = 2",
            metadata={"tags": ["hide-input"]},
            outputs=[new_output("display_data", data={"text/plain": "what was drawn"})],
        ),
        new_code_cell("figure", outputs=[new_output("display_data", data=figure)]),
        new_markdown_cell("## Exercises" + CHAPTER.partition("## Exercises")[2]),
    ]
    language = {"name": "python", "pygments_lexer": "ipython3"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": language})


def write(folder, extensions):
    """Write the sources of the book."""
    conf = CONF.format(extensions=str(ROOT / "book" / "_ext"), names=list(extensions))
    pages = {
        "conf.py": conf,
        "_toc.yml": TOC,
        "start.md": START,
        "prose.md": PROSE,
        "picture.svg": SQUARE.replace("<svg ", '<svg class="p" '),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    nbformat.write(chapter(), folder / "chapter.ipynb")


def build(folder, builder, extensions, **environment):
    """Build the book; return the folder that holds it. A warning is an error."""
    source = folder / "source"
    if not source.exists():
        source.mkdir()
        write(source, extensions)
    out = folder / builder
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder]
    command += ["-d", str(folder / "doctrees"), str(source), str(out)]
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**cleaned, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1700000000", **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out
