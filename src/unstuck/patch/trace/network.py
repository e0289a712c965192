"""Where the user's code runs the network: calls of a module, products with a weight made by hand."""

from __future__ import annotations

import dataclasses
import re

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace import bindings, calls, definitions
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

PASSING = frozenset(
    {"to", "cuda", "cpu", "double", "float", "train", "eval", "compile", "DataParallel", "apply", "script"}
)  # fmt: skip
"""Calls that hand on the module that they are given."""

NOT_A_NETWORK = re.compile(
    r"^(torch|F|nn\.functional|np|numpy|functional|math|plt|random)\b|^(print|len|range|zip|float|int|"
    r"tqdm|enumerate|next|iter|list|str|sum|round|super|max|min|isinstance|setattr|getattr)$|"
    r"(loss\w*|criterion|crit|optim\w*|opt)$",
    re.IGNORECASE,
)
"""Callees that are no network when nothing else is known of them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One place that runs the network: the call (or product), and the expression that is fed in."""

    spot: Spot
    rows: Spot
    built: frozenset[Spot]
    name: str

    def same_network(self, other: Run) -> bool:
        """Whether both run one network, as far as the source shows."""
        if self.built or other.built:
            return bool(self.built & other.built)
        return self.name == other.name and self.spot.source is other.spot.source


def on_line(files: Files, path: str, line: int) -> Run:
    """Return the place on this line that runs the network."""
    source = files.source(path)
    here = [called(files, call) for call in calls.on_line(source, line)]
    runs = [run for run in here if run is not None]
    known = [run for run in runs if is_module(files, run)]
    named = [run for run in runs if run.name in trained(source)]
    if known or named:
        return (known or named)[0]
    inmost = sorted(
        runs, key=lambda run: sum(source.holds(run.spot.node, r.spot.node) for r in runs)
    )
    products = [
        made
        for node in source.all(cst.CSTNode)
        if source.lines(node)[0] <= line <= source.lines(node)[1]
        for made in (product(Spot(source, node)),)
        if made is not None
    ]
    found = [*inmost, *products]
    if not found:
        raise Unpatchable(f"no call of the network is visible at {path}:{line}")
    return found[0]


def trained(source: Source) -> set[str]:
    """Return the names whose ``parameters()`` and the like are taken in a file."""
    return {
        dotted(call.func.value)
        for call in source.all(cst.Call)
        if isinstance(call.func, cst.Attribute)
        and call.func.attr.value in {"parameters", "train", "eval", "state_dict", "zero_grad"}
    }


def every(files: Files, run: Run) -> list[Run]:
    """Return all places in the user's files that run the same network."""
    by_hand = not isinstance(run.spot.node, cst.Call) or run.name.startswith("@")
    found: list[Run] = []
    for source in files.known():
        for node in source.all(cst.BaseExpression):
            spot = Spot(source, node)
            other = product(spot) if by_hand else _call(files, spot)
            if other is not None and other.same_network(run):
                found.append(other)
    return found


def around(files: Files, run: Run) -> list[Run]:
    """Return the calls of the plain function in which weights are multiplied by hand, which is the network."""
    source = run.spot.source
    function = source.function(run.spot.node)
    by_hand = run.name.startswith("@")
    if not by_hand or function is None or source.around(function, cst.ClassDef) is not None:
        return []
    return [
        Run(call, call.at(call.node.args[0].value), frozenset(), function.name.value)
        for call in bindings.callers(files, run.spot.at(function))
        if isinstance(call.node, cst.Call) and call.node.args
    ]


def _call(files: Files, spot: Spot) -> Run | None:
    return called(files, spot) if isinstance(spot.node, cst.Call) else None


def called(files: Files, call: Spot) -> Run | None:
    """Return the run that a call is, None where it cannot be one of a network."""
    node = call.node
    assert isinstance(node, cst.Call)
    callee: cst.BaseExpression = node.func
    if isinstance(callee, cst.Attribute) and callee.attr.value == "forward":
        callee = callee.value
    name = dotted(callee)
    if not node.args or node.args[0].star or not name or NOT_A_NETWORK.search(name):
        return None
    built = frozenset(network(files, call.at(callee)))
    if (
        any(isinstance(spot.node, cst.ClassDef | cst.FunctionDef) for spot in built)
        and name != "self"
    ):
        return None
    return Run(call, call.at(node.args[0].value), built, name)


