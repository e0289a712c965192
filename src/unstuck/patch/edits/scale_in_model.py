"""Standardising inside the network, with the numbers of the training rows written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from unstuck.core.edits import ScaleInputs
from unstuck.patch.text import statements
from unstuck.patch.text.number import written
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import network
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

DIGITS = 4
"""Significant digits of the statistics: far below what a trained network notices."""

MOST = 64
"""Features whose statistics can still be written out."""


def scale_in_model(files: Files, edit: ScaleInputs, run: Run, runs: Sequence[Run]) -> list[Splice]:
    """Return the splices: the first statement of ``forward``, or each run where there is none."""
    if len(edit.mean) > MOST:
        raise Unpatchable(
            f"the rows given to the network at {edit.forward} are made where they are used, and "
            f"{len(edit.mean)} features are too many to write their statistics out"
        )
    owner = _owner(files, run)
    if owner is not None:
        return _in_forward(owner, edit)
    return [splice for other in runs for splice in _around(other, edit)]


def _owner(files: Files, run: Run) -> Spot | None:
    """Return the class of the network, if only this network is of it."""
    found = {network.model_class(files, spot) for spot in run.built}
    owner = found.pop() if len(found) == 1 else None
    if owner is None:
        return None
    built = [
        call
        for source in files.known()
        for call in source.all(cst.Call)
        if isinstance(call.func, cst.Name)
        and owner in network.defined(files, Spot(source, call.func))
    ]
    return owner if len(built) <= 1 else None


def _in_forward(owner: Spot, edit: ScaleInputs) -> list[Splice]:
    forward = network.forward_of(owner)
    source = owner.source
    params = [*forward.params.posonly_params, *forward.params.params][1:] if forward else []
    if forward is None or not params:
        raise Unpatchable(f"forward of the network at {edit.forward} takes no rows by name")
    name = params[0].name.value
    body = statements.flat(forward.body)
    first = body[1] if len(body) > 1 and _is_text(body[0]) else body[0]
    before, after = _halves(source, edit, name)
    return statements.before(source, first, [f"{name} = {before}{name}{after}"])


def _is_text(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(
        statement.value, cst.SimpleString | cst.ConcatenatedString
    )


def _around(run: Run, edit: ScaleInputs) -> Sequence[Splice]:
    source = run.rows.source
    before, after = _halves(source, edit, run.rows.code)
    loop = _layer_by_layer(run.rows)
    if loop is not None:
        name = run.rows.code
        return statements.before(source, loop, [f"{name} = {before}{name}{after}"])
    parent = source.parents[run.rows.node]
    if not isinstance(parent, cst.Arg):
        before, after = f"({before}", f"{after})"
    return wrap(source.path, source.span(run.rows.node), before, after)


def _layer_by_layer(rows: Spot) -> cst.CSTNode | None:
    """Return the loop that gives rows to one layer after another, under one name: they are raw before it only."""
    source, statement = rows.source, statements.of(rows.source, rows.node)
    loop = source.around(statement, cst.For, cst.While)
    if loop is None or source.function(loop) is not source.function(rows.node):
        return None
    targets = statement.targets if isinstance(statement, cst.Assign) else ()
    return loop if rows.code in {source.code(one.target) for one in targets} else None


def _halves(source: Source, edit: ScaleInputs, name: str) -> tuple[str, str]:
    """Return what stands before and after the rows: ``(x - 92.6) / 7.5``."""
    mean = [float(f"{value:.{DIGITS}g}") for value in edit.mean]
    spread = [float(f"{value:.{DIGITS}g}") or 1.0 for value in edit.spread]
    if len(mean) == 1:
        if not mean[0]:
            return "", f" / {written(spread[0])}"
        sign = "-" if mean[0] > 0 else "+"
        return "(", f" {sign} {written(abs(mean[0]))}) / {written(spread[0])}"
    make = maker(source, name)
    return "(", f" - {make(mean)}) / {make(spread)}"


def maker(source: Source, name: str) -> Callable[[Sequence[float]], str]:
    """Return how a list of numbers is written as a tensor, on the device of the rows where one is used."""
    elsewhere = ".cuda(" in source.text or "device" in source.text
    known = any(
        node.value == "torch" and isinstance(source.parents[node], cst.ImportAlias)
        for node in source.all(cst.Name)
    )
    function = "torch.tensor" if known and not elsewhere else f"{name}.new_tensor"
    return lambda numbers: f"{function}([{', '.join(written(n) for n in numbers)}])"
