"""A small book for the tests of the tool that writes its text."""

from tools.notebooks.book import Book, Numbered

SOURCES = {
    "lecun1998": {
        "author": "LeCun, Yann and Bottou, Léon and Bengio, Yoshua and Haffner, Patrick",
        "title": "Gradient-based learning",
        "journal": "Proceedings",
        "year": "1998",
        "doi": "10.1109/5.726791",
    },
    "squire1998": {
        "author": "Squire, William and Trapp, George",
        "title": "Complex variables",
        "year": "1998",
        "url": "https://example.org",
    },
}
BOOK = Book(
    files={name: f"{name}.ipynb" for name in ("images", "geometry")}
    | {name: f"{name}.md" for name in ("glossary", "bibliography")},
    titles={"images": "Images as arrays", "geometry": "Geometry", "glossary": "Glossary"},
    headings={
        "images": {"images-as-arrays": "Images-as-arrays", "why-2-d": "Why-2-D?"},
        "geometry": {"geometry": "Geometry"},
        "glossary": {},
        "bibliography": {},
    },
    equations={"eq-a": Numbered("images", "1.1"), "eq-b": Numbered("geometry", "2.1")},
    exercises={"ex-images-1": Numbered("images", "1.1", "By hand")},
    terms={"response-map": "response map", "toeplitz-matrix": "Toeplitz matrix"},
    sources=SOURCES,
)

# What a writer may write on the page `images`, and what the file holds.
PAIRS = {
    "a word": ("{term}`response map`", "[response map](glossary.md#response-map)"),
    "a word in another form": (
        "{term}`maps <response map>`",
        "[maps](glossary.md#response-map)",
    ),
    "a word with a capital": (
        "{term}`Toeplitz matrix`",
        "[Toeplitz matrix](glossary.md#Toeplitz-matrix)",
    ),
    "an equation of the page": ("by {eq}`eq-a`.", "by [(1.1)](#eq-a)."),
    "an equation elsewhere": ("by {eq}`eq-b`.", "by [(2.1)](geometry.ipynb#eq-b)."),
    "a source": ("x {cite}`lecun1998`.", "x ([LeCun et al., 1998](bibliography.md#lecun1998))."),
    "two sources": (
        "x {cite}`lecun1998,squire1998`.",
        "x ([LeCun et al., 1998](bibliography.md#lecun1998); "
        "[Squire and Trapp, 1998](bibliography.md#squire1998)).",
    ),
    "a source in the sentence": (
        "{cite:t}`lecun1998` show",
        "[LeCun et al. (1998)](bibliography.md#lecun1998) show",
    ),
    "a formula": (
        "so\n\n$$\nx[i] = 1\n$$ (eq-a)\n\nand",
        'so\n\n<a id="eq-a"></a>\n$$\nx[i] = 1\n\\tag{1.1}\n$$ (eq-a)\n\nand',
    ),
    "a formula on one line": ("$$ x $$ (eq-a)", '<a id="eq-a"></a>\n$$ x \\tag{1.1} $$ (eq-a)'),
    "a formula without a label before one with": (
        "$$\ny\n$$\n\ntext\n\n$$\nx\n$$ (eq-a)",
        '$$\ny\n$$\n\ntext\n\n<a id="eq-a"></a>\n$$\nx\n\\tag{1.1}\n$$ (eq-a)',
    ),
    "a hint": (
        ":::{dropdown} Hint\nThink of $x$.\n:::",
        "<details>\n<summary>Hint</summary>\n\nThink of $x$.\n\n</details>",
    ),
    "an answer of code": (
        ":::{dropdown} `a[i] < b`\nNo.\n:::",
        "<details>\n<summary><code>a[i] &lt; b</code></summary>\n\nNo.\n\n</details>",
    ),
    "a hint in a hint": (
        "::::{dropdown} One\n:::{dropdown} Two\nx\n:::\n::::",
        "<details>\n<summary>One</summary>\n\n<details>\n<summary>Two</summary>\n\nx\n\n"
        "</details>\n\n</details>",
    ),
    "an exercise": (
        ":::{exercise} By hand\n:label: ex-images-1\n\nAdd {eq}`eq-a`.\n\n"
        "```python\nx = 1\n```\n:::",
        '> <a id="ex-images-1"></a>**Exercise 1.1** (By hand)\n>\n> Add [(1.1)](#eq-a).\n>\n'
        "> ```python\n> x = 1\n> ```",
    ),
    "a solution": (
        ":::{solution} ex-images-1\n:class: dropdown\n\n2\n:::",
        '<details id="ex-images-1-solution">\n<summary>Solution to Exercise 1.1 (By hand)</summary>'
        "\n\n2\n\n</details>",
    ),
    "a note": (":::{note}\nTake care.\n:::\n\nGo on.", "> **Note.** Take care.\n\nGo on."),
    "code": ("```python\n{eq}`eq-a`\n$$\n```", "```python\n{eq}`eq-a`\n$$\n```"),
}
