"""A digit that is drawn on the page, and what the network of the chapter *LeNet* makes of it.

``python -m tools.train_reader`` has stored the weights (``weights.py``). A page loads them, with
ten test digits, when the part is near (``payload.py``, ``near.js``). ``prepare.js`` does with a
drawing what `cnnlab.data.digit` does with a picture, ``network.js`` what the layers do; ``pad.js``,
``maps.js`` and ``sum.js`` draw and answer, and ``player.js`` holds them together.
"""

from cnnlab.page.digit.element import part

__all__ = ["part"]
