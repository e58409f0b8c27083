"""Numbers on pages without a number begin with a letter, as (N.2) on the page Notation.

So every equation, exercise and figure of the book has a number of one kind: that of its page, and
its place there. `tools.notebooks.book` writes the same numbers into the notebooks.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.notebooks.book import letter_of


def number_by_page(app, env):
    """Count anew what Sphinx, just before, counted over all pages that have no number."""
    for page, kinds in env.toc_fignumbers.items():
        for numbers in kinds.values():
            free = sorted((number, where) for where, number in numbers.items() if len(number) == 1)
            for count, (_, where) in enumerate(free, start=1):
                numbers[where] = (letter_of(page), count)
    return []


def setup(app):
    """Register with Sphinx."""
    app.connect("env-get-updated", number_by_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
