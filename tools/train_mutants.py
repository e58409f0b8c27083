"""Train the small networks of `cnnlab.mutants` with every mutant, and store what became of them.

``.venv/bin/python -m tools.train_mutants`` computes what is missing in
``cnnlab/mutants/trained.json``: of a mutant that was just added, in half a minute or less, of
all in some ten minutes on one core. ``.venv/bin/python -m tools.train_mutants dX-off-by-one``
computes some of them anew, and ``--all`` everything. The file is written whole after each mutant,
so that a run can be stopped and goes on where it was. A second run at the same time is refused.

Results depend on the seeds and, in the last digits that a training makes large, on the processor.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

import cnnlab
from cnnlab import fast, mutants
from cnnlab.files import write_whole
from cnnlab.mutants.networks import RATES
from cnnlab.mutants.stored import NAME, SEEDS
from cnnlab.mutants.training import Beside, is_finite
from tools.compiled_mutants import compiled
from tools.one_run import only_run

FILE = Path(cnnlab.__file__).parent / "mutants" / NAME
ORDERS = 4
CHECKS = (
    mutants.sum_of_outputs,
    mutants.one_entry,
    mutants.loose_tolerance,
    mutants.all_three,
    mutants.plain_shapes,
    mutants.every_entry,
)


def versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("numpy", "numba")}
    return {"cnnlab": cnnlab.__version__, "python": platform.python_version(), **packages}


def accuracies_of_right(name: str) -> dict[str, Any]:
    """Train with the right gradient: each start with several orders of the digits."""
    found = [
        [
            mutants.accuracy_of(mutants.train(None, name=name, seed=seed, order=seed + 100 * turn))
            for turn in range(ORDERS)
        ]
        for seed in range(SEEDS)
    ]
    return {"accuracies": found, "versions": versions()}


def result_of(mutant: mutants.Mutant) -> dict[str, Any]:
    """Train with one mutant, look at its gradient before and after, and try the checks."""
    entry = {
        "network": mutants.network_of(mutant),
        "accuracies": [],
        "start": None,
        "end": None,
        "error": "",
        "passes": [c.__name__ for c in CHECKS if mutants.survives(mutant, c, fast)],
        "versions": versions(),
    }
    try:
        quick = compiled(mutant)
        models = [mutants.train(quick, seed=seed) for seed in range(SEEDS)]
    except (IndexError, ValueError) as error:
        return {**entry, "error": f"{type(error).__name__}: {error}"}
    return {
        **entry,
        "accuracies": [mutants.accuracy_of(model) for model in models],
        "start": in_json(mutants.beside(mutant)),
        "end": in_json(mutants.beside(mutant, models[0])) if is_finite(models[0]) else None,
    }


def in_json(found: Beside) -> dict[str, Any]:
    """Return numbers of six digits; None for what is none."""

    def rounded(x: float) -> float | None:
        return float(f"{x:.6g}") if math.isfinite(x) else None

    cosines = {layer: rounded(cosine) for layer, cosine in found.cosines.items()}
    return {
        "distance": rounded(found.distance),
        "cosine": rounded(found.cosine),
        "cosines": cosines,
    }


def main(arguments: Sequence[str] | None = None, file: Path = FILE) -> int:
    parser = argparse.ArgumentParser(prog="tools.train_mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutants to compute anew; else what is missing")
    parser.add_argument("--all", action="store_true", help="compute everything anew")
    options = parser.parse_args(arguments)
    chosen = [mutants.find(name) for name in options.names]
    with only_run("tools.train_mutants", file):
        compute(file, chosen, anew=options.all)
    return 0


def compute(file: Path, chosen: Sequence[mutants.Mutant], *, anew: bool) -> None:
    """Train with the chosen mutants, or what is missing, or everything anew; write after each."""
    stored: dict[str, Any] = {"right": {}, "mutants": {}}
    if file.exists() and not anew:
        stored = json.loads(file.read_text("utf-8"))
    for mutant in chosen:
        stored["mutants"].pop(mutant.name, None)
    known = {mutant.name: mutant for mutant in mutants.catalogue()}
    stored["mutants"] = {name: x for name, x in stored["mutants"].items() if name in known}
    wanted = chosen or known.values()
    jobs: list[tuple[str, str, Any]] = [
        *(("right", name, lambda name=name: accuracies_of_right(name)) for name in RATES),
        *(("mutants", m.name, lambda m=m: result_of(m)) for m in wanted),
    ]
    for part, name, job in jobs:
        if name in stored[part]:
            continue
        start = process_time()
        stored[part][name] = job()
        write_whole(file, (json.dumps(stored, indent=1, sort_keys=True) + "\n").encode())
        print(f"{name:28} {process_time() - start:6.1f} s", *stored[part][name]["accuracies"])
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
