"""A longer training: more epochs in ``fit``."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.core.edits import SetSteps
from unstuck.patch.edits.set_steps import set_steps as of_loop
from unstuck.patch.keras import spoken
from unstuck.patch.text.number import round_up
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

PLACE = 3
"""Where ``epochs`` stands among the arguments of ``fit``."""


def set_steps(files: Files, edits: Sequence[SetSteps]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [part for edit in edits for part in _longer(files, edit)]


def _longer(files: Files, edit: SetSteps) -> list[Splice | Demand]:
    source = files.source(edit.step.file)
    fit = spoken.method(source, edit.step.line, "fit")
    given = None if fit is None else calls.argument(fit, "epochs", PLACE)
    epochs = 1 if given is None else fold.folded(files, given)
    if (
        fit is None or epochs == 1
    ):  # a loop of the script's own, which may call fit for one epoch each
        try:
            return of_loop(files, [edit])
        except Unpatchable:
            if fit is None:
                raise
    if not isinstance(epochs, int | float):
        raise Unpatchable(f"how many epochs are trained at {edit.step} is not visible")
    assert fit is not None
    more = round_up(epochs * edit.factor)
    if given is None:
        return [calls.added(fit, f"epochs={more}")]
    return [Demand(given, int(epochs), more, "steps")]
