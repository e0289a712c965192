"""What attributes, items and the turns of a loop stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

import unstuck.patch.trace.bindings as bindings
import unstuck.patch.trace.definitions as definitions
from unstuck.patch.text.source import Source
from unstuck.patch.trace import fold
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import EMPTY, Const, Env, Group, Spot, Value

RECORDS = frozenset(
    {"dict", "SimpleNamespace", "Namespace", "DotDict", "EasyDict", "edict", "Munch"}
)
"""Calls that keep their keywords as items or attributes."""

LONGEST = 200
"""Turns of a loop that are gone through one by one: layers are built in few, steps taken in many."""

DECLARATIONS = frozenset({"add_argument", "DEFINE_float", "DEFINE_integer"})
"""Calls that declare a command-line option."""


def of_attribute(files: Files, spot: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what ``base.name`` stands for: a field of the user's object, class, module or options."""
    node = spot.node
    assert isinstance(node, cst.Attribute)
    name = node.attr.value
    owner = _own_class(spot.source, node.value)
    if owner is not None:
        return _fields(files, spot.at(owner), name)
    found: list[Value] = []
    for base in definitions.terminals(files, spot.at(node.value), env):
        if isinstance(base, Spot):
            found += _member(files, base, name, env)
    root = dotted(node.value).partition(".")[0]
    return found or (_options(files, name) if root not in {"", "self"} else [])


def _own_class(source: Source, base: cst.BaseExpression) -> cst.ClassDef | None:
    """Return the class that ``self`` (or ``cls``) means here."""
    function = source.function(base)
    if not isinstance(base, cst.Name) or function is None or base.value not in {"self", "cls"}:
        return None
    owner = source.around(base, cst.ClassDef)
    return owner if isinstance(owner, cst.ClassDef) else None


def _member(files: Files, base: Spot, name: str, env: Env) -> list[Value]:
    match base.node:
        case cst.Module():
            return bindings.of_module(files, base.source, name)
        case cst.ClassDef():
            return _fields(files, base, name)
        case cst.Call() as call:
            return _built(files, base, call, name, env)
        case cst.Dict():
            return _entry(base, name)
    return []


def _built(files: Files, base: Spot, call: cst.Call, name: str, env: Env) -> list[Value]:
    """Return a field of an object that a call makes."""
    last = dotted(call.func).rpartition(".")[2]
    if isinstance(call.func, cst.Attribute) and call.func.attr.value.startswith("parse"):
        return _options(files, name)
    keyword = [a.value for a in call.args if a.keyword and a.keyword.value == name]
    if last in RECORDS:
        inner = [_entry(base.at(a.value), name) for a in call.args if isinstance(a.value, cst.Dict)]
        return [base.at(value) for value in keyword] or [v for part in inner for v in part]
    found: list[Value] = []
    for target in definitions.terminals(files, base.at(call.func), env):
        if isinstance(target, Spot) and isinstance(target.node, cst.ClassDef):
            given = _positional(target, call, name) if _is_record(target) else keyword
            found += [base.at(v) for v in given] or _fields(files, target, name)
    return found


def _is_record(owner: Spot) -> bool:
    """Whether the class has no ``__init__`` of its own, so that fields are its parameters."""
    node = owner.node
    assert isinstance(node, cst.ClassDef)
    return not any(
        isinstance(s, cst.FunctionDef) and s.name.value == "__init__" for s in node.body.body
    )


def _positional(owner: Spot, call: cst.Call, name: str) -> list[cst.BaseExpression]:
    fields = [
        a.target.value
        for a in owner.source.within(owner.node, cst.AnnAssign)
        if isinstance(a.target, cst.Name) and owner.source.function(a) is None
    ]
    for index, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return [argument.value]
        if argument.keyword is None and not argument.star and fields[index : index + 1] == [name]:
            return [argument.value]
    return []


