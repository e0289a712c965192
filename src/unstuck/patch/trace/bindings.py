"""What a name is bound to: assignments that reach it, parameters and their callers, imports, loops."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import Assignment, ImportAssignment

import unstuck.patch.trace.members as members
from unstuck.patch.text.source import Source
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import EMPTY, Env, Spot, Value

_BLOCKS = (cst.IndentedBlock, cst.SimpleStatementSuite, cst.Module)

Binding = Assignment | ImportAssignment


def of_name(files: Files, spot: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what the name stands for."""
    found: list[Value] = []
    for assignment in assignments(spot):
        found += _bound(files, spot.source, assignment, env)
    return list(dict.fromkeys(found))


def assignments(spot: Spot) -> list[Binding]:
    """Return the bindings of this name that can reach it."""
    name = spot.node
    assert isinstance(name, cst.Name)
    every = [
        a
        for a in spot.source.scope(name)[name.value]
        if isinstance(a, Assignment | ImportAssignment) and a.node in spot.source.positions
    ]
    every.sort(key=lambda a: spot.source.span(a.node)[0])
    return _reaching(spot, [a for a in every if not _augmented(spot.source, a.node)])


def _augmented(source: Source, node: cst.CSTNode) -> bool:
    return isinstance(source.parents.get(node), cst.AugAssign)


def _reaching(spot: Spot, every: list[Binding]) -> list[Binding]:
    """Drop bindings that come later, or that are certainly overwritten before the name is read."""
    source, here = spot.source, spot.source.span(spot.node)[0]
    function = source.function(spot.node)
    if len(every) < 2 or any(source.function(a.node) is not function for a in every):
        return every
    before = [a for a in every if _takes_effect(source, a.node) <= here]
    if not before:
        return every
    sure = [i for i, a in enumerate(before) if source.holds(_block(source, a.node), spot.node)]
    return before[sure[-1] :] if sure else before


def _takes_effect(source: Source, node: cst.CSTNode) -> int:
    """Return the offset from which a binding holds: behind the value that is assigned."""
    for around in source.ancestors(node):
        if isinstance(around, cst.Assign | cst.AnnAssign):
            return source.span(around)[1]
        if isinstance(around, cst.BaseSuite | cst.Module | cst.For | cst.CompFor):
            break
    return source.span(node)[0]


def _block(source: Source, node: cst.CSTNode) -> cst.CSTNode | None:
    """Return the block in which a binding is certain to have happened."""
    if isinstance(node, cst.Param):
        return source.function(node)
    loop = next((a for a in source.ancestors(node) if isinstance(a, cst.For | cst.CompFor)), None)
    if loop is not None and source.holds(loop.target, node):
        return loop
    return source.around(node, *_BLOCKS)


def _bound(files: Files, source: Source, binding: Binding, env: Env) -> list[Value]:
    if isinstance(binding, ImportAssignment):
        return _imported(files, source, binding)
    node = binding.node
    if node in env:
        return [env[node]]
    if isinstance(node, cst.Param):
        return of_parameter(files, Spot(source, node), env)
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return [Spot(source, node)]
    return assigned(files, Spot(source, node), env)


