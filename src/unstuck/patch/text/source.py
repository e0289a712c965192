"""A file of the user's source: its exact text, its syntax tree, and where each node stands in the text.

Edits find their place in the tree and are written as splices of the text, so whatever no edit touches
stays as it was, byte for byte.
"""

from __future__ import annotations

import bisect
import dataclasses
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from unstuck.patch.unpatchable import Unpatchable

Node = TypeVar("Node", bound=cst.CSTNode)

_LINE_END = re.compile(r"\r\n?|\n")
_BOM = "\ufeff"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One parsed file.

    text: without a byte-order mark; starts: offset of each line's first character; nodes: in the order
    of the text; extents: node -> the range of `nodes` that holds it and all that is inside.
    """

    path: str
    text: str
    encoding: str
    bom: bool
    module: cst.Module
    positions: Mapping[cst.CSTNode, CodeRange]
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    scopes: Mapping[cst.CSTNode, Scope | None]
    starts: tuple[int, ...]
    nodes: tuple[cst.CSTNode, ...]
    extents: Mapping[cst.CSTNode, tuple[int, int]]
    _kinds: dict[type[cst.CSTNode], tuple[cst.CSTNode, ...]]

    def __repr__(self) -> str:
        """Return the path; a tree would fill pages."""
        return f"Source({self.path!r})"

    @property
    def newline(self) -> str:
        """The line end that the file uses first."""
        found = _LINE_END.search(self.text)
        return found.group() if found else "\n"

    @property
    def top(self) -> Scope:
        """The module's scope."""
        return next(
            (s.globals for s in self.scopes.values() if s is not None),
            cast(Scope, None),
        )

    def all(self, kind: Callable[..., Node]) -> Iterator[Node]:
        """Yield every node of this class, in the order of the text."""
        cls = cast("type[Node]", kind)
        if cls not in self._kinds:
            self._kinds[cls] = tuple(node for node in self.nodes if isinstance(node, cls))
        return iter(cast("tuple[Node, ...]", self._kinds[cls]))

    def within(self, root: cst.CSTNode, kind: Callable[..., Node]) -> list[Node]:
        """Return the nodes of this class inside `root` (itself included), in the order of the text."""
        cls = cast("type[Node]", kind)
        return [n for n in self.nodes[slice(*self.extents[root])] if isinstance(n, cls)]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return start and end of the node in the text, its own parentheses included."""
        first, last = self.positions[node], self.positions[node]
        if isinstance(node, cst.BaseExpression) and node.lpar:
            first, last = self.positions[node.lpar[0]], self.positions[node.rpar[-1]]
        return (
            self.starts[first.start.line - 1] + first.start.column,
            self.starts[last.end.line - 1] + last.end.column,
        )

    def code(self, node: cst.CSTNode) -> str:
        """Return the node's text."""
        start, end = self.span(node)
        return self.text[start:end]

    def lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return the node's first and last line, counted from 1."""
        position = self.positions[node]
        return position.start.line, position.end.line

    def line_of(self, offset: int) -> int:
        """Return the number of the line that holds this offset."""
        return bisect.bisect_right(self.starts, offset)

    def line_end(self, line: int) -> int:
        """Return the offset just behind the line's own line end."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around this one, innermost first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def around(self, node: cst.CSTNode, *kinds: Callable[..., cst.CSTNode]) -> cst.CSTNode | None:
        """Return the innermost node of these classes around this one."""
        classes = cast("tuple[type[cst.CSTNode], ...]", kinds)
        return next((a for a in self.ancestors(node) if isinstance(a, classes)), None)

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the function that holds this node, None at module or class level."""
        return cast("cst.FunctionDef | None", self.around(node, cst.FunctionDef))

    def holds(self, outer: cst.CSTNode | None, node: cst.CSTNode) -> bool:
        """Whether `node` is `outer` or lies inside it; the module (None) holds everything."""
        if outer is None:
            return True
        first, end = self.extents[outer]
        return first <= self.extents[node][0] < end

    def scope(self, node: cst.CSTNode) -> Scope:
        """Return the scope that names at this node are looked up in."""
        for candidate in (node, *self.ancestors(node)):
            found = self.scopes.get(candidate)
            if found is not None:
                return found
        return self.top


def read(path: str, data: bytes) -> Source:
    """Parse a file's bytes, by its byte-order mark and coding cookie (PEP 263)."""
    text, encoding, bom = decode(path, data)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unpatchable(f"{path} is not valid Python: {error.message}") from None
    if module.code != text:
        raise Unpatchable(f"{path} does not survive being parsed and written again")
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    found = wrapper.resolve_many([PositionProvider, ParentNodeProvider, ScopeProvider])
    nodes, extents = _walk(module)
    starts = (0, *(match.end() for match in _LINE_END.finditer(text)))
    return Source(
        path,
        text,
        encoding,
        bom,
        module,
        cast("Mapping[cst.CSTNode, CodeRange]", found[PositionProvider]),
        cast("Mapping[cst.CSTNode, cst.CSTNode]", found[ParentNodeProvider]),
        cast("Mapping[cst.CSTNode, Scope | None]", found[ScopeProvider]),
        starts,
        tuple(nodes),
        extents,
        {},
    )


def decode(path: str, data: bytes) -> tuple[str, str, bool]:
    """Return the text without its byte-order mark, the encoding, and whether there was such a mark."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        bom = encoding == "utf-8-sig"
        encoding = "utf-8" if bom else encoding
        return data.decode(encoding).removeprefix(_BOM if bom else ""), encoding, bom
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Unpatchable(f"{path} cannot be read: {error}") from None


def whole(source: Source, text: str) -> str:
    """Return a file's text with the byte-order mark that the file has."""
    return _BOM + text if source.bom else text


def encoding_of(text: str) -> str:
    """Return the encoding that a file with this text has, by its mark or cookie."""
    head = "\n".join(text.split("\n")[:2]).encode("utf-8", "replace")
    found, _ = tokenize.detect_encoding(io.BytesIO(head).readline)
    return "utf-8" if found == "utf-8-sig" else found


def _walk(root: cst.CSTNode) -> tuple[list[cst.CSTNode], dict[cst.CSTNode, tuple[int, int]]]:
    """Return all nodes in the order of the text, and the range of positions that each one covers."""
    nodes: list[cst.CSTNode] = []
    extents: dict[cst.CSTNode, tuple[int, int]] = {}
    stack: list[tuple[cst.CSTNode, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            extents[node] = extents[node][0], len(nodes)
            continue
        extents[node] = len(nodes), 0
        nodes.append(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node.children))
    return nodes, extents
