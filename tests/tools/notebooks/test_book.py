"""Numbers as the website counts them, words, sources and headings."""

import nbformat

from tools.notebooks.book import lab_fragment, read_book, web_fragment

TOC = """
root: book/intro
parts:
  - caption: Start
    chapters:
      - file: book/notation
  - caption: Before
    numbered: 1
    chapters:
      - file: book/images
      - file: book/learning
  - caption: Reference
    chapters:
      - file: book/operations
      - file: book/glossary
      - file: book/absent
"""
BIB = """@article{lecun1998,
  author = {LeCun, Yann and {Bottou}, L},
  title  = {{MNIST} and max\\_pool},
  year   = {1998},
}
"""


def page(*labels):
    text = "# Title of it\n\n" + "\n\n".join(f"$$\nx\n$$ ({label})" for label in labels)
    name = labels[0].removeprefix("eq-") if labels else "x"
    exercise = f"```{{exercise}} Short\n:label: ex-{name}-1\n\nx\n```"
    cell = nbformat.v4.new_markdown_cell(f"{text}\n\n{exercise}\n\n```python\n# no heading\n```")
    return nbformat.v4.new_notebook(cells=[cell])


def test_a_book_is_read(tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    (tmp_path / "_toc.yml").write_text(TOC)
    pages = {
        "intro": page(),
        "notation": page("eq-n1", "eq-n2"),
        "images": page("eq-i1"),
        "learning": page("eq-l1", "eq-l2"),
        "operations": page("eq-o1"),
    }
    for name, notebook in pages.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "glossary.md").write_text("# Glossary\n\n```{glossary}\nmap\n  A map.\n```\n")
    (folder / "references.bib").write_text(BIB)

    book = read_book(tmp_path)
    numbers = {label: equation.number for label, equation in book.equations.items()}
    assert numbers == {
        "eq-n1": "N.1",
        "eq-n2": "N.2",
        "eq-i1": "1.1",
        "eq-l1": "2.1",
        "eq-l2": "2.2",
        "eq-o1": "O.1",
    }
    assert book.equations["eq-l1"].page == "learning"
    assert book.exercises["ex-i1-1"].number == "1.1"
    assert book.exercises["ex-i1-1"].title == "Short"
    assert book.files["glossary"] == "glossary.md"
    assert "absent" not in book.files
    assert book.titles["images"] == "Title of it"
    assert book.headings["images"] == {"title-of-it": "Title-of-it"}
    assert book.terms == {"map": "map"}
    assert book.sources["lecun1998"]["title"] == "MNIST and max_pool"

    (folder / "glossary.md").write_text("# Glossary\n\n### map\n\nA map.\n")
    assert read_book(tmp_path).terms == {"map": "map"}


def test_headings_in_an_address():
    assert lab_fragment("Why `+=`, not 2-D?") == "Why-+=,-not-2-D?"
    assert web_fragment("Why `+=`, not 2-D?") == "why--not-2-d"
    assert (
        web_fragment(lab_fragment("How it is a 3-D convolution")) == "how-it-is-a-3-d-convolution"
    )
