"""The loops around the training step: how often they turn, and what ends them before that."""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Iterator

from unstuck.core.recording import Where
from unstuck.probe.written.numbers import Numbers
from unstuck.probe.written.text import File, Function, calls, last_name

Loop = ast.For | ast.While
Place = tuple[File, Loop]

LEVELS = 3
"""Functions between the outermost loop and the training step."""

WRAPPERS = frozenset({"tqdm", "track", "enumerate", "list", "iter", "progress_bar"})
"""Calls that iterate over their first argument."""

COUNTERS = frozenset({"range", "trange", "arange"})
"""Calls that count."""

BROKEN = frozenset({"isnan", "isinf", "isfinite"})
"""What asks whether a loss is a number: such a test ends a run that is lost already."""


@dataclasses.dataclass(frozen=True, slots=True)
class Turns:
    """How often the training loop turns as it is written.

    counted: turns of all counted loops together; passes: whether an inner loop goes over the rows;
    ends: the lines of the tests that can end the outermost loop before it has turned so often.
    """

    counted: int
    passes: bool
    ends: tuple[Where, ...]


def turns(numbers: Numbers, step: Where, optimizer: Where | None, loss: float) -> Turns | str:
    """Return the turns of the loops around this step, or why they are not known.

    loss: the last one that was recorded; a loss still above its limit did not end the loop.
    """
    around = list(_around(numbers.files, step))
    building = _builders(numbers.files, optimizer)
    for place, (file, loop) in enumerate(around):
        if _restarts(file, loop, building, optimizer):
            around = around[:place]
            break
    counts = [_count(numbers, file, loop) for file, loop in around]
    while around and counts[-1] is None:
        around, counts = around[:-1], counts[:-1]
    if not around:
        return "no loop around the training step is counted by a number that the source shows"
    inner, passes = counts[:-1], counts[:-1].count(None)
    ends = tuple(_ends(numbers, *around[-1], loss))
    if passes > 1 or (ends and any(_breaks(loop) for _, loop in around[:-1])):
        return "the loops inside the training loop are of unknown length"
    known = [count for count in (*inner, counts[-1]) if count is not None]
    return Turns(math.prod(known), passes == 1, ends)


def _around(files: list[File], step: Where) -> Iterator[Place]:
    """Yield the loops around a line, innermost first, across the calls of the functions that hold it."""
    file = next((one for one in files if one.path == step.file), None)
    node: ast.AST | None = file.statement(step.line) if file else None
    for _ in range(LEVELS + 1):
        if file is None or node is None:
            return
        function = file.function(node)
        here, origin = file, node
        inside = [one for one in here.ancestors(origin) if here.function(one) is function]
        yield from ((here, one) for one in [origin, *inside] if isinstance(one, Loop))
        file, node = _caller(files, here, function)


def _caller(
    files: list[File], file: File, function: Function | None
) -> tuple[File | None, ast.AST | None]:
    """Return the only call of a function, or the only one that stands in a loop."""
    found = [] if function is None else calls(files, file.called(function))
    if len(found) > 1:
        found = [(f, c) for f, c in found if any(isinstance(a, Loop) for a in f.ancestors(c))]
    return found[0] if len(found) == 1 else (None, None)


def _builders(files: list[File], optimizer: Where | None) -> set[str]:
    """Return the names of the functions in which, or below which, the optimizer is built."""
    file = next((one for one in files if optimizer and one.path == optimizer.file), None)
    node: ast.AST | None = file.statement(optimizer.line) if file and optimizer else None
    names: set[str] = set()
    queue = [(file, node)] if file and node else []
    while queue:
        where, at = queue.pop()
        function = where.function(at)
        if function is not None and where.called(function) not in names:
            names.add(where.called(function))
            queue += calls(files, where.called(function))
    return names


def _restarts(file: File, loop: Loop, building: set[str], optimizer: Where | None) -> bool:
    """Whether each turn builds another optimizer: another seed or fold, not another step."""
    last = loop.end_lineno or 0
    if optimizer and optimizer.file == file.path and loop.lineno <= optimizer.line <= last:
        return True
    return any(isinstance(n, ast.Call) and last_name(n.func) in building for n in ast.walk(loop))


def _count(numbers: Numbers, file: File, loop: Loop) -> int | None:
    """Return how often a loop turns, by its range or by the test of a counter; None if unknown."""
    found = _ranged(numbers, file, loop.iter) if isinstance(loop, ast.For) else None
    limits = [
        limit + (isinstance(loop, ast.For) and not strict)
        for test, strict in _limits(loop)
        if (limit := _limit(numbers, file, loop, test)) is not None
    ]
    return min([*limits, *([found] if found is not None else [])], default=None)


