"""One measured number beside the goal that it was promised to meet."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Measured:
    """A number, what it should be at most (or at least), and how it came about."""

    what: str
    value: float
    goal: float
    unit: str = ""
    at_least: bool = False
    how: str = ""

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        mark = "ok    " if self.met else "MISSED"
        number = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.3g}"
        shown = f"{number}{self.unit}"
        return f"{mark} {self.what:<58} {shown:>10}   goal {sign} {self.goal:g}{self.unit}   {self.how}"


def plain(source: str) -> list[float]:
    """Run a script by itself; return the numbers that it prints last."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "train.py").write_text(source, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "train.py"],
            cwd=place,
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
        )
    return [float(number) for number in done.stdout.split()]


def watched(source: str) -> list[float]:
    """Run the same script under the recorder; return the numbers that it prints last."""
    from unstuck.runner import supervisor
    from unstuck.runner.job import Job

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "train.py").write_text(source, encoding="utf-8")
        job = Job(
            kind="script",
            target="train.py",
            cwd=folder,
            env={"OMP_NUM_THREADS": "1"},
            observer="unstuck.record.observer:start",
            stdout="captured",
            stderr="captured",
        )
        outcome = supervisor.run(job, folder / "run")
        assert outcome.code == 0, outcome.stderr
        assert not outcome.trouble, outcome.trouble
        assert outcome.stdout is not None
        return [float(number) for number in outcome.stdout.split()]


def ratio(source: str, pairs: int) -> tuple[float, float]:
    """Return how much longer the watched run takes, and the plain one's first number.

    The runs take turns, so that whatever else the machine does meets both; the median of the pairs.
    """
    ratios, first = [], []
    for _ in range(pairs):
        alone, seen = plain(source)[0], watched(source)[0]
        ratios.append(seen / alone)
        first.append(alone)
    return statistics.median(ratios), statistics.median(first)


def processor_seconds(call: Callable[[], object]) -> float:
    """Return the processor time of the processes that a call starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
