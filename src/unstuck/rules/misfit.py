"""How a loss can fail to fit what it is given, and what mends each way: the questions of loss-mismatch.

Each needs ``setup`` and ``loss_fit``, and answers with a message, its evidence and the change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import (
    AsClasses,
    DropActivation,
    Edit,
    FlipSign,
    RenameCall,
    SetArgument,
    TakeLogits,
    UnitTargets,
)
from unstuck.core.finding import Evidence
from unstuck.core.layers import compared_by, ending
from unstuck.core.recording import Where
from unstuck.core.rule import View
from unstuck.core.setup import Setup
from unstuck.core.transform import (
    binary_targets,
    descending,
    negated,
    over_classes,
    squasher,
    with_log_shares,
    with_shares,
    with_sigmoid,
    yes_or_no,
)
from unstuck.rules.places import called, written

Misfit = tuple[str, Evidence, Change | None]

NAME = "loss-mismatch"
NATS = 0.01  # shares sum to one up to 1e-6 in float32; raw scores of a fresh network miss it by 1 or so
INSIDE = 1e-3  # outside of 0 to 1: mixed targets may miss it by rounding
ONE = 1.0  # output that a number may be compared with: counts are exact
CHOICE = 2.0  # fewer classes are no choice: counts are exact

CLASSES_TO_YES_OR_NO = (
    ("CrossEntropyLoss", "BCEWithLogitsLoss"),
    ("cross_entropy", "binary_cross_entropy_with_logits"),
)
SCORES_TO_CLASSES = (("NLLLoss", "CrossEntropyLoss"), ("nll_loss", "cross_entropy"))
DISTANCES_TO_CLASSES = (
    ("MSELoss", "CrossEntropyLoss"),
    ("L1Loss", "CrossEntropyLoss"),
    ("mse_loss", "cross_entropy"),
    ("l1_loss", "cross_entropy"),
)
SHARES_TO_LOGS = (("Softmax", "LogSoftmax"), ("softmax", "log_softmax"))


def climbing(view: View) -> Misfit | None:
    """Ask whether training climbs the loss."""
    sign = view.value("loss_fit", "sign")
    if not sign < 0:
        return None
    groups, line = view.setup.optimizer.groups, view.line("optimizer")
    if any(group.get("maximize") for group in groups):
        argument = (view.setup.optimizer.kind, "maximize", None, False, True)
        edits: tuple[Edit, ...] = (SetArgument(line, *argument),) if line else ()
        change = _change(
            "go down the loss: take maximize=True away", descending, edits, meant=False
        )
    else:
        place = _minus(view) or view.line("loss")
        edits = (FlipSign(place),) if place else ()
        change = _change("go down the loss: turn its sign", negated, edits)
    evidence = Evidence("loss_fit", sign, 0.0, "", "sign", above=False)
    return "training climbs the loss: its sign is -1", evidence, change


def _minus(view: View) -> Where | None:
    """Return the line of the minus that the loss ends with."""
    program = view.setup.program
    last = next((op for op in program.ops if program.loss in op.outs), None)
    return called(last) if last is not None and last.short in {"neg", "__neg__"} else None


def unlike_logs(view: View) -> Misfit | None:
    """Ask whether the loss gets the logarithms of shares that it takes."""
    off = view.value("loss_fit", "logs")
    if not off > NATS:
        return None
    squash, loss, built = squasher(view.setup), view.line("loss"), view.line("loss_built")
    evidence = Evidence("loss_fit", off, NATS, "nats", "logs")
    if squash is not None and squash.short == "softmax":
        place = written(view, squash)
        edits = (RenameCall((place,), SHARES_TO_LOGS),) if place else ()
        change = _change(
            "give the loss logarithms: log_softmax instead of softmax", with_log_shares, edits
        )
        change = _asking(change)
        what = "shares"
    else:
        lines = tuple(line for line in (built, loss) if line is not None)
        edits = (RenameCall(lines, SCORES_TO_CLASSES),) if lines else ()
        change = _change("use cross_entropy, which takes raw scores", with_log_shares, edits)
        what = "raw scores"
    message = (
        f"the loss takes logarithms of shares but is given {what}: the exponentials of a row miss a sum of"
        f" one by {off:.3g} nats, and the loss has no meaning"
    )
    return message, evidence, change


def outside(view: View) -> Misfit | None:
    """Ask whether targets lie within what means no and yes."""
    outside = view.value("loss_fit", "targets")
    if not outside > INSIDE:
        return None
    values = np.unique(view.setup.data.rows[view.setup.program.targets[0]])
    low, high, line = float(values[0]), float(values[-1]), view.line("loss")
    edits = (UnitTargets(line, low, high),) if line else ()
    change = _change(
        f"bring the targets from {low:g} and {high:g} to 0 and 1", binary_targets, edits
    )
    message = (
        f"the loss takes targets 0 and 1, but these go from {low:g} to {high:g} ({len(values)} values):"
        " beyond 0 and 1 it has no lowest value"
    )
    evidence = Evidence("loss_fit", outside, INSIDE, "outside of 0 to 1", "targets")
    return message, evidence, change if len(values) == 2 else None


def no_choice(view: View) -> Misfit | None:
    """Ask whether there is more than one class to choose from."""
    classes = view.value("loss_fit", "classes")
    if not classes < CHOICE:
        return None
    lines = tuple(line for line in (view.line("loss_built"), view.line("loss")) if line)
    edits: tuple[Edit, ...] = (RenameCall(lines, CLASSES_TO_YES_OR_NO),) if lines else ()
    end = ending(view.setup.program)
    if edits and end is not None and end.short == "softmax":
        place = written(view, end)
        edits = (*edits, DropActivation(place, "softmax")) if place else ()
    name = "BinaryCrossentropy" if view.framework == "keras" else "BCEWithLogitsLoss"
    change = _change(f"use the cross-entropy of yes or no ({name})", yes_or_no, edits)
    message = (
        "the loss is to choose among classes, but a row has 1 output: what it chooses is always right,"
        " or another row"
    )
    evidence = Evidence("loss_fit", classes, CHOICE, "classes", "classes", above=False)
    return message, evidence, _asking(change)


def class_numbers(view: View) -> Misfit | None:
    """Ask whether the number of a class is taken for a quantity that every output is to equal."""
    outputs = view.value("loss_fit", "outputs")
    if not outputs > ONE:
        return None
    loss, built = view.line("loss"), view.line("loss_built")
    lines = tuple(line for line in (built, loss) if line is not None)
    edits = (RenameCall(lines, DISTANCES_TO_CLASSES), AsClasses(loss)) if loss else ()
    change = _change("use cross_entropy, which takes class numbers", over_classes, edits)
    message = (
        f"each of {outputs:.0f} outputs, one for each class, is compared with the number of the right class:"
        " the best that all of them can do is to say the same"
    )
    evidence = Evidence("loss_fit", outputs, ONE, "outputs a number", "outputs")
    return message, evidence, change


def raw_scores(view: View) -> Misfit | None:
    """Ask whether the loss gets the probabilities that it takes."""
    known = "raw" in view.table("loss_fit").sites
    share = view.value("loss_fit", "raw") if known else 0.0
    if not share > 0:
        return None
    several = not {"binary_cross_entropy"} & compared_by(view.setup.program)
    mend = with_shares if several else with_sigmoid
    loss = view.line("loss")
    edits: tuple[Edit, ...] = (TakeLogits((loss,)),) if loss and view.framework == "keras" else ()
    say = "tell the loss that it is given raw scores" + (" (from_logits=True)" if edits else "")
    message = (
        f"the loss takes probabilities but is given raw scores: {share:.0%} of them lie outside of 0 to 1, where"
        " it has no meaning"
    )
    evidence = Evidence("loss_fit", share, 0.0, "of the predictions", "raw")
    return message, evidence, _change(say, mend, edits)


def _change(
    say: str, setup: Callable[[Setup], Setup], edits: tuple[Edit, ...], *, meant: bool = True
) -> Change:
    safety = Safety.SAFE if edits else Safety.SHOW
    return Change(NAME, say, setup, edits, safety, Kind.BUG, meant=meant)


def _asking(change: Change) -> Change:
    """Return the change as one that is not made unasked: the network's output gets another meaning."""
    return dataclasses.replace(change, safety=Safety.UNSAFE) if change.edits else change
