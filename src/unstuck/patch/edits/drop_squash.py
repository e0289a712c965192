"""A sigmoid or softmax in front of a loss that applies it itself: taken out, and put to where people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import DropSquash
from unstuck.patch.edits import use_logits
from unstuck.patch.edits.drop_activation import dropped, last_on
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

NAMES = {
    "sigmoid": use_logits.SIGMOIDS,
    "softmax": frozenset({"Softmax", "softmax"}),
}
"""How a squash is called in source text."""


def drop_squashes(files: Files, edits: Sequence[DropSquash]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _drop(files, edit)]


def _drop(files: Files, edit: DropSquash) -> Iterator[Splice]:
    """Take the squash out.

    A threshold at one half needs the sigmoid where it is read; the largest of several logits belongs to the
    largest share, so that what reads a softmax is left as it is.
    """
    squash = last_on(files, edit.squash, NAMES[edit.function])
    if squash is None:
        raise Unpatchable(f"no {edit.function} is visible at {edit.squash}")
    yield from dropped(files, squash)
    if edit.function == "softmax":
        return
    if squash.source.around(squash.node, cst.ClassDef) is None and _called(squash):
        yield from use_logits.read(files, squash, edit.loss)
        return
    for run in use_logits.outer_runs(files, squash):
        yield from use_logits.read(files, run.spot, edit.loss)


def _called(squash: Spot) -> bool:
    """Whether the squash is called, rather than built as a module."""
    return "Sigmoid" not in calls.names(squash)
