"""Changed networks to fit where the given one can't do what simple learners can: bending, then wider."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Iterator

import torch
from torch import nn

from unstuck.solver.fitted import Fitted
from unstuck.solver.linears import Call, calls
from unstuck.solver.lowest import as_problem
from unstuck.solver.prepared import Prepared
from unstuck.theory.goal import Goal, goal
from unstuck.theory.ladder import ladder

WIDER = (4, 16)  # factors of width; the weights between two hidden layers grow by their squares
LARGEST = 2048  # units in a layer; beyond it more width is not the first thing to try

Again = Callable[[nn.Module, float], Fitted]


def proposed(
    model: nn.Module, given: Prepared, fitted: Fitted, again: Again, deadline: float
) -> Fitted:
    """Return the fit of the first changed network that meets the goal, or the one of the given network.

    The goal is the target if there is one, else that of a diagnosis (`unstuck.theory.goal`): nine tenths
    of the way from a constant to what standard learners achieve on rows that they have not seen. So no
    network is proposed for learning by heart what nothing learns. again: fits a changed network until a
    time of `time.monotonic`.
    """
    aim = _goal(given, fitted)
    if aim.loss is None or fitted.loss <= aim.loss:
        return _noted(fitted, f"no other network is proposed: {_why_none(fitted, aim)}")
    options = list(_changed(model, given))
    tried = []
    for place, (say, changed) in enumerate(options):
        now = time.monotonic()
        if now >= deadline:
            break
        found = again(changed, now + (deadline - now) / (len(options) - place))
        tried.append(f"{say}: {found.loss:.4g}")
        if found.loss <= aim.loss:
            return dataclasses.replace(found, proposed=f"{say}; yours came to {fitted.loss:.4g}")
    what = "; ".join(tried) or "its layers are none that could be changed"
    return _noted(fitted, f"no changed network reached {aim.loss:.4g} ({what})")


def _goal(given: Prepared, fitted: Fitted) -> Goal:
    if fitted.target is not None:
        return Goal(fitted.target, fitted.target, "floor", "the target")
    if given.constant is None:
        return Goal(None, None, "nothing", "how low this loss can go is not known")
    with torch.no_grad():
        output = given.problem.network.outputs(given.own, given.problem.inputs)
    with torch.enable_grad():
        return goal(ladder(as_problem(given.inputs, given.targets, output, given.loss)))


def _why_none(fitted: Fitted, aim: Goal) -> str:
    if aim.loss is None:
        return aim.why
    return f"yours reaches what counts as learned, {aim.loss:.4g} ({aim.why})"


def _noted(fitted: Fitted, note: str) -> Fitted:
    return dataclasses.replace(fitted, notes=(*fitted.notes, note))


def _changed(model: nn.Module, given: Prepared) -> Iterator[tuple[str, nn.Module]]:
    """Yield changed copies of a model, drawn anew, that still take the rows; say: what was changed."""
    if given.straight:
        bent = _bent(model, given)
        if bent is not None:
            yield "a ReLU behind each Linear layer but the last", bent
        return
    for factor in WIDER:
        wide = _widened(model, given, factor)
        if wide is not None:
            yield f"hidden layers {factor} times as wide", wide


def _used(model: nn.Module, given: Prepared) -> tuple[Call, ...]:
    found, _ = calls(copy.deepcopy(given.template), given.problem.inputs[:2])
    known = dict(model.named_modules())
    return tuple(call for call in found if isinstance(known[call.path], nn.Linear))


def _bent(model: nn.Module, given: Prepared) -> nn.Module | None:
    found = _used(model, given)
    made = copy.deepcopy(model)
    for call in found[:-1]:
        _replace(made, call.path, nn.Sequential(made.get_submodule(call.path), nn.ReLU()))
    return made if len(found) > 1 and _runs(made, given) else None


def _widened(model: nn.Module, given: Prepared, factor: int) -> nn.Module | None:
    """Return a copy whose hidden Linear layers are wider, None where its forward does not bear it."""
    found = _used(model, given)
    made = copy.deepcopy(model)
    for place, call in enumerate(found):
        reads = call.layer.in_features * (factor if place else 1)
        makes = call.layer.out_features * (factor if place < len(found) - 1 else 1)
        if makes > LARGEST and place < len(found) - 1:
            return None
        old = made.get_submodule(call.path)
        assert isinstance(old, nn.Linear)
        like = {"dtype": old.weight.dtype, "device": old.weight.device}
        _replace(made, call.path, nn.Linear(reads, makes, old.bias is not None, **like))
    return made if len(found) > 1 and _runs(made, given) else None


def _replace(model: nn.Module, path: str, by: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(model.get_submodule(parent), name, by)


def _runs(made: nn.Module, given: Prepared) -> bool:
    held = copy.deepcopy(made).cpu().to(given.problem.network.dtype).eval()
    try:
        with torch.no_grad():
            held(given.problem.inputs[:2])
    except RuntimeError:
        return False
    return True