def _ranged(numbers: Numbers, file: File, node: ast.expr) -> int | None:
    if isinstance(node, ast.Name):
        bound = [
            one.value
            for one in ast.walk(file.tree)
            if isinstance(one, ast.Assign) and any(last_name(t) == node.id for t in one.targets)
        ]
        return _ranged(numbers, file, bound[0]) if len(bound) == 1 else None
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = last_name(node.func)
    if name in WRAPPERS:
        return _ranged(numbers, file, node.args[0])
    if name not in COUNTERS:
        return None
    values = [numbers.worth(file, arg) for arg in node.args]
    if None in values:
        return None
    whole = [int(value) for value in values if value is not None]
    return len(range(*whole)) if len(whole) <= 3 and whole[2:] != [0] else None


def _limits(loop: Loop) -> Iterator[tuple[ast.expr, bool]]:
    """Yield the tests that may count turns, and whether they are made before the turn."""
    if isinstance(loop, ast.While):
        yield from ((test, True) for test in _needed(loop.test))
    for branch in _branches(loop):
        yield branch.test, False


def _needed(test: ast.expr) -> list[ast.expr]:
    """Return the conditions that must all hold for a loop to go on."""
    both = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
    return test.values if both else [test]  # type: ignore[attr-defined]


def _limit(numbers: Numbers, file: File, loop: Loop, test: ast.expr) -> int | None:
    """Return the number that a counter of the loop is compared with."""
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return None
    sides = [test.left, test.comparators[0]]
    counters = _counted(loop)
    if isinstance(loop, ast.For):
        counters = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    for mine, other in (sides, sides[::-1]):
        if isinstance(mine, ast.Name) and mine.id in counters:
            value = numbers.worth(file, other)
            return None if value is None else math.ceil(value)
    return None


def _steps_up(node: ast.AST) -> bool:
    match node:
        case ast.AugAssign(target=ast.Name(), op=ast.Add(), value=ast.Constant(value=1)):
            return True
    return False


def _counted(loop: Loop) -> set[str]:
    """Return the names that every turn of a loop counts up, and that nothing in it sets back."""
    reset = {
        last_name(target)
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign)
        for target in node.targets
    }
    return {n.target.id for n in loop.body if _steps_up(n)} - reset  # type: ignore[attr-defined]


def _branches(loop: Loop) -> Iterator[ast.If]:
    """Yield the innermost ``if`` around each statement that ends this loop."""
    queue: list[tuple[ast.stmt, ast.If | None, bool]] = [(one, None, True) for one in loop.body]
    while queue:
        node, branch, own = queue.pop(0)
        if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and own):
            if branch is not None:
                yield branch
        elif not isinstance(node, Function | ast.ClassDef):
            inside = branch if not isinstance(node, ast.If) else node
            deeper = own and not isinstance(node, Loop)
            queue += [(one, inside, deeper) for one in _statements(node)]


def _statements(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements of a statement's blocks, those of ``except`` and ``case`` left out."""
    return [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]


def _breaks(loop: Loop) -> bool:
    return any(True for _ in _branches(loop))


def _ends(numbers: Numbers, file: File, loop: Loop, loss: float) -> Iterator[Where]:
    """Yield the lines of the tests that may end a loop before its count does."""
    parts = _needed(loop.test) if isinstance(loop, ast.While) else []
    if len(parts) > 1 and any(_limit(numbers, file, loop, part) is None for part in parts):
        yield Where(file.path, loop.lineno)
    for branch in dict.fromkeys(_branches(loop)):
        counts = _limit(numbers, file, loop, branch.test) is not None
        if not counts and not _lost(branch.test) and not _above(numbers, file, branch.test, loss):
            yield Where(file.path, branch.lineno)


def _lost(test: ast.expr) -> bool:
    """Whether a test asks for a loss that is no number."""
    return any(last_name(node) in BROKEN for node in ast.walk(test))


def _above(numbers: Numbers, file: File, test: ast.expr, loss: float) -> bool:
    """Whether a test asks for a loss below a limit that it was still well above in the end."""
    match test:
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[right]):
            limit = numbers.worth(file, right)
            read = left.func.value if _item(left) else left  # type: ignore[attr-defined]
            return last_name(read) == "loss" and limit is not None and loss > 2 * limit
    return False


def _item(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args
