"""Interactive figures, on a page or in Jupyter: a convolution or a pooling, and their geometry.

`explore` and `explore_pooling` show one computation entry by entry, `explore_geometry` where the
windows of a layer stand, for any stride, padding, dilation and groups. Each returns a figure that
shows itself: a custom element with its own script and style sheet (``explorer.css``), without
anything from the network. The first two share ``explorer.js`` and ``draw.js``, with
``convolution.js`` or ``pooling.js``; every sum in them was computed in Python, by
`cnnlab.reference` where it has the operation, and the script only looks them up. That of the
geometry (``geometry.js``) computes by itself, since its numbers are the reader's. Where scripts do
not run (on paper, in a notebook that is not trusted), a still picture of the first state stands in
its place, drawn by ``drawing.py`` and ``windows.py``.
"""

from cnnlab.page.explorer.figure import Explorer, explore
from cnnlab.page.explorer.geometry import GeometryExplorer, explore_geometry
from cnnlab.page.explorer.pooling import PoolingExplorer, explore_pooling

__all__ = [
    "Explorer",
    "GeometryExplorer",
    "PoolingExplorer",
    "explore",
    "explore_geometry",
    "explore_pooling",
]
