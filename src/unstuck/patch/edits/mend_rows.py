"""Rows that hold numbers only: others left out, or filled in, where the rows are made or else in the loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import MendRows
from unstuck.patch.edits.match_shapes import compared
from unstuck.patch.edits.scale_inputs import is_list
from unstuck.patch.edits.scaled import Unreachable, reached
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import bindings, network, predicted, rows
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.rows import Feed
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

FRESH = ("known", "complete", "usable", "has_numbers")
"""Names for which rows are kept, the first that is free."""

SIZES = frozenset({"shape", "size", "numel", "__len__"})
"""Attributes that tell how many rows there are."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """A variable that holds all rows of inputs or targets.

    place: the statement after which its values stand; point: where training begins to read it; dims: its
    number of axes, 0 where that is not visible; library: what its functions come from.
    """

    name: str
    root: Spot
    place: cst.CSTNode
    point: Spot
    dims: int
    library: str

    def finite(self) -> str:
        """Return the expression for which rows are numbers throughout."""
        found = f"{self.library}.isfinite({self.name})"
        if self.dims == 1:
            return found
        each = "" if self.dims == 2 else f".reshape(len({self.name}), -1)"
        return f"{found}{each}.all(1)"


def mend_rows(files: Files, edits: Sequence[MendRows]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _mend(files, edit)]


def _mend(files: Files, edit: MendRows) -> list[Splice]:
    run = network.on_line(files, edit.forward.file, edit.forward.line)
    _, target = predicted.operands(files, run, compared(files, edit.loss), edit.loss)
    try:
        return _at_names(files, edit, run, target)
    except Unreachable:
        return _in_loop(files, edit, run, target)


def _at_names(files: Files, edit: MendRows, run: Run, target: Spot) -> list[Splice]:
    """Mend the variables that hold all rows, once, where their values stand."""
    given = _held(files, run.rows, edit.dims[0])
    parts = [given]
    if edit.leave:
        parts.append(_held(files, target, edit.dims[1]))
    source = given.root.source
    place = max((part.place for part in parts), key=lambda node: source.span(node)[1])
    for part in parts:
        _fits(part, source, place, parts)
    lines: list[str] = []
    if edit.fill:
        _alone(files, run, given)
        lines.append(f"{given.name} = {_filled(edit, given)}")
    return statements.behind(source, place, [*lines, *_left(source, edit, parts)])


def _left(source: Source, edit: MendRows, parts: Sequence[Rows]) -> Iterator[str]:
    """Yield the lines that leave rows out."""
    if not edit.leave:
        return
    asked = dict(zip(("inputs", "targets"), parts, strict=True))
    known = _fresh(source, source.function(parts[0].place))
    tests = dict.fromkeys(asked[part].finite() for part in edit.leave)
    names = dict.fromkeys(part.name for part in parts)
    yield f"{known} = " + " & ".join(tests)
    yield f"{', '.join(names)} = " + ", ".join(f"{name}[{known}]" for name in names)


def _filled(edit: MendRows, given: Rows) -> str:
    """Return the expression for inputs that are filled in."""
    name, library = given.name, given.library
    if edit.fill == "median":
        median = f"np.nanmedian({name}, 0)" if library == "np" else f"{name}.nanmedian(0).values"
        return f"{library}.where({library}.isfinite({name}), {name}, {median})"
    ends = ", nan=0.0, posinf=0.0, neginf=0.0" if edit.endless else ""
    return f"{library}.nan_to_num({name}{ends})"


def _held(files: Files, spot: Spot, dims: int) -> Rows:
    """Return the variable that holds all rows behind an expression."""
    found = [
        f for f in rows.feeds(files, spot) if f.root is not None and not is_list(files, f.root)
    ]
    found.sort(key=lambda feed: "train" not in feed.root.code.lower() if feed.root else True)
    if not found:
        raise Unreachable
    feed = found[0]
    root = feed.root
    assert root is not None
    bare = isinstance(spot.node, cst.Name) and isinstance(feed.entry.node, cst.Name)
    place, point = _settled(files, root)
    return Rows(root.code, root, place, point, dims if bare else 0, _library(files, feed))


def _library(files: Files, feed: Feed) -> str:
    """Return ``torch`` or ``np``: what the variable is an array of."""
    root = feed.root
    assert root is not None
    text = root.source.text
    converted = any(
        part in feed.entry.code for part in ("from_numpy", "torch.tensor(", "as_tensor")
    )
    made = [value.code for value in rows.values(files, root)]
    numpy = converted or any(
        code.startswith(("np.", "numpy.", "rng.")) or code.endswith((".values", ".numpy()"))
        for code in made
    )
    library = "np" if numpy else "torch"
    if ("import numpy as np" if numpy else "import torch") not in text:
        raise Unreachable
    return library


def _settled(files: Files, root: Spot) -> tuple[cst.CSTNode, Spot]:
    """Return the last statement that gives the variable values, and where training reads it after that."""
    source = root.source
    bound = [b.node for b in bindings.assignments(root) if hasattr(b, "node")]
    if not bound:
        raise Unreachable
    first = min(bound, key=lambda node: source.span(node)[0])
    point = reached(files, root, first)
    function = source.function(first)
    if point is None or source.function(point.node) is not function:
        raise Unreachable
    found = None
    for statement in statements.flat(function.body if function else source.module):
        if source.holds(statement, point.node):
            break
        if not isinstance(statement, cst.FunctionDef | cst.ClassDef) and _gives(
            source, statement, root.code
        ):
            found = statement
    if found is None:
        raise Unreachable
    return found, point


def _gives(source: Source, statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement, or one inside of it, binds a name or changes what it holds."""
    targets: list[cst.CSTNode] = [t.target for t in source.within(statement, cst.AssignTarget)]
    targets += [a.target for a in source.within(statement, cst.AugAssign)]
    targets += [a.target for a in source.within(statement, cst.AnnAssign)]
    for target in targets:
        parts = target.elements if isinstance(target, cst.Tuple | cst.List) else [target]
        if any(_base(getattr(part, "value", part), part) == name for part in parts):
            return True
    return any(
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value.endswith("_")
        and dotted(call.func.value) == name
        for call in source.within(statement, cst.Call)
    )