def assigned(files: Files, target: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what an assignment, loop or comprehension gives to this target."""
    source, path = target.source, list[int]()
    for around in source.ancestors(target.node):
        match around:
            case cst.Element():
                holder = source.parents[around]
                assert isinstance(holder, cst.Tuple | cst.List)
                path.insert(0, list(holder.elements).index(around))
            case cst.Assign() | cst.AnnAssign() | cst.NamedExpr():
                if around.value is None or source.holds(around.value, target.node):
                    return []
                return members.pick(files, Spot(source, around.value), path, env)
            case cst.For() | cst.CompFor():
                if not source.holds(around.target, target.node):
                    return []
                turns = members.elements(files, Spot(source, around.iter), env) or []
                return [v for turn in turns for v in members.pick(files, turn, path, env)]
            case cst.Tuple() | cst.List() | cst.AssignTarget():
                continue
            case _:
                return []
    return []


def _imported(files: Files, source: Source, binding: ImportAssignment) -> list[Value]:
    node = binding.node
    if isinstance(node, cst.Import):
        for alias in node.names:
            name = alias.evaluated_alias or alias.evaluated_name.partition(".")[0]
            module = files.imported(source, alias.evaluated_name if alias.asname else name)
            if name == binding.name and module is not None:
                return [Spot(module, module.module)]
        return []
    assert isinstance(node, cst.ImportFrom)
    base, level = dotted(node.module), len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        module = files.imported(source, base, level)
        return of_module(files, module, binding.name) if module else []
    for alias in node.names:
        if (alias.evaluated_alias or alias.evaluated_name) == binding.name:
            return _from(files, source, base, level, alias.evaluated_name)
    return []


def _from(files: Files, source: Source, base: str, level: int, name: str) -> list[Value]:
    module = files.imported(source, base, level)
    found = of_module(files, module, name) if module else []
    inner = files.imported(source, f"{base}.{name}".lstrip("."), level) if not found else None
    return [Spot(inner, inner.module)] if inner else found


def of_module(files: Files, module: Source, name: str) -> list[Value]:
    """Return what the name stands for at the end of a module."""
    found: list[Value] = []
    if module.top is None:
        return found
    for assignment in module.top.assignments[name]:
        if isinstance(assignment, ImportAssignment):
            found += _imported(files, module, assignment)
        elif isinstance(assignment, Assignment) and not _augmented(module, assignment.node):
            found += _bound(files, module, assignment, EMPTY)
    return found


def of_parameter(files: Files, param: Spot, env: Env = EMPTY) -> list[Value]:
    """Return what callers in the user's files pass for a parameter, and its default if one does not."""
    node = param.node
    function = param.source.function(node)
    assert isinstance(node, cst.Param)
    if function is None:
        return []
    found: list[Value] = []
    defaulted = True
    for index, call in enumerate(callers(files, param.at(function))):
        given = passed(param.source, function, node.name.value, call)
        defaulted = (defaulted and index > 0) or given is None
        found += [given] if given is not None else []
    if defaulted and node.default is not None:
        found.append(param.at(node.default))
    option = _option(param.source, function, node.name.value)
    return found or ([param.at(option)] if option is not None else [])


def _option(source: Source, function: cst.FunctionDef, name: str) -> cst.BaseExpression | None:
    """Return the default of a click-style ``@option("--name", default=…)``."""
    for decorator in function.decorators:
        call = decorator.decorator
        if isinstance(call, cst.Call) and members.option_name(source, call) == name:
            return next(
                (a.value for a in call.args if a.keyword and a.keyword.value == "default"), None
            )
    return None


def callers(files: Files, function: Spot) -> list[Spot]:
    """Return the calls of a function or, for ``__init__``, of its class, in the user's files."""
    node = function.node
    assert isinstance(node, cst.FunctionDef)
    owner = method_of(function.source, node)
    target = owner if owner is not None and node.name.value == "__init__" else node
    wanted, is_method = function.at(target), target is node and owner is not None
    return [
        Spot(source, call)
        for source in files.known()
        for call in source.all(cst.Call)
        if _calls(files, Spot(source, call.func), wanted, is_method=is_method)
    ]


def _calls(files: Files, callee: Spot, target: Spot, *, is_method: bool) -> bool:
    """Whether a callee is, by its name alone, this function or class; methods go by their name."""
    match callee.node:
        case cst.Name() if not is_method:
            return target in named(files, callee)
        case cst.Attribute(value=cst.Name() as base, attr=cst.Name(value=name)):
            assert isinstance(target.node, cst.FunctionDef | cst.ClassDef)
            if name != target.node.name.value:
                return False
            modules = named(files, callee.at(base))
            return is_method or any(
                isinstance(m.node, cst.Module) and m.source is target.source for m in modules
            )
        case cst.Attribute(attr=cst.Name(value=name)):
            assert isinstance(target.node, cst.FunctionDef | cst.ClassDef)
            return is_method and name == target.node.name.value
    return False


def named(files: Files, name: Spot) -> list[Spot]:
    """Return the functions, classes and modules of the user that a name is defined or imported as."""
    found: list[Value] = []
    for assignment in assignments(name):
        if isinstance(assignment, ImportAssignment):
            found += _imported(files, name.source, assignment)
        elif isinstance(assignment, Assignment) and isinstance(
            assignment.node, cst.FunctionDef | cst.ClassDef
        ):
            found.append(Spot(name.source, assignment.node))
    return [f for f in found if isinstance(f, Spot)]


def method_of(source: Source, function: cst.FunctionDef) -> cst.ClassDef | None:
    """Return the class whose method this function is."""
    around = source.around(function, cst.FunctionDef, cst.ClassDef)
    return around if isinstance(around, cst.ClassDef) else None


def passed(source: Source, function: cst.FunctionDef, name: str, call: Spot) -> Spot | None:
    """Return the argument that a call passes for a parameter, None where it leaves it out."""
    node = call.node
    assert isinstance(node, cst.Call)
    for argument in node.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return call.at(argument.value)
    names = [p.name.value for p in (*function.params.posonly_params, *function.params.params)]
    static = any(dotted(d.decorator) == "staticmethod" for d in function.decorators)
    if method_of(source, function) is not None and not static:
        names = names[1:]
    positional = [a for a in node.args if a.keyword is None]
    position = names.index(name) if name in names else len(positional)
    if position < len(positional) and not any(a.star for a in positional[: position + 1]):
        return call.at(positional[position].value)
    return None
