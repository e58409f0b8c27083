"""Write the loop in the page: a small editor that says what is wrong with a loop, by its name.

What a reader writes runs in the browser (``packing.py`` puts Brython, ``arrays.py`` and
``judging.py`` into one script, which is loaded when something is run for the first time) and is
compared with a table that `cnnlab` computes (``table.py``) for the loops of ``loops.py``. The
scripts: ``editing.js`` is the text area, ``running.js`` the worker, ``editor.js`` what is said.
"""

from cnnlab.page.editor.element import part

__all__ = ["part"]
