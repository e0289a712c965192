"""Targets drawn into a range, where the loss reads them: the rows stay as they are."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.core.edits import ClipTargets
from unstuck.patch.edits.match_shapes import compared, method
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.files import Files


def clip_targets(files: Files, edits: Sequence[ClipTargets]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _clip(files, edit)]


def _clip(files: Files, edit: ClipTargets) -> tuple[Splice, ...]:
    _, target = compared(files, edit.loss)
    bounds = {"min": edit.low, "max": edit.high}
    given = [f"{side}={written(bound)}" for side, bound in bounds.items() if bound is not None]
    return method(target, f".clamp({', '.join(given)})")
