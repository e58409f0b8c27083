"""The script that trains with every mutant: what is missing, what is made anew."""

import json

import pytest

from cnnlab import mutants
from cnnlab.mutants.networks import RATES
from tools import train_mutants


@pytest.fixture
def few(monkeypatch):
    """Leave two mutants and one network, two seeds and one step each."""
    chosen = [mutants.find("relu-leaks"), mutants.find("dense-dX-not-transposed")]
    monkeypatch.setattr(mutants, "catalogue", lambda: tuple(chosen))
    monkeypatch.setattr(train_mutants, "RATES", ["relu"])
    monkeypatch.setattr(train_mutants, "CHECKS", [mutants.plain_shapes, mutants.every_entry])
    monkeypatch.setattr(train_mutants, "SEEDS", 2)
    monkeypatch.setattr(train_mutants, "ORDERS", 3)
    train, calls = mutants.train, []

    def short(mutant, **options):
        calls.append(mutant)
        return train(mutant, steps=1, **options)

    monkeypatch.setattr(mutants, "train", short)
    return calls


def test_what_is_missing_is_computed_and_the_rest_stays(few, tmp_path, capsys):
    file = tmp_path / "trained.json"
    assert train_mutants.main([], file) == 0
    first = json.loads(file.read_text())
    assert set(first["mutants"]) == {"relu-leaks", "dense-dX-not-transposed"}
    assert [len(orders) for orders in first["right"]["relu"]["accuracies"]] == [3] * 2
    record = first["mutants"]["relu-leaks"]
    assert (record["network"], len(record["accuracies"])) == ("relu", 2)
    assert record["passes"] == ["plain_shapes"]  # no entry of that small array is negative
    assert record["start"] == train_mutants.in_json(mutants.beside("relu-leaks"))
    assert record["versions"] == train_mutants.versions()
    raised = first["mutants"]["dense-dX-not-transposed"]
    assert raised["accuracies"] == []
    assert raised["error"].startswith("ValueError: ")

    few.clear()
    assert train_mutants.main([], file) == 0
    assert few == []  # nothing was missing
    del first["mutants"]["relu-leaks"]
    first["right"]["relu"]["accuracies"] = [[0.5] * 3] * 2
    first["mutants"]["of-another-time"] = record
    file.write_text(json.dumps(first))
    assert train_mutants.main([], file) == 0
    again = json.loads(file.read_text())
    assert again["mutants"]["relu-leaks"] == record
    assert "of-another-time" not in again["mutants"]
    assert again["right"] == first["right"]
    assert len(few) == 2
    assert train_mutants.main(["relu-leaks"], file) == 0
    assert len(few) == 4
    assert "relu-leaks" in capsys.readouterr().out


def test_a_name_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="^find: no mutant 'relu'"):
        train_mutants.main(["relu"], tmp_path / "trained.json")
    assert not (tmp_path / "trained.json").exists()


def test_numbers_that_are_none_are_null():
    found = mutants.Beside(0.123456789, float("nan"), {"0.Conv2D": float("nan")})
    assert train_mutants.in_json(found) == {
        "distance": 0.123457,
        "cosine": None,
        "cosines": {"0.Conv2D": None},
    }


def test_it_trains_every_network_of_the_package():
    assert train_mutants.RATES is RATES
