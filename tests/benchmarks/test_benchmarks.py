"""The harness of the benchmarks: nothing here depends on a time."""

import importlib
import math
import time

import numpy as np
import pytest
from support.failures import each

from benchmarks import __main__ as command
from benchmarks import (
    convolution,
    figures,
    layers,
    machine,
    peers,
    report,
    timing,
    training,
    worker,
)
from benchmarks.compare import UNITS, WrongResultError, compare, rounding_unit
from benchmarks.layers import Layer
from benchmarks.peers import MissingError
from cnnlab import reference

SMALL = [
    Layer("plain", 2, 3, 7, 9, 4, 3),
    Layer("steps", 2, 4, 8, 7, 6, 3, stride=2, padding=1, groups=2),
    Layer("strip", 1, 2, 6, 9, 3, 2, stride=3),
    Layer("same", 2, 2, 5, 6, 2, 3, padding="same"),
]
ONCE = timing.Effort(rounds=1, sample=0.0, patience=0.0, fewest=1)
TAKEN = timing.Timing(seconds=0.5, best=0.25, turns=3, processors=1.0)


def a_row(**changes):
    """Make a row of the table."""
    values = {"part": "conv", "case": "mid", "operation": "dX", "threads": 1, "peer": peers.FAST}
    values |= {"work": 4e9, "timing": TAKEN} | changes
    return report.timed(**values)


def some_results():
    """Make results with two peers, a product and all there is beside rows."""
    rows = [
        a_row(),
        a_row(peer=peers.TORCH, work=1e9),
        a_row(peer=f"NumPy {convolution.PRODUCT}", work=8e9),
        a_row(operation="forward"),
        a_row(operation="dw"),
        a_row(operation="dw", peer=peers.TORCH, work=0.25e9),
        a_row(part="training", case="batch 32", operation="step", work=32),
    ]
    machine = {"processor": "one", "cores": 2, "vectors": ["avx2"], "caches": {}, "system": "any"}
    memory = {"batch 64": {peers.FAST: 5_000_000, peers.TORCH: 10_000_000}}
    return report.Results(machine, {"NumPy": "2"}, ["someone is not there"], True, rows, memory)


# ------------------------------------------------------------------------------ compare first


@each(layer=SMALL)
def test_judge_agrees_with_the_loops(layer):
    X, w, dZ = (array.astype(np.float64) for array in layer.data())
    options = {"stride": layer.stride, "padding": layer.padding, "groups": layer.groups}
    exact = layers.judge(layer, layers.Data(X, w, dZ))
    np.testing.assert_allclose(exact["forward"], reference.conv2d(X, w, **options), atol=1e-12)
    dX = reference.conv2d_dX(dZ, w, X.shape, **options)
    np.testing.assert_allclose(exact["dX"], dX, atol=1e-12)
    dw = reference.conv2d_dw(dZ, X, w.shape, **options)
    np.testing.assert_allclose(exact["dw"], dw, atol=1e-12)


def test_calls_apart_are_timed_without_what_lies_between():
    """A program that does something else for 20 ms is not a call of 20 ms."""
    begun = time.perf_counter()
    taken = timing.interleave({"quick": lambda: None}, ONCE, rest=0.02)["quick"]
    assert taken.seconds < 0.01 < 0.02 <= time.perf_counter() - begun


def test_rows_say_how_far_calls_are_apart():
    rows = convolution.measure(
        "pauses", SMALL[:1], [peers.NumpyPeer()], 1, ONCE, ["dw"], [0.0, 1e-4, 5e-3]
    )
    assert [row.case for row in rows] == ["plain", "plain, 0.1 ms apart", "plain, 5 ms apart"]


@pytest.fixture(params=peers.PEERS, ids=lambda make: make.name)
def peer(request):
    """Each peer that is there."""
    try:
        return request.param()
    except MissingError as reason:
        pytest.skip(str(reason))


@each(layer=SMALL)
def test_every_peer_computes_every_layer(layer, peer):
    rows = convolution.measure("conv", [layer], [peer], 1, ONCE)
    assert [(row.operation, row.peer) for row in rows] == [
        (operation, peer.name) for operation in layers.OPERATIONS
    ]
    assert all(row.error <= UNITS for row in rows)


class Wrong(peers.NumpyPeer):
    """A peer that spoils one entry of dX."""

    name = "the wrong one"

    def calls(self, layer, data):
        calls = super().calls(layer, data)
        right = calls["dX"]

        def spoiled():
            dX = right()
            dX[0, 1, 2, 3] += 0.01
            return dX

        return calls | {"dX": spoiled}


