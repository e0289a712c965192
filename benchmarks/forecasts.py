"""Forecasts against real training: ``python -m benchmarks.forecasts [grid] [points]``; many minutes.

Each problem of the grid is really trained, by full batches in double precision, and the steps to a few
losses are compared with those foreseen at its start. The twenty points are a network of 2,000 ReLU
units that was trained for five million steps, whose published curve is compared with forecasts.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.regressions import GRID, Problem, made, setup
from unstuck.probe import tangent as probe
from unstuck.probe.subject import subject
from unstuck.theory.foreseen import Foreseen
from unstuck.theory.tangent import losses_after, modes
from unstuck.theory.timelapse import LONGEST, State, Training, lapse, walked

SHARES = (0.8, 0.5, 0.2, 0.05, 0.01, 0.001)
"""Of the targets' variance: the losses whose steps are compared, where the real training gets there."""
FIRST_SEED = 100  # other draws than those on which ranges were calibrated

POINTS = (
    0.813, 0.770, 0.524, 0.156, 0.813, 0.986, 0.500, 0.898, 0.067, 0.016,
    0.079, 0.808, 0.491, 0.539, 0.684, 0.323, 0.463, 0.321, 0.029, 0.422,
)  # fmt: skip
"""The twenty points' labels at x = -10 … 9, read off the published figure."""
PUBLISHED = {
    50_000: 0.0329, 100_000: 0.0272, 150_000: 0.0233, 200_000: 0.0207, 300_000: 0.0176,
    400_000: 0.0155, 600_000: 0.0124, 800_000: 0.0101, 1_500_000: 0.0055, 3_000_000: 0.0033,
    5_000_000: 0.0026,
}  # fmt: skip
STARTS = 20  # whose median the frozen kernel's figures are
FOLLOWED = 3  # starts that are followed by time lapse


@dataclasses.dataclass(frozen=True)
class Pair:
    """Steps to one loss: those of real training, and those foreseen."""

    truth: float
    found: Foreseen

    @property
    def given(self) -> bool:
        return math.isfinite(self.found.median)

    def within(self, factor: float) -> bool:
        return self.truth / factor <= self.found.median <= self.truth * factor

    @property
    def covered(self) -> bool:
        return self.found.low <= self.truth <= self.found.high


def prepared(problem: Problem, seed: int) -> tuple[Training, float, float]:
    """Return the training at its share of the edge of stability, the readout's norm, the variance."""
    slow = probe.training(subject(setup(problem, 1.0, seed)))
    top = modes(slow.jacobian(slow.start), slow.residuals(slow.start)).rates[0]
    ready = subject(setup(problem, problem.edge * 2 * (1 + problem.momentum) / top, seed))
    target = ready.target
    assert target is not None
    return probe.training(ready), probe.readout(ready), float(target.double().var(unbiased=False))


def trained(training: Training, steps: int, momentum: float) -> np.ndarray:
    """Return the losses of real training before each step and after the last one."""
    rest = np.zeros_like(training.start)
    begun = State(0.0, training.start, rest, training.residuals(training.start))
    return np.array([begun.loss, *(s.loss for s in walked(training, begun, steps, momentum))])


def compared(problem: Problem, seed: int) -> Iterator[tuple[float, Pair, Pair]]:
    """Yield for each loss that real training reaches its share, the frozen forecast, the time lapse."""
    training, norm, variance = prepared(problem, seed)
    losses = trained(training, problem.steps, problem.momentum)
    for share in SHARES:
        goal = share * variance
        if not losses.min() <= goal < losses[0]:
            continue
        truth = float(np.argmax(losses <= goal))
        yield (
            share,
            Pair(truth, probe.at_start(training, goal, norm=norm, momentum=problem.momentum)),
            Pair(truth, lapse(training, goal, momentum=problem.momentum)),
        )


def grid() -> bool:
    """Print the grid's comparisons and their sums; return whether nine of ten are within a factor of 2."""
    pairs: dict[str, list[Pair]] = {"frozen": [], "time lapse": []}
    for seed, problem in enumerate(GRID, start=FIRST_SEED):
        print(problem, flush=True)
        for share, still, moving in compared(problem, seed):
            pairs["frozen"].append(still)
            pairs["time lapse"].append(moving)
            print(
                f"    to {share:5g} of the variance: {still.truth:,.0f} steps; frozen {_shown(still)},"
                f" time lapse {_shown(moving)}",
                flush=True,
            )
    for name, found in pairs.items():
        print(_summary(name, found))
    return _share([pair.within(2) for pair in pairs["time lapse"] if pair.given]) >= 0.9


def _shown(pair: Pair) -> str:
    found = pair.found
    return f"{found.median:,.0f} ({found.low:,.0f} to {found.high:,.0f})" if pair.given else "none"


def _summary(name: str, pairs: list[Pair]) -> str:
    given = [pair for pair in pairs if pair.given]
    return (
        f"{name}: a number for {len(given)} of {len(pairs)} losses of {len(GRID)} problems;"
        f" within ×2 {_share([p.within(2) for p in given]):.3f},"
        f" within ×3 {_share([p.within(3) for p in given]):.3f},"
        f" in its range {_share([p.covered for p in given]):.3f}"
    )


def _share(answers: list[bool]) -> float:
    return sum(answers) / len(answers) if answers else math.nan


def points() -> None:
    """Print what is foreseen of the twenty points beside what was published."""
    inputs, targets = np.arange(-10.0, 10.0)[:, None], np.array(POINTS)[:, None]
    steps = np.array(list(PUBLISHED), float)
    trainings = []
    for seed in range(STARTS):
        ready = subject(made((1, 2000, 1), "relu", inputs, targets, 1e-4, 0.0, seed))
        trainings.append(probe.training(ready))
    curves = [
        losses_after(modes(t.jacobian(t.start), t.residuals(t.start)), steps) for t in trainings
    ]
    _print("published", list(PUBLISHED.values()))
    _print(f"frozen, median of {STARTS} starts", np.median(curves, axis=0))
    lapses = []
    for training in trainings[:FOLLOWED]:
        began = time.process_time()
        found = lapse(training, 1e-4)
        lapses.append(
            np.interp(
                np.log(steps), np.log(found.steps[1:]), found.losses[1:],
                right=math.nan if found.plateau is None else found.plateau,
            )
        )  # fmt: skip
        rest = "" if found.plateau is None else f", at rest at {found.plateau:.6f}"
        _print(f"time lapse{rest} ({time.process_time() - began:.0f} s)", lapses[-1])
        print(f"    1e-4 after {found.median:,.0f} steps; {found.why}", flush=True)
    _print(
        f"time lapse, median of {FOLLOWED}",
        [statistics.median(values) for values in zip(*lapses, strict=True)],
    )
    print(
        f"    (steps {', '.join(f'{s:,}' for s in PUBLISHED)}; at rest: after {LONGEST:.0e} steps)"
    )


def _print(name: str, losses: list[float] | np.ndarray) -> None:
    print(f"{name:<50}", *(f"{loss:.4f}" for loss in losses), flush=True)


def main(words: list[str]) -> int:
    """Run the parts that are named, both if none is."""
    torch.set_num_threads(1)
    wanted = words or ["points", "grid"]
    if "points" in wanted:
        points()
    return 0 if "grid" not in wanted or grid() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