def _fields(files: Files, owner: Spot, name: str) -> list[Value]:
    """Return what a class and its bases give to an attribute."""
    found: list[Value] = []
    source = owner.source
    assert isinstance(owner.node, cst.ClassDef)
    for node in source.within(owner.node, cst.CSTNode):
        if isinstance(node, cst.Attribute) and node.attr.value == name:
            if dotted(node.value) in {"self", "cls"} and is_target(source, node):
                found += bindings.assigned(files, Spot(source, node))
        elif isinstance(node, cst.Name) and node.value == name and source.function(node) is None:
            holder = source.parents[node]
            if isinstance(holder, cst.AssignTarget | cst.AnnAssign) and is_target(source, node):
                found += bindings.assigned(files, Spot(source, node))
    if not found:
        for base in owner.node.bases:
            for target in definitions.terminals(files, owner.at(base.value)):
                if isinstance(target, Spot) and isinstance(target.node, cst.ClassDef):
                    found += _fields(files, target, name)
    return found


def is_target(source: Source, node: cst.CSTNode) -> bool:
    """Whether a value is assigned to this node."""
    child = node
    for around in source.ancestors(node):
        match around:
            case cst.AssignTarget():
                return True
            case cst.AugAssign():
                return around.target is child
            case cst.AnnAssign():
                return around.target is child and around.value is not None
            case cst.For():
                return around.target is child
            case cst.Element() | cst.Tuple() | cst.List():
                child = around
            case _:
                return False
    return False


def _options(files: Files, name: str) -> list[Value]:
    """Return the defaults of command-line options with this destination."""
    return [
        Spot(source, argument.value)
        for source in files.known()
        for call in source.all(cst.Call)
        if dotted(call.func).rpartition(".")[2] in DECLARATIONS
        and option_name(source, call) == name
        for argument in call.args
        if argument.keyword is not None and argument.keyword.value == "default"
    ]


def option_name(source: Source, call: cst.Call) -> str:
    """Return the destination of an option: its ``dest``, else its first long flag with underscores."""
    texts = {a.keyword.value if a.keyword else "": a.value for a in reversed(call.args)}
    destination = texts.get("dest")
    if isinstance(destination, cst.SimpleString):
        return str(destination.evaluated_value)
    flags = [
        str(a.value.evaluated_value)
        for a in call.args
        if a.keyword is None and isinstance(a.value, cst.SimpleString)
    ]
    long = [flag for flag in flags if flag.startswith("--") or not flag.startswith("-")]
    return next(iter([*long, *flags]), "").lstrip("-").replace("-", "_")


def of_item(files: Files, spot: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what ``base[key]`` stands for, where the key is known and the base is a display."""
    node = spot.node
    assert isinstance(node, cst.Subscript)
    if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        return []
    try:
        key = fold.fold(files, spot.at(node.slice[0].slice.value), env)
    except fold.Unfoldable:
        return []
    return [*items(files, spot.at(node.value), key, env), *_stored(spot, node, key)]


def of_get(files: Files, spot: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what ``base.get(key, default)`` stands for."""
    call = spot.node
    assert isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute)
    if not call.args or not isinstance(call.args[0].value, cst.SimpleString):
        return []
    key = call.args[0].value.evaluated_value
    found = items(files, spot.at(call.func.value), key, env)
    return found or [spot.at(a.value) for a in call.args[1:2]]


def items(files: Files, base: Value, key: object, env: Env = EMPTY) -> list[Value]:
    """Return the item of a dict, list, tuple or group at this key."""
    if isinstance(base, Group):
        return [base.parts[key]] if isinstance(key, int) and -1 <= key < len(base.parts) else []
    found: list[Value] = []
    for end in definitions.terminals(files, base, env):
        if (
            isinstance(end, Spot)
            and isinstance(end.node, cst.Dict | cst.Call)
            and isinstance(key, str)
        ):
            found += (
                _entry(end, key)
                if isinstance(end.node, cst.Dict)
                else _built(files, end, end.node, key, env)
            )
        elif isinstance(key, int):
            turns = elements(files, end, env) or []
            found += [turns[key]] if -len(turns) <= key < len(turns) else []
    return found


def _entry(base: Spot, key: str) -> list[Value]:
    if not isinstance(base.node, cst.Dict):
        return []
    return [
        base.at(e.value)
        for e in base.node.elements
        if isinstance(e, cst.DictElement)
        and isinstance(e.key, cst.SimpleString)
        and e.key.evaluated_value == key
    ]


