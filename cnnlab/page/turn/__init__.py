"""The turn of *Input gradient*: a pattern that the reader turns, until it can be laid on dZ.

``frames.py`` computes what each position of the slider gives and draws it; ``turn.js`` turns what
is drawn. Where scripts do not run, three still frames stand in its place.
"""

from cnnlab.page.turn.element import part

__all__ = ["part"]
