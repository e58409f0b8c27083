"""Fixtures that every test may ask for."""

import importlib

import numpy as np
import pytest


@pytest.fixture(params=["reference", "fast"])
def ops(request):
    """Each backend in turn."""
    return importlib.import_module(f"cnnlab.{request.param}")


@pytest.fixture
def rng():
    return np.random.default_rng(0)
