"""What lives on a page: figures that answer. Python prepares the numbers, a script plays them.

Nothing needs the network, and where scripts do not run a still picture stands. Every number is
computed by the package or compared with it by the tests in a browser.
"""

from cnnlab.page import explorer

__all__ = ["explorer"]
