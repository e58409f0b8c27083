"""Interactive figures: a convolution or a pooling, entry by entry, on a page or in Jupyter.

`explore` and `explore_pooling` return a figure that shows itself: a custom element with its own
small script and style sheet (``explorer.css``), without anything from the network. The script is
``explorer.js``, which both share, and ``convolution.js`` or ``pooling.js``. Every sum in it was
computed in Python, by `cnnlab.reference` where it has the operation; the script only looks them up.
Where scripts do not run (on paper, in a notebook that is not trusted), a still picture of the
first state stands in its place, drawn by ``drawing.py``.
"""

from cnnlab.explorer.figure import Explorer, explore
from cnnlab.explorer.pooling import PoolingExplorer, explore_pooling

__all__ = ["Explorer", "PoolingExplorer", "explore", "explore_pooling"]
