"""`unstuck.fit`: a network's weights solved for, on a small problem, by whatever gets there."""

from __future__ import annotations

import contextlib
import copy
import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.runner import duration
from unstuck.solver.fitted import Fitted
from unstuck.solver.method import loaded, method
from unstuck.solver.network import put
from unstuck.solver.prepared import Prepared, prepared
from unstuck.solver.propose import proposed
from unstuck.solver.scaling import NOTHING, Standardise, folded
from unstuck.solver.starting import Search, aim, search
from unstuck.solver.unsolvable import Unsolvable

DIRECT = "least squares of the last layer"
"""What did it where no step was needed."""

ROUNDING = (
    0.01  # of the loss, gained or lost by rounding to the model's precision: worth a sentence
)


def fit(
    model: nn.Module,
    X: Any,
    y: Any,
    *,
    loss: Any = None,
    target: float | None = None,
    budget: str | float = "20s",
    starts: int = 8,
    random_state: int = 0,
    propose: bool = False,
) -> Fitted:
    """Return a fitted copy of a model: the lowest loss on these rows that could be found in the budget.

    For small problems: tables, functions of a few inputs. It fits the rows that it is given, and
    promises nothing about others: keep rows back and look at them.

    X (n, …) and y (n, …): arrays, tensors, tables or lists of numbers. loss: `mse`, `mae`, `huber`,
    `bce`, `bce_logits`, `cross_entropy`, `nll`, a torch loss (module or function of outputs and targets),
    or None: chosen by the targets, and said in the report. target: stop at this loss (in the loss's own
    units). budget: `20s`, `2m` or seconds, wall clock. starts: drawn starts, besides the model's own
    weights. random_state: the same one gives the same fit as long as the budget is not what ends it.
    propose: where the network cannot do what simple learners can, fit a changed one, marked as such.

    The model, the random state, and the settings of torch are left as they are. Raises Unsolvable (a
    ValueError) with one sentence where something given cannot be used.
    """
    began = time.monotonic()
    deadline = began + seconds(budget)
    _refuse(target, starts)
    with aside():
        generator = torch.Generator().manual_seed(random_state)
        given = prepared(model, X, y, loss, generator)
        first = deadline if not propose else began + (deadline - began) / 2
        fitted = fit_prepared(model, given, target, first, starts, generator, began)
        if propose:

            def again(changed: nn.Module, until: float) -> Fitted:
                anew = prepared(changed, X, y, loss, generator)
                return fit_prepared(changed, anew, target, until, starts, generator, began)

            fitted = proposed(model, given, fitted, again, deadline)
    return fitted


def fit_prepared(
    model: nn.Module,
    given: Prepared,
    target: float | None,
    deadline: float,
    starts: int,
    generator: torch.Generator,
    began: float,
) -> Fitted:
    """Return the fit of what was prepared; call it inside of `aside`."""
    by = method(given.problem)
    late = deadline + loaded(by)
    found = search(given, by, aim(given, target), starts, late, generator)
    made = returned(model, given, found.best.vector)
    value = loss_of(made, given)
    return Fitted(
        model=made,
        loss=value,
        loss_name=given.loss.name,
        chosen=given.loss.why,
        solver=by if found.steps else DIRECT,
        starts=found.starts,
        constant=given.constant,
        lowest=given.lowest,
        target=target,
        steps=found.steps,
        evaluations=found.evaluations,
        flops=found.flops,
        seconds=time.monotonic() - began,
        weights=given.problem.network.size,
        wrapped=given.scaling.wrapped,
        proposed=None,
        notes=(*given.notes, *_notes(model, given, found, value, target)),
    )


def returned(model: nn.Module, given: Prepared, vector: Tensor) -> nn.Module:
    """Return a copy of the user's model with the weights of a vector (p,), for raw rows."""
    solved = copy.deepcopy(given.template)
    put(solved, vector)
    inputs = NOTHING if given.scaling.wrapped else given.scaling.inputs
    solved = folded(solved, inputs, given.scaling.targets, given.problem.inputs[:64])
    made = copy.deepcopy(model)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(solved.get_parameter(name))
            parameter.grad = None
    if not given.scaling.wrapped:
        return made
    like = next(made.parameters())
    by = given.scaling.inputs
    front = Standardise(by.shift.to(like), by.scale.to(like))
    return nn.Sequential(front, made).train(made.training)


def loss_of(made: nn.Module, given: Prepared) -> float:
    """Return the loss of a model on the raw rows, in its own precision, in the user's units."""
    held = copy.deepcopy(made).cpu().eval()
    like = next(held.parameters()).dtype
    rows = given.inputs.to(like) if given.inputs.is_floating_point() else given.inputs
    with torch.no_grad():
        return float(given.loss.of(held(rows).double(), given.targets))


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """Keep torch's random state and gradient mode as they are, whatever happens inside."""
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        yield


def seconds(budget: str | float) -> float:
    """Return a budget in seconds; raises Unsolvable."""
    try:
        found = duration.seconds(budget) if isinstance(budget, str) else float(budget)
    except (TypeError, ValueError) as error:
        raise Unsolvable(
            f"budget={budget!r} is no time; give 20s, 2m or a number of seconds."
        ) from error
    if not 0 < found < math.inf:
        raise Unsolvable(f"budget={budget!r} leaves no time; give 20s, 2m or a number of seconds.")
    return found


def _refuse(target: float | None, starts: int) -> None:
    if target is not None and not (isinstance(target, int | float) and math.isfinite(target)):
        raise Unsolvable(
            f"target={target!r} is no loss; give a number, or None to go as low as it gets."
        )
    if not isinstance(starts, int) or starts < 1:
        raise Unsolvable(f"starts={starts!r}; give a whole number of at least 1.")


def _notes(
    model: nn.Module, given: Prepared, found: Search, value: float, target: float | None
) -> list[str]:
    notes = []
    solved = given.problem.users(found.best.loss)
    scale = abs(given.constant) if given.constant else abs(solved)
    if abs(value - solved) > ROUNDING * max(abs(solved), 1e-3 * scale):
        notes.append(
            f"in float64 the loss was {solved:.4g}; the model's {next(model.parameters()).dtype} makes it {value:.4g}"
        )
    if given.straight:
        notes.append("the network is a linear map: nothing between its layers bends")
    if target is not None and given.lowest is not None and target < given.lowest.loss:
        notes.append(f"the target {target:.4g} lies below what can be reached ({given.lowest.why})")
    if found.best.end in {"time", "steps"}:
        notes.append("the best start was still descending when the budget ended")
    return notes
