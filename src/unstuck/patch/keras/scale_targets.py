"""Standardised targets: where the model is trained or judged, and turned back where it predicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unstuck.core.edits import ScaleTargets
from unstuck.patch.edits.activations import aliases
from unstuck.patch.keras import models
from unstuck.patch.keras.scale_inputs import before_all, names, plain, scaled
from unstuck.patch.text import statements
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

PREDICTS = frozenset({"predict", "predict_on_batch", ""})


def scale_targets(files: Files, edits: Sequence[ScaleTargets]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _scale(files, edit)]


def _scale(files: Files, edit: ScaleTargets) -> Iterator[Splice]:
    fit = models.trained(files, edit.forward)
    targets = calls.argument(fit, "y", 1)
    if targets is None or not plain(targets.node):
        raise Unpatchable(f"the targets that {edit.forward} trains on are no array that has a name")
    mean, spread = names(fit.source, targets, "y")
    every = models.uses(files, fit)
    place = before_all(fit, targets, [use.call for use in every])
    log, exp = _numpy(fit, edit)
    axis = "axis=0" if len(edit.mean) > 1 else ""
    inner = f"{log}({targets.code})" if log else targets.code
    line = f"{mean}, {spread} = {inner}.mean({axis}), {inner}.std({axis})"
    yield from statements.before(fit.source, place, [line])
    for use in every:
        for spot in _given(use):
            yield from _turned(spot, mean, spread, log)
        if use.method in PREDICTS:
            span = use.call.source.span(use.call.node)
            before, after = (
                (f"{exp}(", f" * {spread} + {mean})") if exp else ("(", f" * {spread} + {mean})")
            )
            yield from wrap(use.call.source.path, span, before, after)


def _given(use: models.Use) -> list[Spot]:
    """Return the targets that a call is given."""
    found = [] if use.targets is None else [use.targets]
    held = models.held_out(use.call) if use.method == "fit" else None
    return found if held is None else [*found, held[1]]


def _turned(spot: Spot, mean: str, spread: str, log: str) -> Iterator[Splice]:
    if log:
        yield from wrap(
            spot.source.path, spot.source.span(spot.node), f"({log}(", f") - {mean}) / {spread}"
        )
    else:
        yield from scaled(spot, mean, spread)


def _numpy(fit: Spot, edit: ScaleTargets) -> tuple[str, str]:
    """Return the names of the logarithm and its inverse, "" where none is taken."""
    if not edit.logarithm:
        return "", ""
    found = aliases(fit.source, "numpy")
    if not found:
        raise Unpatchable(f"{fit.source.path} imports no numpy to take the logarithm with")
    return f"{found[0]}.log", f"{found[0]}.exp"
