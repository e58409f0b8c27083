"""Interactive figures: one convolution and its gradients, entry by entry, on a page or in Jupyter.

`explore` returns a figure that shows itself: a custom element with its own small script
(``explorer.js``) and style sheet (``explorer.css``), without anything from the network. Every sum
in it was computed by `cnnlab.reference`; the script only looks them up. Where scripts do not run
(on paper, in a notebook that is not trusted), a still picture of the first state stands in its
place, drawn by ``drawing.py``.
"""

from cnnlab.explorer.figure import Explorer, explore

__all__ = ["Explorer", "explore"]
