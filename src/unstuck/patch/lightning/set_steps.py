"""A longer training: more epochs, or steps, of the Trainer."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import SetSteps
from unstuck.patch.edits.set_steps import set_steps as of_loop
from unstuck.patch.keras import spoken
from unstuck.patch.text.number import round_up
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files, modules_of
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

LIMITS = ("max_epochs", "max_steps")
"""Arguments of the Trainer that end a training."""


def speaks(files: Files) -> bool:
    """Whether one of the user's files imports Lightning."""
    return any(
        name.split(".")[0] in {"lightning", "pytorch_lightning"}
        for source in files.known()
        for node in source.nodes
        for name, _ in modules_of(node)
    )


def set_steps(files: Files, edits: Sequence[SetSteps]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [part for edit in edits for part in _longer(files, edit)]


def _longer(files: Files, edit: SetSteps) -> list[Splice | Demand]:
    fit = spoken.method(files.source(edit.step.file), edit.step.line, "fit")
    trainer = None if fit is None else _trainer(files, fit)
    if trainer is None:
        return of_loop(files, [edit])
    found: list[Splice | Demand] = []
    for word in LIMITS:
        given = calls.argument(trainer, word, None)
        limit = None if given is None else fold.folded(files, given)
        if given is not None and isinstance(limit, int) and limit > 0:
            found.append(Demand(given, limit, round_up(limit * edit.factor), "steps"))
    if not found:
        raise Unpatchable(f"how many epochs the Trainer at {edit.step} trains is not visible")
    return found


def _trainer(files: Files, fit: Spot) -> Spot | None:
    """Return the call that builds the Trainer whose ``fit`` is called."""
    assert isinstance(fit.node, cst.Call) and isinstance(fit.node.func, cst.Attribute)
    ends = definitions.terminals(files, fit.at(fit.node.func.value))
    built = [end for end in ends if isinstance(end, Spot) and isinstance(end.node, cst.Call)]
    found = [end for end in built if calls.names(end)[-1:] == ("Trainer",)]
    return found[0] if len(found) == 1 else None
