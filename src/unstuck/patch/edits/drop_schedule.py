"""Taking a schedule of the learning rate out: its steps and, where nothing else uses it, its making."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import DropSchedule
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import definitions, uses
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

SCHEDULER = re.compile(r"(LR|Scheduler|Restarts|Plateau)$|^get_\w*schedule\w*$")
"""What builds a schedule, by its name."""


def drop_schedules(files: Files, edits: Sequence[DropSchedule]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _drop(files, edit)]


def _drop(files: Files, edit: DropSchedule) -> list[Splice]:
    files.source(edit.optimizer.file), files.source(edit.step.file)
    gone = _steps(files) or _by_hand(files.source(edit.step.file), edit.step.line)
    if not gone:
        raise Unpatchable(f"what changes the learning rate of {edit.optimizer} is not visible")
    unused = [] if _by_hand_only(gone) else _unused(files, gone)
    splices: list[Splice] = []
    for spot in [*gone, *unused]:
        splices += _taken_out(spot.source, _whole(spot.source, spot.node))
    return splices


def _steps(files: Files) -> list[Spot]:
    """Return the statements that step a schedule."""
    found = []
    for source in files.known():
        for call in source.all(cst.Call):
            match call.func:
                case cst.Attribute(value=base, attr=cst.Name(value="step")):
                    if any(_schedules(end) for end in _ends(files, Spot(source, base))):
                        found.append(Spot(source, statements.of(source, call)))
    return found


def _ends(files: Files, spot: Spot) -> list[Spot]:
    return [end for end in definitions.terminals(files, spot) if isinstance(end, Spot)]


def _schedules(spot: Spot) -> bool:
    """Whether this is a call that builds a schedule."""
    if not isinstance(spot.node, cst.Call):
        return False
    return bool(SCHEDULER.search(dotted(spot.node.func).rpartition(".")[2]))


def _by_hand(source: Source, line: int) -> list[Spot]:
    """Return the statements that set the rate of a parameter group in the loops around the update."""
    update = statements.at_line(source, line)
    outer = [] if update is None else list(source.ancestors(update))
    around = [one for one in outer if isinstance(one, cst.For | cst.While)]
    if not around:
        return []
    written = source.within(around[-1], cst.BaseSmallStatement)
    return [Spot(source, one) for one in written if _sets_rate(source, one)]


def _sets_rate(source: Source, node: cst.CSTNode) -> bool:
    match node:
        case cst.AugAssign(target=target) | cst.Assign(targets=[cst.AssignTarget(target=target)]):
            pass
        case _:
            return False
    return bool(re.search(r"""\[["']lr["']\]$""", source.code(target)))


def _by_hand_only(gone: list[Spot]) -> bool:
    return any(isinstance(spot.node, cst.Assign | cst.AugAssign) for spot in gone)


def _unused(files: Files, gone: list[Spot]) -> list[Spot]:
    """Return the statements that build a schedule of which only the steps are used."""
    found = []
    for source in files.known():
        for statement in source.all(cst.Assign):
            value = Spot(source, statement.value)
            if not _schedules(value) or len(statement.targets) != 1:
                continue
            name = Spot(source, statement.targets[0].target)
            users = [use for use in uses.of(files, name, value) if use.node is not name.node]
            if users and all(
                any(s.source.holds(s.node, u.node) for s in gone if s.source is u.source)
                for u in users
            ):
                found.append(Spot(source, statement))
    return found


def _whole(source: Source, statement: cst.CSTNode) -> cst.CSTNode:
    """Return the outermost statement that does nothing else: ``if epoch > 5: scheduler.step()``."""
    whole = statement
    while statements.only_one(source, whole):
        around = statements.compound(source, whole)
        if not isinstance(around, cst.For | cst.With | cst.If) or _branches(source, around):
            break
        whole = around
    return whole


def _branches(source: Source, around: cst.CSTNode) -> bool:
    """Whether an ``if`` is, or has, another branch."""
    if not isinstance(around, cst.If):
        return False
    return around.orelse is not None or isinstance(source.parents[around], cst.If)


def _taken_out(source: Source, statement: cst.CSTNode) -> list[Splice]:
    if statements.only_one(source, statement):
        start, end = source.span(statement)
        return [Splice(source.path, start, end, "pass")]
    return statements.removed(source, statement)
