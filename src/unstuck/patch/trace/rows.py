"""Where the rows come from that are fed to the network: back through loops, loaders and selections."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import libcst as cst
from libcst.metadata import Assignment

from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.trace import bindings, definitions, loops
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot

SELECTING = frozenset(
    {"to", "float", "double", "cuda", "cpu", "view", "reshape", "unsqueeze", "squeeze", "contiguous",
     "clone", "detach", "flatten", "type", "requires_grad_", "split", "chunk", "index_select", "type_as",
     "astype", "unbind", "pin_memory"}
)  # fmt: skip
"""Methods whose result has the receiver's rows, or some of them."""

CONVERTING = frozenset(
    {"from_numpy", "as_tensor", "tensor", "Tensor", "FloatTensor", "Variable", "unsqueeze", "split",
     "asarray", "array", "float32", "flatten", "squeeze", "reshape", "chunk"}
)  # fmt: skip
"""Functions whose result has their first argument's rows."""

DEPTH = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Feed:
    """One way in which rows reach the network.

    entry: the expression through which they enter, which can be wrapped; root: the name (as it stands
    in `entry`) that holds all of them, bound once before training; None where they are made on the
    spot. dataset: whether they enter through a data set.
    """

    entry: Spot
    root: Spot | None
    dataset: bool = False

    def rooted(self, other: Feed) -> bool:
        """Whether both feeds take their rows from one binding."""
        return (
            self.root is not None
            and other.root is not None
            and binding(self.root) == binding(other.root)
        )


def binding(name: Spot) -> object:
    """Return what identifies the variable that a name stands for: its scope and its text."""
    assert isinstance(name.node, cst.Name)
    found = bindings.assignments(name)
    return (found[0].scope, name.node.value) if found else (name.source, name.node.value)


def values(files: Files, name: Spot) -> list[Spot]:
    """Return the right-hand sides of what is assigned to a name."""
    return [v for v in bindings.of_name(files, name) if isinstance(v, Spot)]


def feeds(files: Files, entry: Spot, depth: int = DEPTH) -> list[Feed]:
    """Return how rows reach this expression."""
    core = selected(entry.node)
    if not isinstance(core, cst.Name):
        return [Feed(entry, None)]
    return _of_name(files, entry, entry.at(core), [], depth)


def selected(node: cst.BaseExpression | cst.CSTNode) -> cst.CSTNode:
    """Return what is left of an expression without selections of rows, casts and reshapes."""
    while True:
        match node:
            case cst.Subscript(value=inner):
                node = inner
            case cst.Call(func=cst.Attribute(value=cst.Name(value="torch" | "np" | "numpy"))):
                if dotted(node.func).rpartition(".")[2] not in CONVERTING or not node.args:
                    return node
                node = node.args[0].value
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=method))):
                if method not in SELECTING:
                    return node
                node = inner
            case cst.Call(func=cst.Name(value=function), args=[cst.Arg(value=inner), *_]):
                if function not in CONVERTING:
                    return node
                node = inner
            case _:
                return node


def _of_name(files: Files, entry: Spot, name: Spot, path: list[int], depth: int) -> list[Feed]:
    """Return the feeds behind a name; path: the position of the rows within what it holds."""
    found: list[Feed] = []
    for bound in bindings.assignments(name) if depth else []:
        node = bound.node if isinstance(bound, Assignment) else None
        if isinstance(node, cst.Param):
            found += _of_parameter(files, entry, name.at(node), path, depth)
        elif isinstance(node, cst.Name):
            found += _of_assignment(files, entry, name, name.at(node), path, depth)
    return list(dict.fromkeys(found)) or [Feed(entry, None)]


