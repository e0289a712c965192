"""Other uses of a name: may they change along with the one that must?"""

from __future__ import annotations

import re
from typing import Literal

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace import bindings, definitions, members
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot

Purpose = Literal["setting", "steps", "size"]

REPORTS = re.compile(
    r"(^|\.)(print|log\w*|debug|info|warning|write|format|set_description\w*|set_postfix\w*|title|"
    r"x?label|legend|config|add_scalar\w*|add_hparams|save|append|join|isinstance|str|repr|sleep|"
    r"plot|add_text|update|pprint)$"
)
"""Calls that show or store a value; it should be shown and stored as it then is."""

ALONG: dict[Purpose, re.Pattern[str]] = {
    "setting": re.compile(
        r"(LR|Scheduler|Lambda)$|^get_\w*schedule\w*$|seed|^default_rng$|Generator$"
    ),
    "steps": re.compile(
        r"(LR|Scheduler)$|^get_\w*schedule\w*$|^(t?range|arange|tqdm|track|len|int|max|min)$"
    ),
    "size": re.compile(
        r"(Norm|Norm\dd|PReLU|view|reshape|unflatten|unsqueeze|expand|sqrt|range|len|int)$"
    ),
}
"""Calls that belong to the same purpose: schedules follow the rate and the length of the run, all
generators follow one seed, and normalisations follow the size of their layer."""

VECTORS = frozenset({"zeros", "empty", "full", "ones"})
"""Calls that make an array of a given shape."""

DEPTH = 6


def of(files: Files, use: Spot, source: Spot) -> list[Spot]:
    """Return the other expressions, named like `use`, that take their value from `source` too."""
    name = _name(use.node)
    if name is None:
        return []
    return [
        spot
        for file in files.known()
        for node in file.all(cst.BaseExpression)
        if node is not use.node and _name(node) == name and _is_read(file, node)
        for spot in (Spot(file, node),)
        if source in definitions.definitions(files, spot)
    ]


def _name(node: cst.CSTNode) -> object:
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return key.evaluated_value if isinstance(key, cst.SimpleString | cst.Integer) else None
    return None


def _is_read(source: Source, node: cst.CSTNode) -> bool:
    """Whether a value is taken from this node, and not only named or given to it."""
    parent = source.parents.get(node)
    match parent:
        case cst.AsName() | cst.ImportAlias() | cst.Param() | cst.NameItem():
            return isinstance(parent, cst.Param) and parent.default is node
        case cst.FunctionDef() | cst.ClassDef() | cst.NamedExpr():
            return isinstance(parent, cst.NamedExpr) and parent.value is node
        case cst.Arg():
            return parent.value is node
        case cst.Attribute():
            return parent.value is node
    return not members.is_target(source, node)


def harmless(files: Files, use: Spot, purpose: Purpose, depth: int = DEPTH) -> bool:
    """Whether this use of a value may change along: it shows it, or serves the same purpose."""
    if depth == 0:
        return False
    source, child = use.source, use.node
    for around in source.ancestors(use.node):
        match around:
            case cst.FormattedStringExpression() | cst.Comparison() | cst.Assert() | cst.Raise():
                return True
            case cst.Arg():
                call = source.parents[around]
                return isinstance(call, cst.Call) and _harmless_in(
                    files, use.at(call), around, purpose, depth
                )
            case cst.Assign():
                return all(
                    _readers_harmless(files, use.at(t.target), use.at(around.value), purpose, depth)
                    for t in around.targets
                )
            case cst.Param():
                return _readers_harmless(files, use.at(around.name), use.at(child), purpose, depth)
            case cst.DictElement() | cst.Expr():
                return True
            case cst.BinaryOperation() if purpose == "size":
                if _in_network(source, around) or _scales(around, child):
                    return True
            case cst.BinaryOperation(operator=cst.Modulo(), left=cst.SimpleString()):
                return True
            case cst.BaseStatement() | cst.BaseSmallStatement():
                return False
        child = around
    return False


def _scales(node: cst.BinaryOperation, size: cst.CSTNode) -> bool:
    """Whether a size only sets a scale: ``W / H ** 0.5``, ``1 / H``."""
    if isinstance(node.operator, cst.Power):
        return node.left is size
    return isinstance(node.operator, cst.Divide) and node.right is size


def _in_network(source: Source, node: cst.CSTNode) -> bool:
    """Whether a node stands in a class with a ``forward``."""
    owner = source.around(node, cst.ClassDef)
    return isinstance(owner, cst.ClassDef) and any(
        isinstance(f, cst.FunctionDef) and f.name.value == "forward" for f in owner.body.body
    )


def _harmless_in(files: Files, call: Spot, arg: cst.Arg, purpose: Purpose, depth: int) -> bool:
    node = call.node
    assert isinstance(node, cst.Call)
    name = dotted(node.func) or (
        node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    )
    if REPORTS.search(name) or ALONG[purpose].search(name.rpartition(".")[2]):
        return True
    if purpose != "setting" and name.rpartition(".")[2] in VECTORS and _is_vector(node, arg):
        return True  # a buffer with one place a step, a bias with one a unit
    function = _target(files, call)
    return function is not None and _parameter_harmless(files, function, call, arg, purpose, depth)


def _is_vector(call: cst.Call, arg: cst.Arg) -> bool:
    """Whether a size is the only one of the array that a call makes."""
    if isinstance(arg.value, cst.Tuple | cst.List):
        return len(arg.value.elements) == 1
    return not any(a is not arg and a.keyword is None for a in call.args)


def _target(files: Files, call: Spot) -> Spot | None:
    """Return the user's function that a call runs; ``__init__`` for a class."""
    node = call.node
    assert isinstance(node, cst.Call)
    callee = node.func
    found = bindings.named(files, call.at(callee)) if isinstance(callee, cst.Name) else []
    for spot in found:
        if isinstance(spot.node, cst.FunctionDef):
            return spot
        if isinstance(spot.node, cst.ClassDef):
            for method in spot.node.body.body:
                if isinstance(method, cst.FunctionDef) and method.name.value == "__init__":
                    return spot.at(method)
    return None


def _parameter_harmless(
    files: Files, function: Spot, call: Spot, arg: cst.Arg, purpose: Purpose, depth: int
) -> bool:
    node = function.node
    assert isinstance(node, cst.FunctionDef)
    for param in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
        given = bindings.passed(function.source, node, param.name.value, call)
        if given is not None and given.node is arg.value:
            return _readers_harmless(files, function.at(param.name), given, purpose, depth)
    return False


def _readers_harmless(
    files: Files, target: Spot, value: Spot, purpose: Purpose, depth: int
) -> bool:
    readers = of(files, target, value)
    return all(harmless(files, reader, purpose, depth - 1) for reader in readers)
