"""Figures that an example in a docstring opens are closed behind it."""

import sys

import pytest


@pytest.fixture(autouse=True)
def close_figures():
    """Close what was drawn, if anything was."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