def _of_parameter(
    files: Files, entry: Spot, param: Spot, path: list[int], depth: int
) -> list[Feed]:
    function = param.source.function(param.node)
    assert isinstance(param.node, cst.Param)
    if function is None:
        return []
    found: list[Feed] = []
    for call in bindings.callers(files, param.at(function)):
        given = bindings.passed(param.source, function, param.node.name.value, call)
        if given is not None and not path:
            found += feeds(files, given, depth - 1)
        elif given is not None:
            found += _inside(files, given, given, path, depth - 1)
    return found


def _of_assignment(
    files: Files, entry: Spot, name: Spot, target: Spot, path: list[int], depth: int
) -> list[Feed]:
    source, inner = target.source, list[int]()
    for around in source.ancestors(target.node):
        match around:
            case cst.Element():
                holder = source.parents[around]
                assert isinstance(holder, cst.Tuple | cst.List)
                inner.insert(0, list(holder.elements).index(around))
            case cst.For() | cst.CompFor():
                return iterated(files, entry, target.at(around.iter), [*inner, *path], depth - 1)
            case cst.Assign() | cst.AnnAssign():
                if around.value is None:
                    return []
                value = target.at(around.value)
                if not path and not repeated(files, target):
                    return [Feed(entry, name)]
                return _inside(files, entry, value, [*inner, *path], depth - 1)
            case cst.Tuple() | cst.List() | cst.AssignTarget():
                continue
            case _:
                return []
    return []


def repeated(files: Files, target: Spot) -> bool:
    """Whether a binding happens again and again in one training."""
    built = loops.networks(files)
    for chain in loops.chains(files, target):
        for position, spot in enumerate(chain):
            for loop in loops.around(spot):
                if not loops.restarts(chain, position, loop, built):
                    return True
    return False


def _inside(files: Files, entry: Spot, value: Spot, path: Sequence[int], depth: int) -> list[Feed]:
    """Return the feeds of the part of a value that stands at this path."""
    node, path = value.node, list(path)
    if not depth:
        return []
    match node:
        case cst.Tuple(elements=parts) if path:
            return _inside(files, entry, value.at(parts[path[0]].value), path[1:], depth - 1)
        case cst.Call(func=cst.Name(value="next"), args=[cst.Arg(value=inner), *_]):
            return iterated(files, entry, value.at(inner), path, depth - 1)
        case cst.Name() if path:
            return _of_name(files, entry, value, path, depth - 1)
    core = selected(node)
    if isinstance(core, cst.Name) and not path:
        inner_feeds = _of_name(files, value, value.at(core), [], depth - 1)
        return [
            Feed(entry, None) if f.root is None and f.entry == value else f for f in inner_feeds
        ]
    if isinstance(core, cst.Name):
        return _of_name(files, entry, value.at(core), path, depth - 1)
    return [Feed(entry, None)]


def iterated(files: Files, entry: Spot, value: Spot, path: Sequence[int], depth: int) -> list[Feed]:
    """Return the feeds of one part of what iterating over a value yields."""
    path = list(path)
    match value.node:
        case cst.Call(func=func, args=[cst.Arg(value=first), *_] as args):
            name = dotted(func).rpartition(".")[2]
            if name == "enumerate":
                return iterated(files, entry, value.at(first), path[1:], depth - 1)
            if name in {"tqdm", "track", "iter", "list", "reversed", "cycle"}:
                return iterated(files, entry, value.at(first), path, depth - 1)
            if name == "zip" and path:
                part = value.at(args[path[0]].value)
                return iterated(files, part, part, path[1:], depth - 1)
            if name in {"DataLoader", "BatchSampler"}:
                return dataset(files, entry, value.at(first), path, depth - 1)
        case cst.Name() as name_node if depth:
            return _each(files, entry, value.at(name_node), path, depth)
    return feeds(files, _together(value), depth - 1) if not path else [Feed(entry, None)]


def _together(value: Spot) -> Spot:
    """Return the rows that ``x.split(20)`` or ``torch.chunk(x, 5)`` takes apart."""
    node = value.node
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if node.func.attr.value not in {"split", "chunk", "unbind"}:
            break
        library = dotted(node.func.value) in {"torch", "np"}
        node = node.args[0].value if library and node.args else node.func.value
    return value.at(node)


