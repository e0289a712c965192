"""Gradients let through: ``detach()`` and its like taken out, a ``no_grad`` block dissolved."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import LetGradients
from unstuck.core.recording import Where
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.unpatchable import Unpatchable

WITHOUT = frozenset({"no_grad", "inference_mode"})
"""Contexts, or decorators, in which nothing takes a gradient."""

STEPS = frozenset({"round", "sign", "floor", "ceil", "trunc"})
"""Methods, or functions of torch, whose result stands still while what they are given moves."""

STILL = STEPS | {"threshold"}
"""The same, and a comparison."""

AWAY = frozenset({"detach", "cpu", "numpy", "tolist", "item", "requires_grad_"}) | STEPS
"""Methods of a chain that leads out of the graph."""

BACK = frozenset(
    {"tensor", "as_tensor", "asarray", "from_numpy", "Tensor", "FloatTensor", "Variable"}
)
"""Functions that make a tensor of what came out of it."""

ASKS = "requires_grad"
"""What a value is told that has lost its way back to the weights, so that torch does not complain."""


def let_gradients(files: Files, edits: Sequence[LetGradients]) -> list[Splice]:
    """Write every edit of this kind."""
    lines = dict.fromkeys(where for edit in edits for where in edit.lines)
    return [splice for where in lines for splice in _let(files, where)]


def _let(files: Files, where: Where) -> list[Splice]:
    source = files.source(where.file)
    found = _block(source, where.line) or _chain(source, where) or _decorator(files, source, where)
    if not found:
        raise Unpatchable(f"what keeps the gradient back is not visible at {where}")
    return [*found, *_asked(source, where.line, found)]


def _asked(source: Source, line: int, found: list[Splice]) -> list[Splice]:
    """Take out the lines below that tell a value to take gradients: torch refuses it within the graph."""
    statement = statements.at_line(source, line)
    if statement is None:
        return []
    begin = max(splice.end for splice in found)
    later = [one for one in statements.block(source, statement) if source.span(one)[0] >= begin]
    return [splice for one in later if _asks(one) for splice in statements.removed(source, one)]


def _asks(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.Assign(
            targets=[
                cst.AssignTarget(target=cst.Attribute(value=cst.Name(), attr=cst.Name(value=name)))
            ]
        ):
            return name == ASKS
        case cst.Expr(
            value=cst.Call(func=cst.Attribute(value=cst.Name(), attr=cst.Name(value=name)))
        ):
            return name == f"{ASKS}_"
    return False


def _switches(source: Source, node: cst.BaseExpression) -> bool:
    """Whether an expression switches gradients off: ``torch.no_grad()``."""
    if isinstance(node, cst.Call):
        name = dotted(node.func).rpartition(".")[2]
        off = len(node.args) == 1 and source.code(node.args[0].value) == "False"
        return (name in WITHOUT and not node.args) or (name == "set_grad_enabled" and off)
    return dotted(node).rpartition(".")[2] in WITHOUT


def _block(source: Source, line: int) -> list[Splice]:
    """Dissolve the ``with`` that begins on this line, or take its item out of several."""
    for block in source.all(cst.With):
        first = source.lines(block)[0]
        body = statements.flat(block.body)
        if not first <= line <= max(first, source.lines(body[0])[0] - 1):
            continue
        items = [one for one in block.items if _switches(source, one.item)]
        if items and len(block.items) == 1:
            return _dissolved(source, block, body)
        if items:
            return [_without(source, block, items[0])]
    return []


def _without(source: Source, block: cst.With, item: cst.WithItem) -> Splice:
    index = list(block.items).index(item)
    start, end = source.span(item.item)
    if index:
        before = block.items[index - 1]
        start = source.span(before.asname or before.item)[1]
    else:
        end = source.span(block.items[1].item)[0]
    return Splice(source.path, start, end, "")


def _dissolved(source: Source, block: cst.With, body: list[cst.CSTNode]) -> list[Splice]:
    begin = source.span(block)[0]
    if source.lines(body[0])[0] == source.lines(block)[0]:  # with ...: h = net(x)
        return [Splice(source.path, begin, source.span(body[0])[0], "")]
    outer = statements.indent(source, block)
    inner = statements.indent(source, body[0])
    last = statements.last_line(source, block)
    start = source.starts[source.lines(block)[0] - 1]
    inside = _inside_strings(source, block)
    text = ""
    for number in range(_header_end(source, block) + 1, last + 1):
        line = source.text[source.starts[number - 1] : source.line_end(number)]
        indented = number not in inside and line.startswith(inner)
        text += outer + line[len(inner) :] if indented else line
    return [Splice(source.path, start, source.line_end(last), text)]


def _header_end(source: Source, block: cst.With) -> int:
    """Return the line with the colon of a ``with``."""
    end = source.span(block.items[-1].asname or block.items[-1].item)[1]
    return source.line_of(source.text.index(":", end))


def _inside_strings(source: Source, block: cst.With) -> set[int]:
    """Return the lines that begin within a string."""
    found: set[int] = set()
    for text in source.within(block, cst.BaseString):
        first, last = source.lines(text)
        found.update(range(first + 1, last + 1))
    return found


def _chain(source: Source, where: Where) -> list[Splice]:
    """Put a value in the place of the chain on this line that takes its gradient away."""
    statement = statements.at_line(source, where.line)
    if statement is None or isinstance(statement, cst.BaseCompoundStatement):
        return []
    match statement:
        case cst.Expr(value=cst.Call(func=cst.Attribute(attr=cst.Name(value="detach_")))):
            return statements.removed(source, statement)
    found: dict[tuple[int, int], Splice] = {}
    cut: set[tuple[int, int]] = set()
    for node in source.within(statement, cst.BaseExpression):
        span = source.span(node)
        if any(start <= span[0] and span[1] <= end for start, end in found):
            continue
        core, steps = _peeled(node)
        if steps <= {"cpu"} or (steps <= BACK and not isinstance(core, cst.Name | cst.Call)):
            continue  # torch.tensor(0.5) was never in the graph
        if steps & {"numpy", "tolist", "item"} and not steps & BACK:
            raise Unpatchable(f"the way out of torch and back is not one expression at {where}")
        found[span] = Splice(source.path, *span, source.code(core))
        if not steps <= STILL:
            cut.add(span)
    if cut:  # beside it, what merely stands still may be of data
        found = {span: found[span] for span in cut}
    if len(found) > 1:
        raise Unpatchable(f"more than one value loses its gradient at {where}")
    return _needless(source, statement, list(found.values()))


def _peeled(node: cst.BaseExpression) -> tuple[cst.BaseExpression, set[str]]:
    """Return what is left of a chain without the steps that lead out of the graph, and these steps."""
    steps: set[str] = set()
    while True:
        match node:
            case cst.Call(
                func=cst.Attribute(value=inner, attr=cst.Name(value=name)), args=args
            ) if not args or name == f"{ASKS}_":
                if name not in AWAY:
                    return node, steps
            case cst.Attribute(value=inner, attr=cst.Name(value="data" as name)):
                pass
            case cst.Comparison(left=inner, comparisons=[_], lpar=[_, *_]):
                name = "threshold"
            case cst.Call(func=func, args=[cst.Arg(value=inner, keyword=None), *more]):
                name = dotted(func).rpartition(".")[2]
                words = {one.keyword.value if one.keyword else "" for one in more}
                rounds = name in STEPS and name != dotted(func) and not more
                if not rounds and not (name in BACK and words <= {ASKS}):
                    return node, steps
            case _:
                return node, steps
        steps.add(name)
        node = inner


def _needless(source: Source, statement: cst.CSTNode, found: list[Splice]) -> list[Splice]:
    """Take the statement out where it is left to do nothing: ``h = h``."""
    if not found or not isinstance(statement, cst.Assign) or len(statement.targets) > 1:
        return found
    whole = source.span(statement.value) == (found[0].start, found[0].end)
    same = source.code(statement.targets[0].target) == found[0].text
    if whole and same and not statements.only_one(source, statement):
        return statements.removed(source, statement)
    return found


def _decorator(files: Files, source: Source, where: Where) -> list[Splice]:
    """Take the decorator off the function that is called on this line."""
    called = {name for call in calls.on_line(source, where.line) for name in calls.names(call)}
    found = [
        (other, one)
        for other in files.known()
        for function in other.all(cst.FunctionDef)
        for one in function.decorators
        if _switches(other, one.decorator) and function.name.value in {*called, "forward"}
    ]
    if len(found) != 1:
        return []
    other, one = found[0]
    first, last = other.lines(one.decorator)
    return [Splice(other.path, other.starts[first - 1], other.line_end(last), "")]