def test_a_wrong_result_stops_before_anything_is_timed(monkeypatch):
    timed = []
    monkeypatch.setattr(convolution, "interleave", lambda *args, **options: timed.append(1) or {})
    message = r"plain 2x3x7x9 4@3x3, dX, the wrong one: entry \(0, 1, 2, 3\) is .*, expected "
    with pytest.raises(WrongResultError, match=message):
        convolution.measure("conv", SMALL[:1], [peers.NumpyPeer(), Wrong()], 1, ONCE)
    assert timed == [1]  # the forward pass, which was right


def test_a_wrong_result_is_the_exit_status(monkeypatch, tmp_path, capsys):
    def spoil(plan):
        raise WrongResultError("mid, dX, PyTorch: entry (0,) is 1, expected 2 within 3")

    monkeypatch.setattr(worker, "run", spoil)
    monkeypatch.setattr("sys.argv", ["worker", '{"part": "conv", "threads": 1}', "nowhere"])
    assert worker.main() == worker.WRONG
    assert "WRONG RESULT: mid, dX, PyTorch: entry (0,)" in capsys.readouterr().err

    class Done:
        returncode = worker.WRONG

    monkeypatch.setattr(command.subprocess, "run", lambda *args, **options: Done)
    with pytest.raises(SystemExit) as stop:
        command.main(["conv", "--threads", "1", "--output", str(tmp_path / "bench.json")])
    assert stop.value.code not in (0, None)
    assert not list(tmp_path.iterdir())


def test_compare_measures_in_rounding_errors():
    exact = np.array([1.0, 2.0])
    result = exact * [1, 1 + 3 * rounding_unit()]
    assert compare("x", result, exact, exact) == pytest.approx(3)
    assert compare("x", exact, exact) == 0
    assert compare("x", exact[:0], exact[:0]) == 0


@each(
    wrong=[
        (np.array([1.0, np.nan]), r"where: entry \(1\) is nan, expected 2 within"),
        (np.array([1.0, 2.1]), r"where: entry \(1\) is 2.1, expected 2 within"),
        (np.array([[1.0, 2.0]]), r"where: shape \(1, 2\), expected \(2,\)"),
        (np.float64(1), r"where: shape \(\), expected \(2,\)"),
    ],
)
def test_compare_refuses(wrong):
    result, message = wrong
    exact = np.array([1.0, 2.0])
    with pytest.raises(WrongResultError, match=message):
        compare("where", result, exact, exact)


def test_compare_without_a_magnitude_asks_for_equality():
    with pytest.raises(WrongResultError, match=r"within 0"):
        compare("where", np.array([1.0 + 1e-15]), np.array([1.0]))


def test_losses_of_both_trainings_must_agree():
    agreeing = {"one": [2.0, 1.0], "other": [2.0, 1.00001]}
    assert training.compare_losses(agreeing, "x")["other"] == pytest.approx(1e-5)
    for wrong in (1.01, math.nan):
        with pytest.raises(WrongResultError, match="x, step 1: the losses of one and other"):
            training.compare_losses({"one": [2.0, 1.0], "other": [2.0, wrong]}, "x")


# ------------------------------------------------------------------------------------- timing


def test_peers_take_turns_and_slow_ones_fewer():
    calls = []
    clock = iter(np.arange(0, 1000, 1.0))

    def tick(name):
        return lambda: calls.append(name)

    effort = timing.Effort(rounds=4, sample=1.0, patience=2.0, fewest=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timing.time, "perf_counter", lambda: next(clock))
        patch.setattr(timing.time, "process_time", lambda: 0.0)
        found = timing.interleave({"a": tick("a"), "b": tick("b")}, effort)
    assert calls == ["a", "a", "b", "b", *["a", "b"] * 2]  # warm-up, then two turns each
    assert found["a"] == timing.Timing(1.0, 1.0, 2, 0.0)


def test_quick_calls_are_repeated():
    count = 0

    def call():
        nonlocal count
        count += 1

    timing.interleave({"a": call}, timing.Effort(rounds=1, sample=0.001, patience=1.0))
    assert count > 10


# -------------------------------------------------------------------------------------- peers


