"""Interactive figures, on a page or in Jupyter: a convolution, entry by entry, and its geometry.

`explore` shows one convolution and its gradients, `explore_geometry` where the windows of a layer
stand, for any stride, padding, dilation and groups.

`explore` returns a figure that shows itself: a custom element with its own small script
(``explorer.js``) and style sheet (``explorer.css``), without anything from the network. Every sum
in it was computed by `cnnlab.reference`; the script only looks them up. Where scripts do not run
(on paper, in a notebook that is not trusted), a still picture of the first state stands in its
place, drawn by ``drawing.py``. `explore_geometry` is made alike (``geometry.js``, ``windows.py``),
but its script computes by itself, since its numbers are the reader's.
"""

from cnnlab.explorer.figure import Explorer, explore
from cnnlab.explorer.geometry import GeometryExplorer, explore_geometry

__all__ = ["Explorer", "GeometryExplorer", "explore", "explore_geometry"]
