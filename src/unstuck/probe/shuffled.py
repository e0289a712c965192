"""Whether the source brings several arrays into another order each, so that their rows come apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from unstuck.core.recording import Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.probe.written.text import File, last_name, read

ORDERED = frozenset({"permutation", "randperm"})
ALONE = frozenset({"shuffle", "train_test_split"})
SEEDS = frozenset({"random_state", "generator", "seed"})

PARTS = re.compile(r"(?i)(train|test|val(id(ation)?)?|dev)")
"""What tells parts of one set apart in a name: each may be brought into an order of its own."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``shuffled_apart``: how many arrays, and a site for each of the first two lines."""
    files = read([*(where.file for where in recording.lines.values()), recording.script])
    places = [f"{file.path}:{line}" for file in files for line in apart(file).values()]
    row = {"arrays": float(len(places)), **dict.fromkeys(places[:2], 1.0)}
    return {"shuffled_apart": table("shuffled_apart", (0,), [row])}


def apart(file: File) -> dict[str, int]:
    """Return array -> line, where one function orders several arrays at random, each by itself."""
    places: dict[object, dict[str, int]] = {}
    for node in sorted(_calls(file), key=lambda one: one.lineno):
        name = _ordered(file, node)
        if name and not _seeded(file, node):
            places.setdefault(file.function(node), {}).setdefault(PARTS.sub("", name), node.lineno)
    return next((found for found in places.values() if len(found) > 1), {})


def _calls(file: File) -> Iterator[ast.Call]:
    return (node for node in ast.walk(file.tree) if isinstance(node, ast.Call))


def _ordered(file: File, node: ast.Call) -> str:
    """Return the one array that a call brings into another order, "" where there is none, or several."""
    name, arrays = last_name(node.func), [arg for arg in node.args if not _number(arg)]
    if name in ALONE and len(arrays) == 1 and not _kept(node):
        return ast.unparse(arrays[0])
    around = file.parents.get(node)
    if name == "permutation" and len(arrays) == 1 and _renewed(around, arrays[0]):
        return ast.unparse(arrays[0])
    if name in ORDERED and isinstance(around, ast.Subscript) and around.slice is node:
        return ast.unparse(around.value)
    return ""


def _renewed(around: ast.AST | None, array: ast.expr) -> bool:
    """Whether a name is given another order of what it holds: ``X = rng.permutation(X)``."""
    if not isinstance(around, ast.Assign) or len(around.targets) != 1:
        return False
    return ast.unparse(around.targets[0]) == ast.unparse(array)


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _kept(node: ast.Call) -> bool:
    """Whether a split is told to keep the order."""
    told = {one.arg: one.value for one in node.keywords}
    value = told.get("shuffle")
    return isinstance(value, ast.Constant) and value.value is False


def _seeded(file: File, node: ast.Call) -> bool:
    """Whether a call is given its own seed, or the statement before it sets one: the order may be the same."""
    if any(one.arg in SEEDS for one in node.keywords):
        return True
    statement = file.statement(node.lineno)
    around = file.parents.get(statement) if statement is not None else None
    block: list[ast.stmt] = getattr(around, "body", [])
    place = block.index(statement) if statement in block else 0
    before = block[place - 1] if place else None
    return before is not None and any(
        "seed" in last_name(one.func) for one in ast.walk(before) if isinstance(one, ast.Call)
    )
