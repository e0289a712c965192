"""The number that an expression must be worth, where the source says it in one way only."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

from unstuck.probe.written.text import File, Function, calls, last_name

Found = tuple[File, ast.expr] | float
"""What a name may stand for: an expression of a file, or a number."""

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}

_CALLS: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "round": round, "max": max, "min": min, "abs": abs, "ceil": math.ceil,
}  # fmt: skip


class Numbers:
    """Folds expressions of these files; argv: the arguments that the script was started with."""

    def __init__(self, files: list[File], argv: tuple[str, ...] = ()) -> None:
        self.files, self.argv = files, argv
        self._open: set[tuple[str, int]] = set()

    def worth(self, file: File, node: ast.expr) -> float | None:
        """Return the number, None where the source does not tell it for sure."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return float(value)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._applied(operator.neg, file, [inner])
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self._applied(_BINARY[type(sign)], file, [left, right])
            case ast.Call(func=func, args=args, keywords=[]) if last_name(func) in _CALLS:
                return self._applied(_CALLS[last_name(func)], file, args)
            case ast.Name(id=name, ctx=ast.Load()):
                return self._agreed(file, node, list(self._of_name(file, node, name)))
            case ast.Attribute(attr=name):
                return self._agreed(file, node, list(self._of_field(name)))
            case ast.Subscript(slice=ast.Constant(value=str() as name)):
                return self._agreed(file, node, list(self._of_field(name)))
        return None

    def _applied(
        self, function: Callable[..., Any], file: File, args: list[ast.expr]
    ) -> float | None:
        values = [self.worth(file, arg) for arg in args]
        if None in values or not values:
            return None
        try:
            return float(function(*values))
        except (ArithmeticError, TypeError, ValueError):
            return None

    def _agreed(self, file: File, node: ast.expr, found: list[Found]) -> float | None:
        """Return the one number that all of these are worth; what leads back here says nothing."""
        key = (file.path, id(node))
        if key in self._open:
            return None
        self._open.add(key)
        try:
            values = {
                one if isinstance(one, float) else self.worth(*one)
                for one in found
                if isinstance(one, float) or not self._leads_back(one)
            }
        finally:
            self._open.discard(key)
        return values.pop() if len(values) == 1 else None

    def _leads_back(self, one: tuple[File, ast.expr]) -> bool:
        return (one[0].path, id(one[1])) in self._open

    def _of_name(self, file: File, node: ast.expr, name: str) -> Iterator[Found]:
        """Yield what a variable may hold: of its function, of the function's callers, of the module."""
        scope: ast.AST | None = file.function(node)
        while scope is not None:
            assert isinstance(scope, Function)
            local = [v for v in _assigned(file, scope, name) if file.function(v) is scope]
            if local:
                yield from ((file, value) for value in local)
                return
            if any(arg.arg == name for arg in _parameters(scope)):
                yield from self._of_parameter(file, scope, name)
                return
            scope = file.function(scope)
        module = [v for v in _assigned(file, file.tree, name) if file.function(v) is None]
        if module:
            yield from ((file, value) for value in module)
        elif any(_imports(file, name)):
            for other in self.files:
                if other is not file:
                    values = _assigned(other, other.tree, name)
                    yield from ((other, v) for v in values if other.function(v) is None)

    def _of_parameter(self, file: File, function: Function, name: str) -> Iterator[Found]:
        """Yield what the callers give for a parameter, its default where they give nothing."""
        names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
        bound = names[1:] if names[:1] in (["self"], ["cls"]) else names
        default = _default(function, name)
        made = calls(self.files, file.called(function))
        for place, call in made:
            named = [k.value for k in call.keywords if k.arg == name]
            position = bound.index(name) if name in bound else len(call.args)
            given = named or call.args[position : position + 1]
            if given:
                yield place, given[0]
            elif default is not None:
                yield file, default
        if not made and default is not None:
            yield file, default

    def _of_field(self, name: str) -> Iterator[Found]:
        """Yield what a field of this name holds, wherever an object or a dict is given one."""
        for file in self.files:
            for node in ast.walk(file.tree):
                match node:
                    case ast.Call(func=ast.Attribute(attr="add_argument")):
                        yield from self._of_option(file, node, name)
                    case ast.Call() if last_name(node.func) in self._classes(name):
                        yield from ((file, k.value) for k in node.keywords if k.arg == name)
                    case ast.Call(func=ast.Name(id="dict" | "SimpleNamespace" | "Namespace")):
                        yield from ((file, k.value) for k in node.keywords if k.arg == name)
                    case ast.Dict(keys=keys, values=values):
                        for key, value in zip(keys, values, strict=True):
                            if isinstance(key, ast.Constant) and key.value == name:
                                yield file, value
                    case ast.Assign(targets=targets, value=value):
                        owned = isinstance(file.parents[node], ast.ClassDef)
                        kind = ast.Attribute | ast.Name if owned else ast.Attribute
                        if any(isinstance(t, kind) and last_name(t) == name for t in targets):
                            yield file, value
                    case ast.AnnAssign(target=ast.Name(id=field), value=ast.expr() as value):
                        around = file.parents[node]
                        if field == name and isinstance(around, ast.ClassDef):
                            yield from self._of_default(file, around, name, value)

    def _of_option(self, file: File, call: ast.Call, name: str) -> Iterator[Found]:
        """Yield what a command line's option holds: what was given, else its default."""
        given_as = [a.value for a in call.args if isinstance(a, ast.Constant)]
        flags = [flag for flag in given_as if isinstance(flag, str)]
        named = {k.arg: k.value for k in call.keywords}
        long = [flag for flag in flags if flag.startswith("--")] or flags
        told = named.get("dest")
        dest = told.value if isinstance(told, ast.Constant) else long[0] if long else ""
        if str(dest).lstrip("-").replace("-", "_") != name:
            return
        given = _given(self.argv, flags)
        if given is not None:
            yield given
        elif "default" in named:
            yield file, named["default"]

    def _of_default(
        self, file: File, around: ast.ClassDef, name: str, value: ast.expr
    ) -> Iterator[Found]:
        """Yield the default of a dataclass's field, unless every call of the class gives another."""
        made = calls(self.files, around.name)
        if not made or any(all(k.arg != name for k in call.keywords) for _, call in made):
            yield file, value

    def _classes(self, field: str) -> set[str]:
        """Return the names of the classes that declare this field."""
        return {
            file.parents[node].name  # type: ignore[attr-defined]
            for file in self.files
            for node in ast.walk(file.tree)
            if isinstance(node, ast.AnnAssign)
            and last_name(node.target) == field
            and isinstance(file.parents[node], ast.ClassDef)
        }


