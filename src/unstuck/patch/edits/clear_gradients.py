"""Clearing the gradients before each backward pass, and moving a clearing line to where it belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import ClearGradients
from unstuck.core.recording import Where
from unstuck.patch.text import discarded, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import assigned, calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def clear_gradients(files: Files, edits: Sequence[ClearGradients]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _clear(files, edit)]


def _clear(files: Files, edit: ClearGradients) -> list[Splice]:
    source = files.source(edit.backward.file)
    backward = _statement(source, edit.backward, "backward")
    receiver = _receiver(files, edit)
    if receiver is None:
        return _by_hand(files, edit, Spot(source, backward))
    update = statements.of(receiver.source, receiver.node)
    idle = _idle(Spot(source, backward), receiver, update)
    if idle is not None:
        return [idle]
    if not _visible(receiver, Spot(source, backward)):
        return statements.behind(receiver.source, update, [f"{receiver.code}.zero_grad()"])
    loop = _own_loop(receiver, backward)
    lines = [f"{receiver.code}.zero_grad()"]
    if loop is not None:
        head = f"for {source.code(loop.target)} in {source.code(loop.iter)}:"
        lines = [head, f"{_step(source)}{lines[0]}"]
    return statements.before(source, backward, lines)


def _idle(backward: Spot, receiver: Spot, update: cst.CSTNode) -> Splice | None:
    """Return the call of a ``zero_grad`` that is only named, where its line is in the right place."""
    source = backward.source
    stepped = {source.code(call.func) for call in source.all(cst.Call)}
    for statement, base in discarded.named(source, "zero_grad"):
        own = base == receiver.code or f"{base}.step" not in stepped
        if (
            own
            and _each_pass(source, statement, backward.node)
            and not (
                receiver.source is source and _between(source, backward.node, statement, update)
            )
        ):
            return discarded.called(source, statement)
    return None


def _each_pass(source: Source, statement: cst.CSTNode, backward: cst.CSTNode) -> bool:
    """Whether a statement stands in the loop, and in the function, of the backward pass."""
    kinds = (cst.For, cst.While, cst.FunctionDef, cst.If)
    return source.around(statement, *kinds) is source.around(backward, *kinds)


def _between(source: Source, first: cst.CSTNode, statement: cst.CSTNode, last: cst.CSTNode) -> bool:
    """Whether a statement stands after one and before another."""
    return source.span(first)[0] < source.span(statement)[0] < source.span(last)[0]


def _statement(source: Source, where: Where, method: str) -> cst.CSTNode:
    """Return the statement of the call of this method on a line."""
    call = next((c for c in calls.on_line(source, where.line) if method in calls.names(c)), None)
    found = statements.of(source, call.node) if call else statements.at_line(source, where.line)
    if found is None or found is source.module:
        raise Unpatchable(f"there is no statement at {where}")
    return found


def _receiver(files: Files, edit: ClearGradients) -> Spot | None:
    """Return the optimizer: what ``.step()`` is called on, or what a gradient scaler steps."""
    if edit.step is None:
        only = _only_optimizer(files.source(edit.backward.file))
        return only or (assigned.to(files, edit.optimizer) if edit.optimizer else None)
    source = files.source(edit.step.file)
    for call in calls.on_line(source, edit.step.line):
        found = _stepped(call)
        if found is not None:
            return found
    return None


def _stepped(call: Spot) -> Spot | None:
    node = call.node
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return None
    if node.func.attr.value != "step":
        return None
    if node.args and re.search(
        r"scaler|accelerator|fabric|engine", call.source.code(node.func.value)
    ):
        return call.at(node.args[0].value)
    return call.at(node.func.value)


def _only_optimizer(source: Source) -> Spot | None:
    """Return the one receiver of ``.step()`` in a file, schedulers left out."""
    found = {
        spot.code: spot
        for call in source.all(cst.Call)
        for spot in (_stepped(Spot(source, call)),)
        if spot is not None and "sched" not in spot.code.lower()
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _visible(receiver: Spot, backward: Spot) -> bool:
    """Whether the optimizer's name means the same at the backward pass."""
    names = receiver.source.within(receiver.node, cst.Name)
    if not names or receiver.source is not backward.source:
        return False
    source, root = receiver.source, names[0].value
    if source.function(receiver.node) is source.function(backward.node):
        return True
    if root == "self":
        return source.around(receiver.node, cst.ClassDef) is source.around(
            backward.node, cst.ClassDef
        )
    here = {id(a) for a in source.scope(receiver.node)[root]}
    return here == {id(a) for a in source.scope(backward.node)[root]}


def _own_loop(receiver: Spot, backward: cst.CSTNode) -> cst.For | None:
    """Return the loop over several optimizers that the update stands in and backward does not."""
    source = receiver.source
    root = source.within(receiver.node, cst.Name)[0].value
    for around in source.ancestors(receiver.node):
        if isinstance(around, cst.FunctionDef):
            return None
        if isinstance(around, cst.For) and root in _targets(source, around):
            return None if source.holds(around, backward) else around
    return None


def _targets(source: Source, loop: cst.For) -> set[str]:
    return {name.value for name in source.within(loop.target, cst.Name)}


def _step(source: Source) -> str:
    """Return the file's step of indentation."""
    return source.module.default_indent


def _by_hand(files: Files, edit: ClearGradients, backward: Spot) -> list[Splice]:
    """Clear the gradients of parameters that the script updates itself, behind their updates."""
    where = edit.step or edit.backward
    source = files.source(where.file)
    statement = statements.at_line(source, where.line)
    if statement is None or statement is source.module:
        raise Unpatchable(f"there is no statement at {where}")
    updates = _updates(source, statement)
    names = list(dict.fromkeys(n for update in updates for n in _updated(source, update)))
    if not names:
        raise Unpatchable(f"no optimizer and no update of parameters is visible at {where}")
    return statements.behind(source, updates[-1], [f"{name}.grad = None" for name in names])


def _updates(source: Source, statement: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the updates beside a statement, else the last ones in the loop or function around it."""
    beside = [s for s in statements.block(source, statement) if _updated(source, s)]
    if beside:
        return beside
    region = source.around(statement, cst.For, cst.While, cst.FunctionDef) or source.module
    found = [s for s in source.within(region, cst.BaseSmallStatement) if _updated(source, s)]
    return [s for s in found if statements.block(source, s) == statements.block(source, found[-1])]


def _updated(source: Source, statement: cst.CSTNode) -> list[str]:
    """Return the tensors whose gradients a statement takes for updating them."""
    if isinstance(statement, cst.BaseCompoundStatement):
        return []
    written = _written(source, statement)
    bases = [
        dotted(a.value) or source.code(a.value)
        for a in source.within(statement, cst.Attribute)
        if a.attr.value == "grad"
    ]
    bases = [base.removesuffix(".data") for base in bases]
    return [base for base in dict.fromkeys(bases) if base in written]


def _written(source: Source, statement: cst.CSTNode) -> set[str]:
    """Return the tensors that a statement changes: by assignment or by a method that ends in ``_``."""
    targets: list[cst.BaseExpression] = []
    if isinstance(statement, cst.AugAssign):
        targets = [statement.target]
    elif isinstance(statement, cst.Assign):
        targets = [t.target for t in statement.targets]
    for call in source.within(statement, cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value.endswith("_"):
            targets.append(call.func.value)
    return {source.code(target).removesuffix(".data") for target in targets}
