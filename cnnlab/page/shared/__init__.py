"""Pieces of scripts that parts of a page share, each a file with one job, put into one script.

A file declares functions and nothing else, and may use what an earlier file declared: `script`
closes all of them in one scope, so that two parts on a page do not meet. ``arrays.js`` makes and
turns grids, ``numbers.js`` writes and speaks numbers, ``signed.js`` colors them by sign and size,
``keys.js`` moves through a grid, ``announce.js`` speaks.
"""

from cnnlab.page.shared.script import NAMES, script

__all__ = ["NAMES", "script"]
