"""One part of the benchmarks in a process of its own, with its own number of threads.

Run by ``python -m benchmarks``, with the plan and the file for the results as arguments.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks import convolution, layers, machine, memory, operations, peers, startup, training
from benchmarks.compare import WrongResultError
from benchmarks.peers import Peer
from benchmarks.report import Results, threads_in_words
from benchmarks.timing import FULL, QUICK

WRONG = 3  # exit status of a worker that met a wrong result


@dataclass(frozen=True)
class Plan:
    """What a worker shall do."""

    part: str
    threads: int
    quick: bool = False
    layers: list[str] = field(default_factory=list)  # all of them when empty
    operations: list[str] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)


def run(plan: Plan) -> Results:
    """Do one part."""
    those, missing = peers.find(peers.PEERS)
    those = [peer for peer in those if not plan.peers or peer.name in plan.peers]
    results = Results(missing=missing, versions={peer.name: peer.version for peer in those})
    watch = machine.Watch()
    effort = QUICK if plan.quick else FULL
    chosen = [
        layer
        for layer in layers.OF_PART.get(plan.part, layers.LAYERS)
        if not plan.layers or layer.name in plan.layers
    ]
    steps = plan.operations or layers.OPERATIONS
    torch = peers.torch_of(those)
    if plan.part == "startup":
        results.rows = startup.measure(repeats=2 if plan.quick else 5)
    elif plan.part == "memory":
        results.memory = memory.measure(1 if plan.quick else 3, torch is not None)
    else:
        fast = start_threads(those, plan.threads)
        if plan.part == "machine":
            results.rows = machine.measure(those, plan.threads, effort)
        elif plan.part == "threads":
            results.rows = convolution.measure_sharing(chosen, fast, plan.threads, effort, steps)
        elif plan.part == "training":
            results.rows = training.measure(plan.threads, effort, torch)
        elif plan.part in operations.PARTS:
            results.rows = operations.measure(plan.part, plan.threads, effort, fast.ops, torch)
        else:
            rests: Sequence[float] = (0.0,)
            if plan.part == "pauses":
                those = [peer for peer in those if peer.name in (peers.FAST, peers.TORCH)]
                rests = convolution.RESTS
            results.rows = convolution.measure(
                plan.part, chosen, those, plan.threads, effort, steps, rests
            )
    others = watch.others()
    if others is not None:
        results.others[f"{plan.part}, {threads_in_words(plan.threads)}"] = others
    return results


def start_threads(those: Sequence[Peer], threads: int) -> peers.FastPeer:
    """Start the threads of `cnnlab.fast`, then tell PyTorch its number: the last word counts."""
    fast = peers.FastPeer()
    X = np.zeros((2, 1, 5, 5), np.float32)
    fast.ops.conv2d(X, X[:1])
    torch = peers.torch_of(those)
    if torch is not None:
        torch.set_num_threads(threads)
    return fast


def main() -> int:
    """Read the plan, do it, write what was found."""
    plan = Plan(**json.loads(sys.argv[1]))
    try:
        results = run(plan)
    except WrongResultError as reason:
        print(f"WRONG RESULT: {reason}", file=sys.stderr)
        return WRONG
    Path(sys.argv[2]).write_text(json.dumps(asdict(results)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
