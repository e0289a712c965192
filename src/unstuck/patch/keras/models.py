"""Where a model is built, and where it is given rows."""

from __future__ import annotations

import dataclasses

import libcst as cst

from unstuck.core.recording import Where
from unstuck.patch.keras import spoken
from unstuck.patch.trace import calls, definitions
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

TRAINS = ("fit", "train_on_batch")

USES = {
    "fit": 0, "train_on_batch": 0, "evaluate": 0, "predict": 0, "test_on_batch": 0, "predict_on_batch": 0,
}  # fmt: skip
"""Methods of a model that are given rows, as the first argument, called x."""


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """A call that gives a model rows: the rows, and the targets where it takes some."""

    call: Spot
    method: str
    rows: Spot | None
    targets: Spot | None


def trained(files: Files, where: Where) -> Spot:
    """Return the call on this line that trains a model. Raises Unpatchable."""
    found = spoken.method(files.source(where.file), where.line, *TRAINS)
    if found is None:
        raise Unpatchable(f"no call that trains a model is visible at {where}")
    return found


def receiver(call: Spot) -> Spot:
    """Return the expression of the model whose method is called."""
    assert isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute)
    return call.at(call.node.func.value)


def built(files: Files, call: Spot) -> Spot | None:
    """Return the one call that builds the model, None where that is not visible."""
    ends = definitions.terminals(files, receiver(call))
    found = [end for end in ends if isinstance(end, Spot) and isinstance(end.node, cst.Call)]
    return found[0] if len(ends) == 1 and len(found) == 1 else None


def uses(files: Files, call: Spot) -> list[Use]:
    """Return all calls that give this model rows: of its methods, and of the model itself."""
    name = receiver(call).code
    found: list[Use] = []
    for node in call.source.all(cst.Call):
        spot = call.at(node)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in USES:
            if call.source.code(node.func.value) == name:
                found.append(_use(spot, node.func.attr.value))
        elif dotted(node.func) == name and node.args:
            found.append(Use(spot, "", spot.at(node.args[0].value), None))
    return found


def _use(call: Spot, method: str) -> Use:
    rows = calls.argument(call, "x", 0)
    takes = method in {"fit", "train_on_batch", "evaluate", "test_on_batch"}
    return Use(call, method, rows, calls.argument(call, "y", 1) if takes else None)


def held_out(call: Spot) -> tuple[Spot, Spot] | None:
    """Return rows and targets of ``validation_data=(x, y)``, None where there are none."""
    given = calls.argument(call, "validation_data", None)
    if given is None:
        return None
    if not isinstance(given.node, cst.Tuple) or len(given.node.elements) < 2:
        raise Unpatchable("the validation data is no pair that is written out")
    first, second = (given.at(one.value) for one in given.node.elements[:2])
    return first, second
