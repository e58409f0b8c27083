"""The table of all algorithms."""

import importlib

import pytest

from cnnlab.algorithms import ALGORITHMS, find


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="^find: no algorithm 'gemm'; choose one of loops, toepl"):
        find("gemm")


def test_the_table_names_the_modules():
    for name, algorithm in ALGORITHMS.items():
        module = importlib.import_module(f"cnnlab.algorithms.{name}")
        assert (algorithm.name, algorithm.conv2d, algorithm.cost) == (
            name,
            module.conv2d,
            module.cost,
        )
        assert bool(algorithm.limits) == bool(algorithm.pattern or algorithm.largest)
