"""Notebooks from file to file: found and read, checked, executed, checked again, written.

``python -m tools.run_notebooks`` is the command that does all of it.
"""

# Where several are executed side by side, those that take longest begin.
LONGEST = ("lenet", "learning", "gradient-checks", "performance")
