"""Training mode instead of evaluation mode: ``train()`` where the source calls ``eval()``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import StayInTraining
from unstuck.core.recording import Where
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

STILL = ("no_grad", "inference_mode")
"""What marks a function that evaluates; it is right to switch to evaluation mode there."""


def stay_in_training(files: Files, edits: Sequence[StayInTraining]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _stay(files, edit.backward)]


def _stay(files: Files, backward: Where) -> Iterator[Splice]:
    files.source(backward.file)
    found = [
        (source, call)
        for source in files.known()
        for call in _switches(source)
        if not (source.path == backward.file and source.lines(call)[0] >= backward.line)
        and not _evaluates(source, call)
    ]
    if len(found) != 1:
        many = "in more than one place" if found else "nowhere that is visible"
        raise Unpatchable(f"the network is put into evaluation mode {many} before it is trained")
    ((source, call),) = found
    assert isinstance(call.func, cst.Attribute)
    start, end = source.span(call.func.attr)[0], source.span(call)[1]
    yield Splice(source.path, start, end, "train()")


def _switches(source: Source) -> Iterator[cst.Call]:
    """Yield ``net.eval()`` and ``net.train(False)``."""
    for call in source.all(cst.Call):
        if not isinstance(call.func, cst.Attribute):
            continue
        match call.func.attr.value, [source.code(arg.value) for arg in call.args]:
            case ("eval", []) | ("train", ["False"]):
                yield call


def _evaluates(source: Source, call: cst.Call) -> bool:
    """Whether the function around a call computes without gradients."""
    for outer in source.ancestors(call):
        if isinstance(outer, cst.FunctionDef):
            return any(word in source.code(outer) for word in STILL)
    return False
