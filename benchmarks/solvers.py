"""`unstuck.fit` beside other ways to fit small networks: ten problems, the same networks, one run.

    python -m benchmarks.solvers [--seeds 5] [--cap 2.5] [--only NAME …]

Prints two tables as Markdown: the founding cases against the lowest loss that their networks can
reach, and seconds of processor time (one thread) until a stated training loss, with the share of seeds
that reach it. Everyone but `unstuck.fit` gets inputs, and targets of squares, standardised by hand, as
a careful user would; `unstuck.fit` gets the raw rows. A cell ends after `--cap` seconds. pytorch-minimize
is compared where it is installed; it is no dependency.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import unstuck
from benchmarks.solver_problems import PROBLEMS, Problem

LOOKS = 10  # updates between two looks at the loss; looking is not timed


class Reached(Exception):
    pass


class Watch:
    """A stopwatch of processor time that is stopped while the loss is looked at."""

    def __init__(self, problem: Problem, cap: float) -> None:
        self.problem, self.cap = problem, cap
        self.spent, self.began = 0.0, time.process_time()

    def look(self, predictions: Callable[[], np.ndarray]) -> None:
        """Raise Reached at the level, TimeoutError past the cap."""
        self.spent += time.process_time() - self.began
        if self.problem.loss_of(predictions()) <= self.problem.level:
            raise Reached
        if self.spent > self.cap:
            raise TimeoutError
        self.began = time.process_time()


Solver = Callable[[Problem, int, Watch], None]


def by_unstuck(problem: Problem, seed: int, watch: Watch) -> None:
    fit = unstuck.fit(
        problem.network(seed),
        problem.X,
        problem.y,
        loss=problem.loss,
        target=problem.level,
        budget=watch.cap,
        random_state=seed,
    )
    x = torch.from_numpy(problem.X).float()
    watch.look(lambda: fit.model(x).detach().double().numpy())


def _sklearn(problem: Problem, seed: int, solver: str, steps: int):  # type: ignore[no-untyped-def]
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if problem.loss == "mse" else MLPClassifier
    return kind(
        hidden_layer_sizes=problem.hidden, activation=problem.activation, solver=solver, alpha=0.0, tol=1e-12,
        max_iter=steps, max_fun=10**9, random_state=seed, n_iter_no_change=10**9,
    )  # fmt: skip


def _by_sklearn(problem: Problem, model) -> np.ndarray:  # type: ignore[no-untyped-def]
    if problem.loss == "mse":
        return problem.unscaled(model.predict(problem.scaled_X).reshape(-1, 1))
    shares = np.clip(model.predict_proba(problem.scaled_X), 1e-15, 1.0)
    if problem.loss == "bce_logits":
        return np.log(shares[:, 1:] / np.clip(1 - shares[:, 1:], 1e-15, 1))
    return np.log(shares)


def sklearn_lbfgs(problem: Problem, seed: int, watch: Watch) -> None:
    """It cannot be looked at while it runs: rerun with twice the iterations, the last run is timed."""
    steps = 25
    while True:
        watch.spent, watch.began = 0.0, time.process_time()
        model = _sklearn(problem, seed, "lbfgs", steps).fit(problem.scaled_X, problem.scaled_y)
        watch.look(lambda model=model: _by_sklearn(problem, model))
        if model.n_iter_ < steps:
            raise TimeoutError  # it has converged above the level
        steps *= 2


def sklearn_adam(problem: Problem, seed: int, watch: Watch) -> None:
    model = _sklearn(problem, seed, "adam", 1)
    classes = {} if problem.loss == "mse" else {"classes": np.unique(problem.y)}
    while True:
        for _ in range(LOOKS):
            model.partial_fit(problem.scaled_X, problem.scaled_y, **classes)
        watch.look(lambda: _by_sklearn(problem, model))


def _scaled(problem: Problem):  # type: ignore[no-untyped-def]
    """Return inputs and targets as tensors, and the loss between them."""
    x = torch.from_numpy(problem.scaled_X).float()
    y = torch.from_numpy(problem.scaled_y)
    y = y if problem.loss == "cross_entropy" else y.float().reshape(-1, 1)
    loss = {
        "mse": functional.mse_loss,
        "bce_logits": functional.binary_cross_entropy_with_logits,
        "cross_entropy": functional.cross_entropy,
    }[problem.loss]
    return x, y, loss


def _torch(problem: Problem, seed: int):  # type: ignore[no-untyped-def]
    net = problem.network(seed)
    x, y, loss = _scaled(problem)

    def predictions() -> np.ndarray:
        with torch.no_grad():
            made = net(x).double().numpy()
        return problem.unscaled(made) if problem.loss == "mse" else made

    return net, lambda: loss(net(x), y), predictions


def torch_adam(problem: Problem, seed: int, watch: Watch) -> None:
    net, loss, predictions = _torch(problem, seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    while True:
        for _ in range(LOOKS):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        watch.look(predictions)


def torch_lbfgs(problem: Problem, seed: int, watch: Watch) -> None:
    net, loss, predictions = _torch(problem, seed)
    optimizer = torch.optim.LBFGS(
        net.parameters(), max_iter=LOOKS, line_search_fn="strong_wolfe", history_size=10
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    while True:
        optimizer.step(closure)
        watch.look(predictions)


def pytorch_minimize(problem: Problem, seed: int, watch: Watch) -> None:
    from torchmin import minimize

    net, _, predictions = _torch(problem, seed)
    start = nn.utils.parameters_to_vector(net.parameters()).detach()
    names = [name for name, _ in net.named_parameters()]
    shapes = [p.shape for p in net.parameters()]
    x, y, of = _scaled(problem)
    calls = 0

    def value(vector: torch.Tensor) -> torch.Tensor:
        pieces = vector.split([shape.numel() for shape in shapes])
        parts = {n: p.reshape(s) for n, p, s in zip(names, pieces, shapes, strict=True)}
        return of(torch.func.functional_call(net, parts, (x,)), y)

    def look(vector: torch.Tensor) -> None:
        nonlocal calls
        calls += 1
        if calls % LOOKS == 0:
            nn.utils.vector_to_parameters(vector, net.parameters())
            watch.look(predictions)

    found = minimize(value, start, "l-bfgs", max_iter=10**6, callback=look)
    nn.utils.vector_to_parameters(found.x, net.parameters())
    watch.look(predictions)
    raise TimeoutError  # it has converged above the level


SOLVERS: dict[str, Solver] = {
    "unstuck.fit": by_unstuck,
    "sklearn lbfgs": sklearn_lbfgs,
    "sklearn adam": sklearn_adam,
    "torch Adam 0.01": torch_adam,
    "torch LBFGS": torch_lbfgs,
}
if importlib.util.find_spec("torchmin") is not None:
    SOLVERS["pytorch-minimize"] = pytorch_minimize


@dataclass(frozen=True)
class Cell:
    """How many seeds reached the level, and the median seconds of those."""

    reached: int
    of: int
    seconds: float

    def __str__(self) -> str:
        if not self.reached:
            return f"0/{self.of}"
        return f"{self.reached}/{self.of}, {self.seconds:.2g} s"


def cell(problem: Problem, solver: Solver, seeds: int, cap: float) -> Cell:
    times = []
    for seed in range(seeds):
        watch = Watch(problem, cap)
        try:
            solver(problem, seed, watch)
        except Reached:
            times.append(watch.spent)
        except TimeoutError:
            pass
    return Cell(len(times), seeds, statistics.median(times) if times else float("nan"))


def rows(seeds: int, cap: float, only: list[str]) -> Iterator[str]:
    yield f"| problem | network | level | {' | '.join(SOLVERS)} |"
    yield f"|---|---|---|{'---|' * len(SOLVERS)}"
    for made in PROBLEMS:
        problem = made()
        if only and problem.name not in only:
            continue
        cells = [str(cell(problem, solver, seeds, cap)) for solver in SOLVERS.values()]
        yield f"| {problem.name} | {problem.told} | {problem.level:.3g} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cap", type=float, default=2.5, help="seconds a cell and seed")
    parser.add_argument("--only", nargs="*", default=[], help="names of problems")
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # scikit-learn warns where it is stopped on purpose
    first = PROBLEMS[0]()  # what is imported at the first use is nobody's time
    unstuck.fit(first.network(0), first.X, first.y, budget=1)
    if not given.only:
        from benchmarks.solver_cases import cases

        for line in cases():
            print(line, flush=True)
        print()
    for line in rows(given.seeds, given.cap, given.only):
        print(line, flush=True)
    if "pytorch-minimize" not in SOLVERS:
        print("\npytorch-minimize is not installed and was not compared.")


if __name__ == "__main__":
    main()
