"""Settings of layers and of ``fit``: units, dropout, the batch, weights of classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unstuck.core.edits import HoldParameters, Resize, SetBatch, SetDropout, WeighClasses
from unstuck.patch.edits.hold_parameters import hold_parameters as in_torch
from unstuck.patch.edits.set_batch import set_batches as of_loop
from unstuck.patch.edits.set_dropout import set_dropouts as of_torch
from unstuck.patch.keras import spoken
from unstuck.patch.keras.arguments import layer, with_argument
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

Part = Splice | Demand


def resizes(files: Files, edits: Sequence[Resize]) -> list[Part]:
    """Write every edit of this kind: a layer of Keras says its units only."""
    taken: list[Spot] = []
    found: list[Part] = []
    for edit in edits:
        call = layer(files, edit.built, taken, str(edit.built))
        taken.append(call)
        units = calls.argument(call, "units", 0)
        if units is None:
            raise Unpatchable(f"how many units the layer at {edit.built} has is not visible")
        found.append(Demand(units, *edit.outputs, "size"))
    return found


def set_dropouts(files: Files, edits: Sequence[SetDropout]) -> list[Part]:
    """Write every edit of this kind."""
    return [part for edit in edits for part in _dropout(files, edit)]


def _dropout(files: Files, edit: SetDropout) -> Iterator[Part]:
    for line in edit.lines:
        found = calls.to(files, files.source(line.file), line.line, "Dropout")
        rate = calls.argument(found[0], "rate", 0) if found else None
        if rate is None:
            yield from of_torch(files, [edit])
            return
        yield Demand(rate, edit.old, edit.new)


def set_batches(files: Files, edits: Sequence[SetBatch]) -> list[Part]:
    """Write every edit of this kind."""
    found: list[Part] = []
    for edit in edits:
        fit = spoken.method(files.source(edit.step.file), edit.step.line, "fit")
        if fit is None:
            found += of_loop(files, [edit])
            continue
        given = calls.argument(fit, "batch_size", 2)
        found.append(
            calls.added(fit, f"batch_size={edit.value}")
            if given is None
            else Demand(given, edit.old, edit.value)
        )
    return found


def weigh_classes(files: Files, edits: Sequence[WeighClasses]) -> list[Part]:
    """Write every edit of this kind: the weights go to ``fit``."""
    found: list[Part] = []
    for edit in edits:
        fits = [
            fit
            for where in edit.lines
            for source in (files.source(where.file),)
            for line in range(1, len(source.starts) + 1)
            if (fit := spoken.method(source, line, "fit")) is not None
            and source.lines(fit.node)[0] == line
        ]
        if len(dict.fromkeys(fits)) != 1:
            raise Unpatchable("the one call of fit that trains the model is not visible")
        weights = ", ".join(f"{c}: {written(w)}" for c, w in enumerate(edit.weights))
        found.append(with_argument(fits[0], "class_weight", f"{{{weights}}}"))
    return found


def hold_parameters(files: Files, edits: Sequence[HoldParameters]) -> list[Part]:
    """Write every edit of this kind; a compiled model hands its optimizer whatever is trainable."""
    own = [
        edit
        for edit in edits
        if spoken.method(
            files.source(edit.forward.file), edit.forward.line, "fit", "train_on_batch"
        )
        is None
    ]
    return list(in_torch(files, own))