def _assigned(file: File, within: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(within):
        match node:
            case ast.Assign(targets=targets, value=value):
                if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                    yield value
                for target in targets:
                    yield from _unpacked(target, value, name)
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value):
                if found == name and not isinstance(file.parents[node], ast.ClassDef):
                    yield value
            case ast.AugAssign(target=ast.Name(id=found)) if found == name:
                yield node.target  # a number that changes: what leads back here is none


def _unpacked(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """Yield the part of ``a, b = 1, 2`` that this name gets, all of it where that is not told."""
    if not isinstance(target, ast.Tuple):
        return
    for place, part in enumerate(target.elts):
        if isinstance(part, ast.Name) and part.id == name:
            tuple_ = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            yield value.elts[place] if tuple_ else value  # type: ignore[attr-defined]


def _imports(file: File, name: str) -> Iterator[bool]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom):
            yield from (True for alias in node.names if alias.name in {name, "*"})


def _parameters(function: Function) -> list[ast.arg]:
    taken = function.args
    return [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]


def _default(function: Function, name: str) -> ast.expr | None:
    taken = function.args
    placed = [*taken.posonlyargs, *taken.args]
    defaults = dict(
        zip(
            [arg.arg for arg in placed[len(placed) - len(taken.defaults) :]],
            taken.defaults,
            strict=True,
        )
    )
    named = zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
    defaults.update({arg.arg: value for arg, value in named if value is not None})
    return defaults.get(name)


def _given(argv: tuple[str, ...], flags: list[str]) -> float | None:
    """Return the number that stands behind one of these flags on the command line."""
    for place, word in enumerate(argv):
        flag, equals, value = word.partition("=")
        if flag in flags and flag.startswith("-"):
            told = value if equals else next(iter(argv[place + 1 :]), "")
            try:
                return float(told)
            except ValueError:
                return None
    return None
