"""The founding cases: how near `unstuck.fit` comes to the lowest loss that their own networks can reach."""

from __future__ import annotations

import csv
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

import unstuck
from benchmarks.solver_problems import twenty_points
from unstuck.casebook import case
from unstuck.solver import flops

POSTED = 800_000  # steps of gradient descent after which the notebook's curve stands at 0.0101
TIMED = 300  # of these steps, timed in this run; the rest is extrapolated


@dataclass(frozen=True, eq=False)
class Posted:
    """A case's network and rows as its script makes them, and the words for its lowest loss."""

    name: str
    network: nn.Module
    X: Tensor
    y: Tensor
    loss: str
    budget: float = 20.0
    target: float | None = None


def layers(*widths: int, act: type[nn.Module] | None = nn.ReLU) -> list[nn.Module]:
    parts: list[nn.Module] = []
    for reads, makes in itertools.pairwise(widths):
        parts += [nn.Linear(reads, makes), *([act()] if act else [])]
    return parts[: -1 if act else None]


def xnor() -> Posted:
    X = torch.tensor([[0.0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]])
    X = (X - X.mean(0)) / X.std(0)
    net = nn.Sequential(*layers(4, 2, 2, 1), nn.Sigmoid())
    return Posted("XNOR, 4-2-2-1", net, X, torch.tensor([1.0, 1, 0, 0]), "bce")


def heart_rate() -> Posted:
    rates = (torch.randn(200, 1) * 7.5 + 92.6).round(decimals=1)
    net = nn.Sequential(*layers(1, 4, 1, act=nn.Sigmoid), nn.Sigmoid())
    return Posted("heart rate, 1-4-1", net, rates, (rates > 91).float(), "bce")


def ages() -> Posted:
    path = case("ages").script.parent / "patients.tsv"
    with open(path, encoding="utf-8") as stream:
        table = [row for row in csv.reader(stream, delimiter="\t") if row and row[0].isdigit()]
    age, outcome = (torch.tensor([float(row[k]) for row in table]) for k in (0, -1))
    net = nn.Sequential(*layers(1, 2000, 1))
    return Posted("ages, 1-2000-1", net, (age[:, None] - 60) / 10, outcome, "mse")


def twenty() -> Posted:
    made = twenty_points()
    X, y = (torch.from_numpy(part).float() for part in (made.X, made.y))
    return Posted("twenty points, 1-2000-1", made.network(0), X, y, "mse", target=1e-6)


def squares() -> Posted:
    numbers = torch.randint(1, 1001, (1000, 1)).float()
    net = nn.Sequential(*layers(1, 20, 100, 100, 20, 1, act=None))
    return Posted("squares, linear", net, numbers / 1e6, numbers**2 / 1e6, "mse")


def polynomial(rows: np.ndarray) -> np.ndarray:
    from sklearn.preprocessing import PolynomialFeatures

    path = case("quartic").script.parent / "quartic.json"
    fitted = json.loads(path.read_text(encoding="utf-8"))
    powers = PolynomialFeatures(4, include_bias=False).fit(rows[:1]).powers_
    values = np.full(len(rows), fitted["intercept_"])
    for k in np.flatnonzero(fitted["coef_"]):
        values += fitted["coef_"][k] * np.prod(rows ** powers[k], axis=1)
    return values


def quartic(kind: str) -> Posted:
    random = np.random.default_rng(0)
    X = 2 * random.random((1000, 32)) * (random.random((1000, 32)) < 0.25) - 1
    if kind == "special sample":
        X = np.sin(np.arange(32)) + 1e-3 * random.normal(size=(1000, 32))
    y = polynomial(X)
    if kind == "an outlier":
        y[np.argmax(y)] *= 20_000
    net = nn.Sequential(*layers(32, 48, 48, 48, 48, 1)).double()
    return Posted(f"quartic, {kind}", net, torch.from_numpy(X), torch.from_numpy(y), "mse")


def cases() -> Iterator[str]:
    """Yield a Markdown table, and two lines about the twenty points."""
    torch.manual_seed(0)
    yield "| case | lowest | why | constant | reached | above the lowest, of the gap | by | starts, steps | seconds |"
    yield "|---|---|---|---|---|---|---|---|---|"
    every = [xnor(), heart_rate(), ages(), twenty(), squares()]
    every += [quartic(kind) for kind in ("random rows", "special sample", "an outlier")]
    for posted in every:
        began = time.perf_counter()
        fit = unstuck.fit(
            posted.network,
            posted.X,
            posted.y,
            loss=posted.loss,
            budget=posted.budget,
            target=posted.target,
            starts=40,
        )
        took = time.perf_counter() - began
        assert fit.lowest is not None and fit.constant is not None
        above = (fit.loss - fit.lowest.loss) / (fit.constant - fit.lowest.loss)
        yield (
            f"| {posted.name} | {fit.lowest.loss:.4g} | {fit.lowest.why.partition(':')[0]} |"
            f" {fit.constant:.4g} | {fit.loss:.4g} | {above:.1g} | {fit.solver} |"
            f" {len(fit.starts)}, {fit.steps} | {took:.2g} |"
        )
    yield ""
    yield from against_the_notebook()


def against_the_notebook() -> Iterator[str]:
    """Compare work on the twenty points with the notebook's steps: counted, and timed in this run."""
    posted = twenty()
    step = _seconds_of_a_step(posted)
    weights = sum(p.numel() for p in posted.network.parameters())
    counted = POSTED * flops.gradient(weights, len(posted.X))
    for name, run in (("unstuck.fit", _fitted), ("Levenberg–Marquardt alone", _alone)):
        run(posted)  # what is imported at the first use is not timed
        began = time.perf_counter()
        loss, steps, work = run(posted)
        took = time.perf_counter() - began
        yield (
            f"Twenty points by {name}: loss {loss:.2g} after {steps} steps, {work:.2g} operations and"
            f" {took:.2g} s; {POSTED:,} steps of the notebook (where it stands at 0.0101): {counted:.2g}"
            f" operations ({counted / work:,.0f} times as many) and {POSTED * step:.3g} s"
            f" ({POSTED * step / took:,.0f} times as long), extrapolated from {TIMED} steps.  "
        )


def _fitted(posted: Posted) -> tuple[float, int, float]:
    fit = unstuck.fit(posted.network, posted.X, posted.y, loss="mse", target=1e-6)
    return fit.loss, fit.steps, fit.flops


def _alone(posted: Posted) -> tuple[float, int, float]:
    """Without the last layer solved first, from the thresholds that were spread."""
    from unstuck.solver.descent import Until
    from unstuck.solver.levenberg import levenberg_marquardt
    from unstuck.solver.network import vector_of
    from unstuck.solver.prepared import prepared

    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        given = prepared(posted.network, posted.X, posted.y, "mse", generator)
        start = vector_of(given.drawn(generator))
    until = Until(given.problem.here(1e-6), 200, float("inf"))
    made = levenberg_marquardt(given.problem.residuals, given.problem.jacobian, start, until)
    return given.problem.users(made.loss), made.steps, made.flops


def _seconds_of_a_step(posted: Posted) -> float:
    net = nn.Sequential(*layers(1, 2000, 1))
    waits = []
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(TIMED):
            optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9)
            optimizer.zero_grad()
            nn.functional.mse_loss(net(posted.X), posted.y[:, None]).backward()
            optimizer.step()
        waits.append((time.perf_counter() - began) / TIMED)
    return min(waits)
