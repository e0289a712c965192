"""A network that ends in logits: its last sigmoid goes into the loss, and to where people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import UseLogits
from unstuck.core.recording import Where
from unstuck.patch.edits import activations
from unstuck.patch.edits.drop_activation import dropped, last_on
from unstuck.patch.edits.rename import renamed
from unstuck.patch.text import statements
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls, definitions, network
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

FUNCTION = "binary_cross_entropy"
MODULE = "BCELoss"

LOSSES = frozenset(
    {FUNCTION, MODULE, f"{FUNCTION}_with_logits", "BCEWithLogitsLoss", "cross_entropy", "CrossEntropyLoss"}
)  # fmt: skip
"""Names of losses that are given logits in the end."""

SIGMOIDS = frozenset({"Sigmoid", "sigmoid", "sigmoid_", "expit"})
"""How a sigmoid is called in source text."""

OUTSIDE = frozenset({"shape", "size", "dim", "ndim", "device", "dtype", "numel", "backward"})
"""Attributes of a prediction that do not depend on whether it is a logit."""


def use_logits(files: Files, edits: Sequence[UseLogits]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _use(files, edit)]


def _use(files: Files, edit: UseLogits) -> Iterator[Splice]:
    sigmoid = last_on(files, edit.sigmoid, SIGMOIDS)
    if sigmoid is None:
        raise Unpatchable(f"no sigmoid is visible at {edit.sigmoid}")
    yield from dropped(files, sigmoid)
    yield from _loss(files, edit)
    for run in outer_runs(files, sigmoid):
        yield from read(files, run.spot, edit.loss)


def _loss(files: Files, edit: UseLogits) -> Iterator[Splice]:
    """Let the loss take logits."""
    for where in (edit.loss_built, edit.loss):
        if where is not None:
            source = files.source(where.file)
            for call in calls.on_line(source, where.line):
                assert isinstance(call.node, cst.Call)
                if MODULE in calls.names(call):
                    yield from renamed(call, MODULE, "BCEWithLogitsLoss")
                    return
                if FUNCTION in calls.names(call):
                    yield from renamed(call, FUNCTION, f"{FUNCTION}_with_logits")
                    return
    raise Unpatchable(f"no {MODULE} or {FUNCTION} is visible at {edit.loss}")


def outer_runs(files: Files, sigmoid: Spot) -> list[Run]:
    """Return where the network whose last step this is runs, outside of any ``forward``."""
    source = sigmoid.source
    owner = source.around(sigmoid.node, cst.ClassDef)
    built: set[Spot] = {sigmoid.at(owner)} if owner is not None else set()
    built |= {sigmoid.at(a) for a in source.ancestors(sigmoid.node) if isinstance(a, cst.Call)}
    built |= _containers(files, sigmoid)
    every = [
        run
        for file in files.known()
        for call in file.all(cst.Call)
        if (run := network.called(files, Spot(file, call))) is not None
    ]
    found: list[Run] = []
    while built:
        found, built = _runs_of(files, every, built), set()
        for run in list(found):
            outer = run.spot.source.around(run.spot.node, cst.ClassDef)
            if outer is not None and network.forward_of(run.spot.at(outer)) is not None:
                function = run.spot.source.function(run.spot.node)
                if function is not None and function.name.value in {"forward", "__call__"}:
                    built.add(run.spot.at(outer))
    return found


def _containers(files: Files, sigmoid: Spot) -> set[Spot]:
    """Return the networks that a list is unpacked into: ``nn.Sequential(*layers)``."""
    found: set[Spot] = set()
    statement = statements.of(sigmoid.source, sigmoid.node)
    name = ""
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        call = statement.value
        name = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else ""
    elif isinstance(statement, cst.Assign):
        name = dotted(statement.targets[0].target)
    for call in sigmoid.source.all(cst.Call):
        if name and any(a.star and dotted(a.value) == name for a in call.args):
            found.add(sigmoid.at(call))
    return found


def _runs_of(files: Files, every: Sequence[Run], built: set[Spot]) -> list[Run]:
    return [
        run
        for run in every
        if run.built & built or {network.model_class(files, spot) for spot in run.built} & built
    ]


def read(files: Files, prediction: Spot, loss: Where) -> Iterator[Splice]:
    """Put the sigmoid to where the prediction is read: not by the loss, but by people and metrics."""
    source = prediction.source
    if _in_loss(files, prediction, loss):
        return
    readers = _readers(files, prediction)
    if any(_in_loss(files, reader, loss) for reader in readers):
        chosen = [r for r in readers if not _in_loss(files, r, loss) and not _indifferent(r)]
    else:
        chosen = [prediction]
    name = activations.function(source, "sigmoid")
    for spot in chosen:
        yield from wrap(source.path, source.span(spot.node), f"{name}(", ")")


def _readers(files: Files, prediction: Spot) -> list[Spot]:
    """Return where the name that a prediction is assigned to is read."""
    source = prediction.source
    statement = source.parents[prediction.node]
    if isinstance(statement, cst.Attribute):  # model(x).squeeze()
        statement = statements.of(source, prediction.node)
    if not isinstance(statement, cst.Assign) or not isinstance(
        statement.targets[0].target, cst.Name
    ):
        return []
    value = Spot(source, statement.value)
    return [
        Spot(source, node)
        for node in source.all(cst.Name)
        if node.value == statement.targets[0].target.value
        and node is not statement.targets[0].target
        and value in definitions.definitions(files, Spot(source, node))
        and not isinstance(source.parents[node], cst.AssignTarget)
    ]


def _in_loss(files: Files, spot: Spot, loss: Where) -> bool:
    """Whether an expression is read by the loss that takes logits now."""
    lossy, source = _callees(files, loss), spot.source
    for around in source.ancestors(spot.node):
        if isinstance(around, cst.Call) and not source.holds(around.func, spot.node):
            name = dotted(around.func) or source.code(around.func)
            if name in lossy:
                return True
        if isinstance(around, cst.BaseStatement | cst.BaseSmallStatement):
            return False
    return False


def _callees(files: Files, loss: Where) -> set[str]:
    """Return the names under which the loss on a line is called."""
    source = files.source(loss.file)
    found: set[str] = set()
    for call in calls.on_line(source, loss.line):
        assert isinstance(call.node, cst.Call)
        name = dotted(call.node.func) or source.code(call.node.func)
        ends = definitions.terminals(files, call.at(call.node.func))
        modules = {
            n
            for e in ends
            if isinstance(e, Spot) and isinstance(e.node, cst.Call)
            for n in calls.names(e)
        }
        if LOSSES & (modules | set(calls.names(call))):
            found.add(name)
    return found


def _indifferent(spot: Spot) -> bool:
    """Whether only the shape of the prediction is read."""
    parent = spot.source.parents[spot.node]
    if isinstance(parent, cst.Attribute):
        return parent.attr.value in OUTSIDE
    call = spot.source.parents.get(parent)
    return isinstance(call, cst.Call) and dotted(call.func) in {"len", "type"}