def _base(inner: cst.CSTNode, node: cst.CSTNode) -> str:
    """Return the name that a target belongs to: ``x`` of ``x``, and of ``x[3, 0]``."""
    part = inner if isinstance(node, cst.Element) else node
    while isinstance(part, cst.Subscript):
        part = part.value
    return part.value if isinstance(part, cst.Name) else ""


def _fits(part: Rows, source: Source, place: cst.CSTNode, parts: Sequence[Rows]) -> None:
    """Raise Unreachable where a variable cannot be mended behind this statement."""
    if part.root.source is not source or part.library != parts[0].library:
        raise Unreachable
    if source.function(part.place) is not source.function(place):
        raise Unreachable
    if source.span(part.point.node)[0] < source.span(place)[1]:
        raise Unreachable
    begin, end = source.span(part.place)[1], source.span(place)[0]
    for node in source.all(cst.Name):
        if (
            node.value == part.name
            and begin <= source.span(node)[0] < end
            and _counts(source, node)
        ):
            raise Unreachable  # how many rows there are is known before some are left out


def _counts(source: Source, node: cst.CSTNode) -> bool:
    parent = source.parents[node]
    if isinstance(parent, cst.Attribute):
        return parent.attr.value in SIZES
    call = source.parents.get(parent)
    return isinstance(call, cst.Call) and dotted(call.func) == "len"


def _alone(files: Files, run: Run, given: Rows) -> None:
    """Raise Unpatchable where the network is given other rows too, which may lack the same."""
    main = Feed(given.root, given.root)
    for other in network.every(files, run):
        for feed in rows.feeds(files, other.rows):
            if not feed.rooted(main) and other.rows.code not in {"", given.name}:
                raise Unpatchable(
                    f"the network is also given {other.rows.code!r}, which may have to be filled in too"
                )


def _fresh(source: Source, function: cst.CSTNode | None) -> str:
    used = {node.value for node in source.all(cst.Name) if source.function(node) is function}
    return next(name for name in FRESH if name not in used)


def _in_loop(files: Files, edit: MendRows, run: Run, target: Spot) -> list[Splice]:
    """Mend each batch, in front of the statement that runs the network on it."""
    source, names = run.spot.source, (run.rows.node, target.node)
    statement = statements.of(source, run.spot.node)
    loop = source.around(run.spot.node, cst.For)
    given, asked = names
    together = target.source is source and source.function(asked) is source.function(given)
    if (
        edit.fill
        or not isinstance(given, cst.Name)
        or not isinstance(asked, cst.Name)
        or not together
        or not isinstance(loop, cst.For)
        or not all(_made_in(source, loop, name.value) for name in (given, asked))
    ):
        raise Unpatchable("where the rows come from, before they reach the network, is not visible")
    parts = [
        Rows(name.value, Spot(source, name), statement, run.spot, dims, "torch")
        for name, dims in zip((given, asked), edit.dims, strict=True)
    ]
    return statements.before(source, statement, list(_left(source, edit, parts)))


def _made_in(source: Source, loop: cst.For, name: str) -> bool:
    """Whether each turn of the loop, or of one inside of it, has its own value of a name."""
    targets = [loop.target, *(f.target for f in source.within(loop.body, cst.For))]
    bound = any(n.value == name for t in targets for n in source.within(t, cst.Name))
    return bound or any(_gives(source, s, name) for s in statements.flat(loop.body))
