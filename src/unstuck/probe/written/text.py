"""The user's files as trees: parents of nodes, the statement on a line, the calls of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


class File:
    """One parsed file; raises OSError or SyntaxError where it cannot be read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.tree = ast.parse(Path(path).read_bytes())
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around this one, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function(self, node: ast.AST) -> Function | None:
        """Return the function around a node."""
        return next((one for one in self.ancestors(node) if isinstance(one, Function)), None)

    def statement(self, line: int) -> ast.stmt | None:
        """Return the innermost statement on a line."""
        found = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
        ]
        return min(found, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)

    def called(self, node: Function) -> str:
        """Return the name by which a function is called: that of its class for ``__init__``."""
        around = self.parents[node]
        built = node.name == "__init__" and isinstance(around, ast.ClassDef)
        return around.name if built and isinstance(around, ast.ClassDef) else node.name


def read(paths: Iterable[str]) -> list[File]:
    """Return the files that can be read, each once."""
    found: dict[Path, File] = {}
    for path in paths:
        try:
            place = Path(path).resolve()
            if place not in found:
                found[place] = File(path)
        except (OSError, SyntaxError, ValueError):
            continue
    return list(found.values())


def last_name(node: ast.AST | None) -> str:
    """Return ``c`` of ``a.b.c`` and of ``c``, "" of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls(files: Iterable[File], name: str) -> list[tuple[File, ast.Call]]:
    """Return the calls of what has this name."""
    return [
        (file, node)
        for file in files
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call) and last_name(node.func) == name
    ]
