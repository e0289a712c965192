"""Runs a script plainly, in a process of its own, and says how much of the constant's loss it removed.

The measure knows what was meant and not what the script computes: shapes and an output that does not
fit the loss are faults of the script. It is 1 - loss / (loss of the best constant), on the rows as the
script has them when it ends, so that it does not change with the scale of the targets. Patches may
standardise targets within the loss; predictions of patched scripts may be in either unit.
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import signal
import time
import warnings
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import torch._dynamo  # torch imports it at the first optimizer, which here is in every process anew
import torch.utils.data
from torch.nn import functional as F

SEEDS = 3
ENOUGH = 2  # of the SEEDS that have to reach the goal
LONGEST = 60  # CPU seconds of one run; a healthy script takes about one
FAILED = -1e9  # what a run removed that broke off, or ended with no number

torch.set_num_threads(1)


class Broken(Exception):
    """The script does not run at all."""


class Runs:
    """What each text removed, by seed: nothing is run twice."""

    def __init__(self, longest: int = LONGEST, *, either_unit: bool = False) -> None:
        self.longest, self.either_unit = longest, either_unit
        self.known: dict[tuple[str, int], float] = {}
        self.seconds = 0.0

    def removed(self, text: str, net: str, kind: str, seed: int) -> float:
        """Return the share of the constant's loss that this run removes; FAILED where none is known."""
        if (text, seed) not in self.known:
            began = time.perf_counter()
            how = "either" if self.either_unit and kind == "regression" else kind
            self.known[text, seed] = _forked(reseeded(text, seed), net, how, self.longest)
            self.seconds += time.perf_counter() - began
        return self.known[text, seed]

    def learned(
        self, text: str, net: str, kind: str, goal: float, *, hopeless: float = -2e9
    ) -> bool:
        """Whether ENOUGH of SEEDS runs reach the goal; runs that cannot change the answer are not made.

        hopeless: a first run that removes less than that is enough to say no.
        """
        reached = missed = 0
        for seed in range(SEEDS):
            removed = self.removed(text, net, kind, seed)
            reached, missed = reached + (removed >= goal), missed + (removed < goal)
            if reached == ENOUGH:
                return True
            if missed > SEEDS - ENOUGH or removed < hopeless:
                return False
        return False

    def seen(self, text: str) -> list[float]:
        """Return what the runs of this text removed, as far as they were made."""
        return [self.known[text, seed] for seed in range(SEEDS) if (text, seed) in self.known]


def reseeded(text: str, seed: int) -> str:
    """Return the text with its seed shifted, as often as it sets one."""

    def shifted(found: re.Match[str]) -> str:
        return f"manual_seed({int(found[1]) + 1000 * seed})"

    return re.sub(r"manual_seed\((\d+)\)", shifted, text)


def _forked(text: str, net: str, kind: str, longest: int) -> float:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of any fork beside a thread
        child = os.fork()
    if child == 0:
        os.close(reading)
        limit = 1 + int(time.process_time()) + longest
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        _run(text, net, kind, writing)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    if not said:
        return FAILED  # its time was over
    answer = json.loads(said)
    if "broken" in answer:
        raise Broken(answer["broken"])
    return float(answer["removed"])


def _run(text: str, net: str, kind: str, pipe: int) -> None:
    """Be the script, write what it removed into the pipe, and end the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, "script.py", "exec"), names)
        removed = _removed(names, names[net], kind, text)
        answer: dict[str, Any] = {"removed": removed if math.isfinite(removed) else FAILED}
    except Exception as error:
        answer = {"broken": f"{type(error).__name__}: {error}"}
    os.write(pipe, json.dumps(answer).encode())
    os._exit(0)


def _removed(names: dict[str, Any], net: Any, kind: str, text: str) -> float:
    x, y = _rows(names)
    with torch.no_grad():
        out = net(x)
    if kind == "classes":
        shares = torch.bincount(y) / len(y)
        shares = shares[shares > 0]
        constant = -(shares * shares.log()).sum()
        return float(1 - F.cross_entropy(out, y) / constant)
    out, y = out.reshape(len(y), -1).double(), y.reshape(len(y), -1).double()
    if kind == "regression":
        return _explained(out, y)
    if kind == "either":
        return max(_explained(out, y), _explained(out, (y - y.mean(0)) / y.std(0)))
    share = y.mean()
    constant = F.binary_cross_entropy(share, share)
    logits = "BCEWithLogits" in text or "with_logits" in text
    scored = F.binary_cross_entropy_with_logits if logits else F.binary_cross_entropy
    return float(1 - scored(out, y) / constant)


def _explained(out: torch.Tensor, y: torch.Tensor) -> float:
    return float(1 - F.mse_loss(out, y) / F.mse_loss(y.mean(0).expand_as(y), y))


def _rows(names: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows that the network was trained on, as it was given them."""
    if "loader" in names:
        x, y = names["loader"].dataset.tensors
        return x, y
    for known in (
        ("X", "y"),
        ("x_train", "y_train"),
        ("inputs", "targets"),
        ("features", "labels"),
    ):
        if known[0] in names:
            return names[known[0]], names[known[1]]
    return names["xs"], names["ys"]
