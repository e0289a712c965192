"""What the loss is given: probabilities, raw scores, the numbers of classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import AsClasses, DropSquash, RenameCall, TakeLogits, TakeShares, UseLogits
from unstuck.core.recording import Where
from unstuck.patch.edits.drop_squash import drop_squashes as in_torch
from unstuck.patch.edits.rename_call import rename_calls as of_torch
from unstuck.patch.edits.unit_targets import as_classes as of_torch_classes
from unstuck.patch.keras import spoken
from unstuck.patch.keras.activations import dropped
from unstuck.patch.keras.arguments import with_argument
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

CLASSES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "bce": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}
"""Names that ``compile`` takes -> classes in keras.losses."""

INSTEAD = {
    ("mse_loss", "cross_entropy"): "SparseCategoricalCrossentropy",
    ("cross_entropy", "binary_cross_entropy_with_logits"): "BinaryCrossentropy",
}
"""Torch's losses, and what is to stand in their place -> the class in keras.losses."""


def take_logits(files: Files, edits: Sequence[TakeLogits]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _told(files, edit.lines, True)]


def take_shares(files: Files, edits: Sequence[TakeShares]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _told(files, edit.lines, False)]


def use_logits(files: Files, edits: Sequence[UseLogits]) -> list[Splice]:
    """Write every edit of this kind."""
    found: list[Splice] = []
    for edit in edits:
        found += dropped(files, edit.sigmoid, "sigmoid")
        found += _told(files, (edit.loss,), True)
    return found


def drop_squashes(files: Files, edits: Sequence[DropSquash]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    found: list[Splice | Demand] = []
    for edit in edits:
        try:
            found += dropped(files, edit.squash, edit.function)
        except Unpatchable:
            found += in_torch(files, [edit])
    return found


def as_classes(files: Files, edits: Sequence[AsClasses]) -> list[Splice | Demand]:
    """Write every edit of this kind: Keras takes class numbers in a column as they are."""
    return list(of_torch_classes(files, [e for e in edits if not _compiled(files, (e.loss,))]))


def rename_calls(files: Files, edits: Sequence[RenameCall]) -> list[Splice | Demand]:
    """Write every edit of this kind: another loss in ``compile``."""
    found: list[Splice | Demand] = []
    for edit in edits:
        compiled = _compiled(files, edit.lines)
        name = next((INSTEAD[one] for one in edit.names if one in INSTEAD), None)
        if compiled is None or name is None:
            found += of_torch(files, [edit])
            continue
        text, imports = spoken.named(compiled.source, "losses", name)
        found += [*imports, with_argument(compiled, "loss", f"{text}(from_logits=True)", 1)]
    return found


def _compiled(files: Files, lines: Sequence[Where]) -> Spot | None:
    for line in lines:
        call = spoken.method(files.source(line.file), line.line, "compile")
        if call is not None:
            return call
    return None


def _told(files: Files, lines: Sequence[Where], logits: bool) -> Iterator[Splice]:
    """Say whether the loss is given raw scores."""
    compiled = _compiled(files, lines)
    given = None if compiled is None else calls.argument(compiled, "loss", 1)
    if compiled is None or given is None:
        raise Unpatchable(f"no loss is compiled at {lines[0]}")
    ends = [end for end in definitions.terminals(files, given) if isinstance(end, Spot)]
    built = [end for end in ends if isinstance(end.node, cst.Call)]
    if len(ends) == 1 and built and set(calls.names(built[0])) & set(CLASSES.values()):
        yield with_argument(built[0], "from_logits", str(logits), 0)
        return
    name = fold.folded(files, ends[0]) if len(ends) == 1 else None
    if not isinstance(name, str) or name not in CLASSES or not logits:
        raise Unpatchable(f"which loss is compiled at {lines[0]} is not visible")
    text, imports = spoken.named(compiled.source, "losses", CLASSES[name])
    yield from imports
    yield Splice(
        compiled.source.path, *compiled.source.span(given.node), f"{text}(from_logits=True)"
    )