def network(files: Files, spot: Spot) -> list[Spot]:
    """Return the calls that build what this expression is, behind ``.to(device)`` and the like."""
    if isinstance(spot.node, cst.Name) and spot.node.value == "self":
        owner = spot.source.around(spot.node, cst.ClassDef)
        return [spot.at(owner)] if owner is not None else []
    found: list[Spot] = []
    for end in definitions.terminals(files, spot):
        if not isinstance(end, Spot):
            continue
        inner = _handed_on(end.node)
        if inner is not None:
            found += network(files, end.at(inner))
        elif isinstance(end.node, cst.Call | cst.ClassDef | cst.FunctionDef):
            found.append(end)
    return found


def _handed_on(node: cst.CSTNode) -> cst.BaseExpression | None:
    if not isinstance(node, cst.Call) or dotted(node.func).rpartition(".")[2] not in PASSING:
        if not (isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute)):
            return None
        if node.func.attr.value not in PASSING:
            return None
    if isinstance(node.func, cst.Attribute) and dotted(node.func.value) not in {
        "torch",
        "nn",
        "torch.nn",
        "jit",
        "torch.jit",
    }:
        return node.func.value
    return node.args[0].value if node.args else None


def is_module(files: Files, run: Run) -> bool:
    """Whether what runs is visibly a network."""
    return any(_is_module(files, spot) for spot in run.built)


def _is_module(files: Files, spot: Spot) -> bool:
    """Whether what is built here is a network: a class of the user with ``forward``, or a layer."""
    if isinstance(spot.node, cst.ClassDef):
        return forward_of(spot) is not None
    if not isinstance(spot.node, cst.Call):
        return False
    if model_class(files, spot) is not None:
        return True
    return calls.names(spot)[-1:] in {("Sequential",), ("Linear",), ("Bilinear",)}


def model_class(files: Files, spot: Spot) -> Spot | None:
    """Return the user's class with a ``forward`` that is built here."""
    if isinstance(spot.node, cst.ClassDef):
        return spot if forward_of(spot) is not None else None
    if not isinstance(spot.node, cst.Call):
        return None
    ends = definitions.terminals(files, spot.at(spot.node.func))
    found = [e for e in ends if isinstance(e, Spot) and isinstance(e.node, cst.ClassDef)]
    return next((e for e in found if forward_of(e) is not None), None)


def forward_of(owner: Spot) -> cst.FunctionDef | None:
    """Return the ``forward`` (or ``__call__``) of a class."""
    assert isinstance(owner.node, cst.ClassDef)
    methods = [m for m in owner.node.body.body if isinstance(m, cst.FunctionDef)]
    named = {m.name.value: m for m in methods}
    return named.get("forward") or named.get("__call__")


def product(spot: Spot) -> Run | None:
    """Return a product of rows with a weight: ``x @ W``, ``torch.matmul(x, W)``, ``F.linear(x, W, b)``."""
    match spot.node:
        case cst.BinaryOperation(left=left, operator=cst.MatrixMultiply(), right=right):
            return _weighted(spot, left, right)
        case cst.Call(func=func, args=[cst.Arg(value=left), cst.Arg(value=right), *_]):
            if dotted(func).rpartition(".")[2] in {"matmul", "mm", "linear"}:
                return _weighted(spot, left, right)
    return None


def _weighted(spot: Spot, rows: cst.BaseExpression, weight: cst.BaseExpression) -> Run | None:
    core = weight
    while isinstance(core, cst.Attribute) and core.attr.value in {"T", "mT"}:
        core = core.value
    if isinstance(core, cst.Call) and isinstance(core.func, cst.Attribute):
        core = core.func.value if core.func.attr.value == "t" else core
    name = dotted(core) or spot.source.code(core)
    return Run(spot, spot.at(rows), frozenset(), f"@{name}")


def defined(files: Files, name: Spot) -> list[Spot]:
    """Return the functions and classes that a name is defined or imported as."""
    return bindings.named(files, name)
