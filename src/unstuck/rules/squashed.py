"""A sigmoid or softmax in front of a loss that applies it itself: shared by the two faults of this kind."""

from __future__ import annotations

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DropSquash, TakeShares
from unstuck.core.finding import Evidence
from unstuck.core.layers import compared_by
from unstuck.core.recording import Where
from unstuck.core.rule import View
from unstuck.core.setup import Op
from unstuck.core.transform import ending, squasher, without_squash
from unstuck.rules.places import written

COST = 0.05  # of the constant's loss: squashed once the cost is 0, squashed twice half or more


def squashed(view: View) -> tuple[Op, Evidence] | None:
    """Return what squashes the prediction a first time, and the lowest loss that this leaves.

    Needs ``setup``, ``squashed_floor`` and ``ladder``. None where the loss can fall as far without it.
    """
    op = squasher(view.setup)
    lowest, free = view.value("squashed_floor", "squashed"), view.value("squashed_floor", "free")
    threshold = free + COST * abs(view.value("ladder", "constant"))
    if op is None or not lowest > threshold:
        return None
    return op, Evidence("squashed_floor", lowest, threshold, "loss", "squashed")


def over_classes(view: View) -> bool:
    """Whether the loss picks one of several classes, rather than yes or no; needs ``setup``."""
    program = view.setup.program
    readers = compared_by(program)
    logs = any(op.short == "log_softmax" for op in ending(view.setup))
    return logs or bool(readers & {"cross_entropy", "nll_loss"})


def _built(view: View) -> tuple[Where, ...]:
    built = view.line("loss_built")
    return () if built is None else (built,)


def dropped(view: View, name: str, op: Op) -> Change:
    """Return the change that takes the operation out; needs ``setup``.

    Unless it stands in the line of the loss, what others read becomes logits: that is not done unasked.
    """
    place, loss = written(view, op), view.line("loss")
    function = op.short.rstrip("_")
    edits = (DropSquash(place, function, loss),) if place and loss else ()
    if view.framework == "keras" and loss is not None:
        say = f"tell the loss that it is given probabilities (from_logits=False): it applies the {function} again"
        told = (TakeShares((loss, *_built(view))),)
        return Change(name, say, without_squash, told, Safety.SAFE, Kind.BUG)
    safety = Safety.SAFE if place == loss else Safety.UNSAFE
    return Change(
        name,
        f"give the loss logits: take out the {function}, which the loss applies itself",
        without_squash,
        edits,
        safety if edits else Safety.SHOW,
        Kind.BUG,
    )