def _stored(spot: Spot, node: cst.Subscript, key: object) -> Iterator[Value]:
    """Yield what is assigned elsewhere in the file to the same item: ``cfg["lr"] = 0.1``."""
    for assign in spot.source.all(cst.Assign):
        for target in assign.targets:
            t = target.target
            same = isinstance(t, cst.Subscript) and spot.source.code(t) == spot.code
            if same and t is not node and isinstance(key, str):
                yield spot.at(assign.value)


def pick(files: Files, value: Value, path: Sequence[int], env: Env = EMPTY) -> list[Value]:
    """Return the part of a value that unpacking gives to the target at this path of positions."""
    if not path:
        return [value]
    if isinstance(value, Spot) and isinstance(value.node, cst.Tuple | cst.List):
        parts = value.node.elements
        if any(isinstance(e, cst.StarredElement) for e in parts) or path[0] >= len(parts):
            return []
        return pick(files, value.at(parts[path[0]].value), path[1:], env)
    return [
        v for part in items(files, value, path[0], env) for v in pick(files, part, path[1:], env)
    ]


def elements(files: Files, value: Value, env: Env = EMPTY) -> list[Value] | None:
    """Return what iterating over a value gives, in order; None where that cannot be read off."""
    if isinstance(value, Group):
        return list(value.parts)
    if not isinstance(value, Spot):
        return _counted(value.value)
    for end in definitions.terminals(files, value, env):
        found = _elements(files, end, env) if isinstance(end, Spot) else None
        if found is not None:
            return found
    return None


def _counted(numbers: object) -> list[Value] | None:
    if not isinstance(numbers, range) or len(numbers) > LONGEST:
        return None
    return [Const(number) for number in numbers]


def _elements(files: Files, spot: Spot, env: Env) -> list[Value] | None:
    match spot.node:
        case cst.List(elements=parts) | cst.Tuple(elements=parts):
            return _display(files, spot, parts, env)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            first = elements(files, spot.at(left), env)
            second = elements(files, spot.at(right), env)
            return first + second if first is not None and second is not None else None
        case cst.BinaryOperation(left=left, operator=cst.Multiply(), right=right):
            first = elements(files, spot.at(left), env)
            times = fold.folded(files, spot.at(right), env)
            few = isinstance(times, int) and times <= LONGEST
            return first * times if first is not None and few else None
        case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Slice() as part)]):
            whole = elements(files, spot.at(base), env)
            bounds = [
                fold.folded(files, spot.at(b), env) if b is not None else None
                for b in (part.lower, part.upper, part.step)
            ]
            return whole[slice(*bounds)] if whole is not None else None
        case cst.Call():
            return _generated(files, spot, env)
    return None


def _display(
    files: Files, spot: Spot, parts: Sequence[cst.BaseElement], env: Env
) -> list[Value] | None:
    found: list[Value] = []
    for part in parts:
        if isinstance(part, cst.StarredElement):
            inner = elements(files, spot.at(part.value), env)
            if inner is None:
                return None
            found += inner
        else:
            found.append(spot.at(part.value))
    return found


def _generated(files: Files, spot: Spot, env: Env) -> list[Value] | None:
    call = spot.node
    assert isinstance(call, cst.Call)
    name = dotted(call.func).rpartition(".")[2]
    if name == "range":
        numbers = fold.folded(files, spot, env)
        return _counted(numbers)
    inner = [elements(files, spot.at(a.value), env) for a in call.args]
    known = [part for part in inner if part is not None]
    if not known or len(known) < len(inner):
        return None
    match name:
        case "zip":
            return [Group(row) for row in zip(*known, strict=False)]
        case "enumerate":
            return [Group((Const(i), v)) for i, v in enumerate(known[0])]
        case "pairwise":
            return [Group(pair) for pair in zip(known[0], known[0][1:], strict=False)]
        case "list" | "tuple":
            return known[0]
        case "reversed":
            return known[0][::-1]
    return None
