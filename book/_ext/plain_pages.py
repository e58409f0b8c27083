"""Pages in plain Markdown, as every Jupyter shows them, get the markup of the website.

`tools.notebooks.plain` says which form stands for which.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from result_cards import framed

from tools.notebooks.book import read_book
from tools.notebooks.myst import page_to_myst, to_myst


def translate(app, docname, source):
    """Rewrite the text of a page before it is parsed."""
    if not hasattr(app, "book_of_pages"):
        app.book_of_pages = read_book(Path(app.srcdir))
    book = app.book_of_pages
    if not docname.startswith("book/"):
        return
    page = docname.rpartition("/")[2]
    if book.files.get(page, "").endswith(".ipynb"):
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                text = to_myst("".join(cell["source"]), book)
                cell["source"] = framed(text, cell["metadata"].get("tags", ()))
        source[0] = json.dumps(notebook)
    else:
        source[0] = page_to_myst(source[0], page, book)


def setup(app):
    """Register with Sphinx."""
    app.connect("source-read", translate)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
