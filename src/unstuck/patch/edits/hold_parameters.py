"""Handing an optimizer the parameters of the network that is trained."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import HoldParameters
from unstuck.core.recording import Where
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def hold_parameters(files: Files, edits: Sequence[HoldParameters]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _hold(files, edit)]


def _hold(files: Files, edit: HoldParameters) -> list[Splice]:
    if edit.thawed and _sieved(files, edit.optimizer):
        return []
    listed = _listed(files, edit)
    if listed is not None:
        return [listed]
    held = _held(files.source(edit.optimizer.file), edit.optimizer)
    source, names = held[0].source, [spot.code for spot in held]
    networks = _callees(files.source(edit.forward.file), edit.forward)
    whole = [one for one in networks if all(n.startswith(f"{one}.") for n in names)]
    if edit.every and names[0] in networks:
        return _behind_the_network(held[0], names[0])
    if (edit.every or whole) and len(held) == 1 and networks:
        start, end = source.span(held[0].node)
        return [Splice(source.path, start, end, (whole or networks)[0])]
    lines = [edit.forward, *edit.called]
    found = [name for where in lines for name in _callees(files.source(where.file), where)]
    lacking = list(dict.fromkeys(name for name in found if name not in names))
    if edit.every or whole or not lacking:
        raise Unpatchable(f"the layers that the optimizer lacks have no name at {edit.optimizer}")
    return [_joined(held, lacking)]


def _listed(files: Files, edit: HoldParameters) -> Splice | None:
    """Name all parameters where the optimizer is given a list of their names."""
    source = files.source(edit.optimizer.file)
    for call in calls.on_line(source, edit.optimizer.line):
        given = calls.argument(call, "params", 0)
        if given is None or not isinstance(given.node, cst.List):
            continue
        held = [source.code(element.value) for element in given.node.elements]
        if all(name.isidentifier() for name in (*held, *edit.names)) and edit.names:
            return Splice(source.path, *source.span(given.node), f"[{', '.join(edit.names)}]")
    return None


def _sieved(files: Files, where: Where) -> bool:
    """Whether the optimizer is given whatever takes a gradient, so that it need not be told of more."""
    source = files.source(where.file)
    texts = [call.code for call in calls.on_line(source, where.line)]
    for call in calls.on_line(source, where.line):
        given = calls.argument(call, "params", 0)
        ends = [] if given is None else definitions.definitions(files, given)
        texts += [end.code for end in ends if isinstance(end, Spot)]
    return any("requires_grad" in text for text in texts)


def _joined(held: list[Spot], lacking: list[str]) -> Splice:
    """Add parameters to those that are handed over as the first argument."""
    source = held[0].source
    more = "".join(f" + list({name}.parameters())" for name in lacking)
    call = source.parents[source.parents[held[0].node]]
    start, end = source.span(call)
    if isinstance(source.parents[call], cst.Arg) and len(held) == 1:
        given = source.code(call)
        plain = given == f"{held[0].code}.parameters()"
        return Splice(source.path, start, end, (f"list({given})" if plain else given) + more)
    for around in source.ancestors(call):
        if isinstance(around, cst.BinaryOperation) and isinstance(source.parents[around], cst.Arg):
            last = source.span(around)[1]
            return Splice(source.path, last, last, more)
    raise Unpatchable("what the optimizer holds is not written as a list that could be longer")


def _held(source: Source, where: Where) -> list[Spot]:
    """Return what stands in front of each ``.parameters()`` in the call that builds the optimizer."""
    for outer in calls.on_line(source, where.line):
        found = []
        for call in source.within(outer.node, cst.Call):
            match call.func:
                case cst.Attribute(value=base, attr=cst.Name(value="parameters")):
                    found.append(Spot(source, base))
        if found:
            return found
    raise Unpatchable(f"what the optimizer at {where} holds is not written as parameters()")


def _callees(source: Source, where: Where) -> list[str]:
    """Return the names of the networks that are called on a line, in the order of the text."""
    found = []
    for call in calls.on_line(source, where.line):
        match call.node:
            case cst.Call(func=cst.Name(value=name)) if _is_network(call, name):
                found.append(name)
    return list(dict.fromkeys(found))


def _is_network(call: Spot, name: str) -> bool:
    """Whether a name that is called was given to something built in the file, other than a loss."""
    source = call.source
    if source.around(call.node, cst.ClassDef) is not None:
        return False  # the network's own code
    built = [one for one in source.all(cst.Assign) if source.code(one.targets[0].target) == name]
    losses = [one for one in built if "Loss" in source.code(one.value)]
    return any(isinstance(one.value, cst.Call) for one in built) and not losses


def _behind_the_network(held: Spot, network: str) -> list[Splice]:
    """Build the optimizer after the network that replaced the one which it holds."""
    source = held.source
    statement = statements.of(source, held.node)
    block = statements.block(source, statement)
    later = [
        one
        for one in block[block.index(statement) + 1 :]
        if isinstance(one, cst.Assign) and source.code(one.targets[0].target) == network
    ]
    if not later or not statements.alone(source, statement):
        raise Unpatchable(
            f"where {network} is replaced after its optimizer is built is not visible"
        )
    white = statements.indent(source, statement)
    lines = [line.removeprefix(white) for line in source.code(statement).splitlines()]
    return [
        *statements.removed(source, statement),
        *statements.behind(source, later[-1], lines),
    ]
