"""A node together with the file that it stands in, and what names may stand for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import libcst as cst

from unstuck.patch.text.source import Source


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """A place in the user's source; two spots are equal where their nodes are the same."""

    source: Source
    node: cst.CSTNode

    def __repr__(self) -> str:
        """Return the text and its line; a tree would fill pages."""
        return f"Spot({self.code!r} in line {self.source.lines(self.node)[0]})"

    def at(self, node: cst.CSTNode) -> Spot:
        """Return another node of the same file."""
        return Spot(self.source, node)

    @property
    def code(self) -> str:
        """The text of the node."""
        return self.source.code(self.node)


@dataclasses.dataclass(frozen=True, slots=True)
class Const:
    """A value that no literal stands for: an index counted by ``range`` or ``enumerate``."""

    value: object


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Several values side by side: what ``zip`` yields."""

    parts: tuple[Value, ...]


Value = Spot | Const | Group

Env = Mapping[cst.CSTNode, Value]
"""What parameters and loop variables stand for in one call or turn: binding node -> value."""

EMPTY: Env = {}