def test_a_missing_peer_is_named_with_the_command_that_installs_it(monkeypatch):
    original = importlib.import_module

    def gone(name, *rest):
        if name == "torch":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(peers.importlib, "import_module", gone)
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    found, missing = peers.find(peers.PEERS)
    assert [peer.name for peer in found] == [peers.FAST, peers.NUMPY]
    assert missing[0].startswith("PyTorch is not installed")
    assert "pip install -c constraints.txt torch" in missing[0]
    assert missing[1].startswith("C++ loops: there is no g++")
    assert peers.torch_of(found) is None


# ------------------------------------------------------------------------------------- tables


def test_arithmetic_of_the_table():
    text = convolution.show(some_results(), "conv", 1)
    lines = [line.split() for line in text.splitlines()]
    assert ["mid", "dX", "8.00", "2.00", "4.00x", "50%", "1.00"] in lines
    assert ["mid", "dw", "8.00", "0.500", "16.0x", "-", "1.00"] in lines
    assert ["geometric", "mean", "8.00x"] in lines


def test_geometric_mean():
    assert report.geometric_mean([2, 8]) == pytest.approx(4)
    assert math.isnan(report.geometric_mean([]))


def test_ratio_of_a_row_that_is_not_there():
    assert report.ratio(a_row(), None) is None
    assert report.times(None) == "-"


@each(
    number=[(1234.5, "1234"), (12.345, "12.3"), (0.012345, "0.0123"), (0, "0"), (None, "-")],
)
def test_numbers(number):
    value, text = number
    assert report.number(value) == text


def test_work_counts_multiplications_and_additions():
    assert Layer("x", 2, 3, 6, 7, 4, 3).work == 2 * 2 * 4 * (4 * 5) * 3 * 9
    assert Layer("x", 1, 4, 5, 5, 4, 3, groups=4).work == 2 * 4 * 9 * 9
    assert Layer("x", 1, 1, 5, 5, 1, 3, padding="same").positions == (5, 5)
    assert Layer("x", 1, 1, 8, 5, 1, 3, stride=2, padding=1).positions == (4, 3)


def test_too_many_threads_are_reported():
    busy = timing.Timing(seconds=0.5, best=0.25, turns=3, processors=1.9)
    results = report.Results(rows=[a_row(timing=busy), a_row(threads=2, timing=busy)])
    (doubt,) = results.doubts()
    assert "kept 1.90 processors busy, but 1 thread were asked" in doubt


def test_other_programs_are_reported():
    results = report.Results(rows=[a_row()], others={"conv, 1 thread": 0.01, "pool, 1 thread": 0.7})
    (doubt,) = results.doubts()
    assert doubt.startswith("pool, 1 thread: other programs kept 0.70 processors busy")


def test_watch_counts_only_others(monkeypatch):
    monkeypatch.setattr(machine, "_busy_seconds", iter([100.0, 106.0]).__next__)
    monkeypatch.setattr(machine, "_own_seconds", iter([10.0, 12.0]).__next__)
    monkeypatch.setattr(machine.time, "monotonic", iter([0.0, 8.0]).__next__)
    assert machine.Watch().others() == 0.5


# -------------------------------------------------------------------------------------- files


def test_results_come_back_from_their_file(tmp_path):
    results = some_results()
    results.save(tmp_path / "deep" / "bench.json")
    assert report.Results.load(tmp_path / "deep" / "bench.json") == results


def test_kept_results_are_shown_and_drawn(tmp_path, capsys):
    some_results().save(tmp_path / "bench.json")
    command.main(["--show", str(tmp_path / "bench.json")])
    said = capsys.readouterr().out
    for words in ("4.00x", "images per second", "0.500x", "someone is not there", "one, 2 cores"):
        assert words in said
    names = {"bench.json", "ratios-1.svg", "rates-1.svg", "training.svg"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_figures_are_the_same_bytes_twice(tmp_path):
    once, twice = (figures.draw(some_results(), tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in twice]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "no part is called speed; there are machine, conv"),
        (["conv", "--save"], "--save keeps a whole run"),
        (["--layers", "huge"], "invalid choice"),
    ],
)
def test_the_command_refuses(arguments, message, capsys):
    with pytest.raises(SystemExit):
        command.parse(arguments)
    assert message in capsys.readouterr().err


def test_plans():
    options = command.parse(["conv", "threads", "startup", "--threads", "1", "2"])
    planned = [(plan.part, plan.threads) for plan in command.plans(options)]
    assert planned == [("conv", 1), ("conv", 2), ("threads", 2), ("startup", 1)]
