"""Training in the page of *Learning*: the post's network learns 200 digits before the reader.

``run.py`` has the digits, the starting values and the same training with `cnnlab`; ``still.py``
draws the patterns and the loss; ``network.js`` computes a step, and ``training.js`` shows it.
"""

from cnnlab.page.training.element import part

__all__ = ["part"]