def _each(files: Files, entry: Spot, name: Spot, path: list[int], depth: int) -> list[Feed]:
    """Return the feeds behind a name that is iterated over: a loader, or the rows themselves."""
    found: list[Feed] = []
    for value, _ in _held(files, name):
        if _yields(value.node):
            found += iterated(files, entry, value, path, depth - 1)
        elif isinstance(value.node, cst.Name) and value != name:
            found += _each(files, entry, value, path, depth - 1)
    if found:
        return found
    return feeds(files, name, depth - 1) if not path else [Feed(entry, None)]


def _yields(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Call):
        return False
    last = dotted(node.func).rpartition(".")[2]
    return last in {"DataLoader", "zip", "enumerate", "tqdm", "iter", "list", "cycle"}


def dataset(files: Files, entry: Spot, value: Spot, path: Sequence[int], depth: int) -> list[Feed]:
    """Return the feeds of one part of the items of a data set."""
    path = list(path)
    match value.node:
        case cst.Call(func=func, args=[cst.Arg(value=first), *_] as args):
            name = dotted(func).rpartition(".")[2]
            if name == "TensorDataset":
                return _part(files, value.at(args[path[0] if path else 0].value), depth)
            if name in {"random_split", "Subset"}:
                return dataset(files, entry, value.at(first), path, depth - 1)
            if name == "zip" and path:
                return _part(files, value.at(args[path[0]].value), depth)
            if name in {"list", "tuple"}:
                return dataset(files, entry, value.at(first), path, depth - 1)
        case cst.Name() if depth:
            held = _held(files, value)
            found = [f for v, _ in held for f in dataset(files, entry, v, path, depth - 1)]
            return found or [Feed(entry, None)]
    return [Feed(entry, None)]


def _held(files: Files, name: Spot) -> list[tuple[Spot, list[int]]]:
    """Return what a name holds, each with the position in it: of what is unpacked or returned too."""
    found: list[tuple[Spot, list[int]]] = []
    for bound in bindings.assignments(name):
        node = bound.node if isinstance(bound, Assignment) else None
        if isinstance(node, cst.Param):
            found += [(v, []) for v in bindings.of_name(files, name) if isinstance(v, Spot)]
        statement = statements.of(name.source, node) if isinstance(node, cst.Name) else None
        if isinstance(statement, cst.Assign) and node is not None:
            found += _returned(files, name.at(statement.value), _place(name.source, node))
    return list({spot: (spot, path) for spot, path in found}.values())


def _place(source: Source, node: cst.CSTNode) -> list[int]:
    """Return the position of a target within what is unpacked."""
    path: list[int] = []
    for around in source.ancestors(node):
        if isinstance(around, cst.Element):
            holder = source.parents[around]
            assert isinstance(holder, cst.Tuple | cst.List)
            path.insert(0, list(holder.elements).index(around))
    return path


def _returned(files: Files, value: Spot, path: list[int]) -> list[tuple[Spot, list[int]]]:
    """Return the value itself or, for a call of the user's function, what that returns."""
    inner = definitions.definitions(files, value) if isinstance(value.node, cst.Call) else []
    found: list[tuple[Spot, list[int]]] = []
    for spot in inner:
        if isinstance(spot, Spot) and isinstance(spot.node, cst.Tuple) and path:
            found.append((spot.at(spot.node.elements[path[0]].value), path[1:]))
        elif isinstance(spot, Spot):
            found.append((spot, path))
    return found or [(value, path)]


def _part(files: Files, entry: Spot, depth: int) -> list[Feed]:
    """Return the feeds of a tensor that a data set is built from; it can be wrapped right there."""
    return [dataclasses.replace(feed, dataset=True) for feed in feeds(files, entry, depth - 1)]
