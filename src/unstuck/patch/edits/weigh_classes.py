"""Weights of classes, written into the loss where it is built or called."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import WeighClasses
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

TAKES = {
    "BCEWithLogitsLoss": "pos_weight",
    "CrossEntropyLoss": "weight",
    "binary_cross_entropy_with_logits": "pos_weight",
    "cross_entropy": "weight",
}
"""Losses, and the argument that holds the weights of classes."""

MOST = 20
"""Classes whose weights can still be read in a line or two."""


def weigh_classes(files: Files, edits: Sequence[WeighClasses]) -> list[Splice]:
    """Write every edit of this kind."""
    return [_weighed(files, edit) for edit in edits]


def _weighed(files: Files, edit: WeighClasses) -> Splice:
    if len(edit.weights) > MOST:
        raise Unpatchable(f"the weights of {len(edit.weights)} classes are too many to write out")
    for where in edit.lines:
        source = files.source(where.file)
        for call in calls.on_line(source, where.line):
            keyword = next((TAKES[name] for name in calls.names(call) if name in TAKES), None)
            if keyword is None:
                continue
            assert isinstance(call.node, cst.Call)
            if calls.argument(call, keyword, None) is not None or calls.unpacked(call):
                raise Unpatchable(f"the loss at {where} is given its {keyword} already")
            if "import torch\n" not in source.text.replace("\r\n", "\n"):
                raise Unpatchable(f"torch itself is not imported where the loss at {where} is")
            moved = "cuda" in source.text or "device" in source.text
            if moved:
                raise Unpatchable("on which device the weights have to be is not visible")
            numbers = ", ".join(written(float(weight)) for weight in edit.weights)
            return calls.added(call, f"{keyword}=torch.tensor([{numbers}])")
    raise Unpatchable(f"no loss that takes weights of classes is visible at {edit.lines[0]}")
