"""Where standardising may be put, and what it looks like."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import ScaleInputs
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import bindings, rows
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.predicted import shape_only
from unstuck.patch.trace.rows import Feed
from unstuck.patch.trace.spot import Spot

SMALLEST = "1e-8"
"""What a spread of zero is replaced by: the feature never varies, so that any small number will do."""

OUTSIDE = frozenset(
    {"shape", "size", "dim", "ndim", "device", "dtype", "numel", "__len__", "new_zeros"}
)
"""Attributes of rows that their values do not enter."""

SHOWING = frozenset({"print", "len", "zip", "enumerate", "range", "type", "isinstance", "tqdm"})
"""Calls that rows may enter raw."""


class Unreachable(Exception):
    """Standardising the rows outside of the network would miss some of its runs."""


def statistics(
    files: Files, edit: ScaleInputs, feed: Feed, mean: str, spread: str, name: str = ""
) -> str:
    """Return the line that computes mean and spread of each feature.

    Features that never vary are guarded; a recorded spread of exactly 1 may stand for one of those.
    """
    assert feed.root is not None
    numpy = not name and any(is_numpy(value) for value in rows.values(files, feed.root))
    guard = ""
    if any(s in {0.0, 1.0} for s in edit.spread):
        guard = f".clip({SMALLEST})" if numpy else f".clamp_min({SMALLEST})"
    whole = ".float()" if not name and not numpy and ".float()" in feed.entry.code else ""
    name = (name or feed.root.code) + whole
    return f"{mean}, {spread} = {name}.mean(0), {name}.std(0){guard}"


def is_numpy(value: Spot) -> bool:
    """Whether what is assigned to a name is visibly an array of NumPy."""
    code = value.code
    return code.startswith(("np.", "numpy.", "rng.")) or code.endswith((".values", ".numpy()"))


def scaled(spot: Spot, mean: str, spread: str) -> tuple[Splice, ...]:
    """Standardise an expression where it stands."""
    source, node = spot.source, spot.node
    parent = source.parents[node]
    inner = (
        isinstance(
            node, cst.Comparison | cst.IfExp | cst.BooleanOperation | cst.Lambda | cst.NamedExpr
        )
        and not node.lpar
    )
    outer = isinstance(parent, cst.BinaryOperation | cst.Attribute | cst.UnaryOperation)
    before = ("(" if outer else "") + "(" + ("(" if inner else "")
    after = (")" if inner else "") + f" - {mean}) / {spread}" + (")" if outer else "")
    return wrap(source.path, source.span(node), before, after)


def visible(spot: Spot, root: Spot, place: cst.CSTNode) -> bool:
    """Whether names that are bound behind `place` can be read at a spot."""
    if spot.source is not root.source:
        return False
    function = root.source.function(place)
    return function is None or root.source.holds(function, spot.node)


def insertion(
    files: Files, main: Feed, every: Sequence[Feed], *, sizes: bool = True
) -> cst.CSTNode:
    """Return the statement behind which the rows are standardised.

    It is the last one, before the rows are used for training, that binds or reads them: labels that
    are computed from the rows need them as they are. sizes: so does what asks for their shape.
    """
    assert main.root is not None
    source = main.root.source
    bound = [b.node for b in bindings.assignments(main.root) if hasattr(b, "node")]
    last = max(bound, key=lambda node: source.span(node)[0])
    together = [f for f in every if f.rooted(main) and (f.dataset or f.entry == main.entry)]
    points = [
        point
        for feed in [main, *together]
        if feed.root is not None and (point := reached(files, feed.root, last)) is not None
    ]
    if not points:
        raise Unreachable
    found = [_before(source, last, main.root.code, point, sizes) for point in points]
    return min(found, key=lambda statement: source.span(statement)[0])


def reached(files: Files, use: Spot, binding: cst.CSTNode, depth: int = 5) -> Spot | None:
    """Return the place, in the function that binds a name, from which its use is reached."""
    source = use.source
    if source.function(use.node) is source.function(binding):
        return use
    function = source.function(use.node)
    if function is None or not depth:
        return None
    for mention in _mentions(files, use.at(function)):
        found = reached(files, mention, binding, depth - 1)
        if found is not None:
            return found
    return None


def _mentions(files: Files, function: Spot) -> list[Spot]:
    """Return the calls of a function, and where else it is named: ``opt.step(closure)``."""
    node, source = function.node, function.source
    assert isinstance(node, cst.FunctionDef)
    called = [call for call in bindings.callers(files, function) if call.source is source]
    named = [
        Spot(source, name)
        for name in source.all(cst.Name)
        if name.value == node.name.value
        and name is not node.name
        and function in bindings.named(files, Spot(source, name))
    ]
    return called or named


def _before(
    source: Source, binding: cst.CSTNode, name: str, point: Spot, sizes: bool
) -> cst.CSTNode:
    """Return the last statement before `point` in which a name appears, next to its binding."""
    block = next(
        a
        for a in source.ancestors(binding)
        if isinstance(a, cst.BaseSuite | cst.Module) and source.holds(a, point.node)
    )
    latest = statements.of(source, binding)
    for statement in statements.flat(block):
        if source.holds(statement, point.node):
            break
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            continue
        named = [node for node in source.within(statement, cst.Name) if node.value == name]
        if any(sizes or not shape_only(source, node) for node in named):
            latest = statement
    return latest


def raw_use(files: Files, main: Feed, run: Run, runs: Sequence[Run], place: cst.CSTNode) -> bool:
    """Whether the training itself also needs the rows as they are: as a target, say."""
    assert main.root is not None
    inside = {other.rows for other in runs} | {main.entry}
    source = run.spot.source
    names = [main.root]
    core = rows.selected(run.rows.node)
    if isinstance(core, cst.Name):
        names.append(run.rows.at(core))
    loop = source.around(run.spot.node, cst.For, cst.While)
    function = source.function(run.spot.node)
    region = loop or function
    if region is None:
        return False
    for name in names:
        if name.source is not source:
            continue
        same = rows.binding(name)
        for node in source.within(region, cst.Name):
            spot = Spot(source, node)
            if (
                node.value == name.code
                and _is_raw(files, spot, inside)
                and rows.binding(spot) == same
            ):
                return True
    return False


def _is_raw(files: Files, spot: Spot, inside: set[Spot]) -> bool:
    """Whether this reads the values of the rows, for something other than the network."""
    source, child = spot.source, spot.node
    for around in source.ancestors(spot.node):
        if Spot(source, child) in inside:
            return False
        match around:
            case cst.Attribute(attr=cst.Name(value=attribute)) if attribute in OUTSIDE:
                return False
            case cst.Arg() if around.keyword is child:
                return False
            case cst.Call(func=func) if dotted(func).rpartition(".")[2] in SHOWING:
                return False
            case cst.Call(func=cst.Name()) if bindings.named(files, spot.at(around.func)):
                return False
            case cst.FormattedStringExpression() | cst.AssignTarget() | cst.Param():
                return False
            case cst.For() | cst.CompFor() if child is not around.iter:
                return False
            case cst.Assign(targets=targets):
                return not any(
                    n.value == source.code(spot.node)
                    for t in targets
                    for n in source.within(t.target, cst.Name)
                )
            case cst.BaseStatement() | cst.BaseSmallStatement():
                return True
        child = around
    return True
