"""The user's files: read once, found by path or by import; libraries are not among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar, cast

import libcst as cst

from unstuck.patch.text import source as sources
from unstuck.patch.text.source import Source
from unstuck.patch.unpatchable import Unpatchable

Key = TypeVar("Key")
Found = TypeVar("Found")

MOST = 2000
"""Hops of one search, all branches counted: far more than any value of a script takes."""

PARENTS = 3
"""Folders above a file that an import is looked up in: scripts lie beside their packages or in them."""


class Files:
    """Sources by path; only this class reads, and each file once.

    ``imported`` finds modules in the folder of the importing file and a few above, never elsewhere.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes] | None = None) -> None:
        self._read = read or (lambda path: Path(path).read_bytes())
        self._sources: dict[str, Source | None] = {}
        self._modules: dict[tuple[str, str], Source | None] = {}
        self._known: list[Source] | None = None
        self._memory: dict[object, object] = {}
        self._open: set[object] = set()
        self._cuts = self._steps = 0
        for path in paths:
            self.source(path)

    def source(self, path: str) -> Source:
        """Return the file's source; raise `Unpatchable` if it cannot be read or parsed."""
        found = self._sources.get(path)
        if found is None:
            try:
                data = self._read(path)
            except (OSError, KeyError) as error:
                raise Unpatchable(f"{path} cannot be read: {error}") from None
            found = self._sources[path] = sources.read(path, data)
            self._forget()
        return found

    def bytes(self, path: str) -> bytes:
        """Return a file's bytes as they are."""
        return self._read(path)

    def remembered(
        self, spot: Key, find: Callable[[], list[Found]], *, keep: bool = True
    ) -> list[Found]:
        """Return what is found for this spot: from memory, by `find`, or nothing where it is circular.

        keep: whether it may be remembered. What a circle has cut off is not; neither is anything that
        is found after more than `MOST` steps, where the search ends.
        """
        if keep and spot in self._memory:
            return cast("list[Found]", self._memory[spot])
        if spot in self._open or self._steps > MOST:
            self._cuts += 1
            return []
        cuts, outermost = self._cuts, not self._open
        self._steps = 1 if outermost else self._steps + 1
        self._open.add(spot)
        try:
            found = find()
        finally:
            self._open.discard(spot)
        if keep and (outermost or cuts == self._cuts):
            self._memory[spot] = found
        return found

    def _forget(self) -> None:
        """A new file may hold what was looked for before."""
        self._known = None
        self._memory.clear()

    def known(self) -> list[Source]:
        """Return the files that were asked for and all the user's files that they import."""
        if self._known is None:
            queue = [found for found in self._sources.values() if found is not None]
            reached: dict[str, Source] = {}
            while queue:
                file = queue.pop()
                if file.path not in reached:
                    reached[file.path] = file
                    queue.extend(self._imports(file))
            self._known = sorted(reached.values(), key=lambda file: file.path)
        return self._known

    def imported(self, origin: Source, module: str, level: int = 0) -> Source | None:
        """Return the user's file that `module` names in `origin`, None if it is not the user's."""
        key = (origin.path, "." * level + module)
        if key not in self._modules:
            self._modules[key] = self._find(origin, module, level)
        return self._modules[key]

    def _find(self, origin: Source, module: str, level: int) -> Source | None:
        parts = module.split(".") if module else []
        folder = os.path.dirname(origin.path)
        for _ in range(1 if level else PARENTS):
            base = os.path.join(folder, *[".."] * max(level - 1, 0), *parts)
            for path in (f"{base}.py", os.path.join(base, "__init__.py")):
                found = self._try(os.path.normpath(path))
                if found is not None:
                    return found
            folder = os.path.dirname(folder)
        return None

    def _try(self, path: str) -> Source | None:
        if path not in self._sources:
            try:
                self._sources[path] = sources.read(path, self._read(path))
                self._forget()
            except (OSError, KeyError, Unpatchable):
                self._sources[path] = None
        return self._sources[path]

    def _imports(self, file: Source) -> Iterator[Source]:
        for node in file.nodes:
            for module, level in modules_of(node):
                found = self.imported(file, module, level)
                if found is not None:
                    yield found


def modules_of(node: cst.CSTNode) -> list[tuple[str, int]]:
    """Return the modules that an import statement names, each with its number of leading dots."""
    if isinstance(node, cst.Import):
        return [(dotted(alias.name), 0) for alias in node.names]
    if isinstance(node, cst.ImportFrom):
        base, level = dotted(node.module) if node.module else "", len(node.relative)
        names = [] if isinstance(node.names, cst.ImportStar) else node.names
        inner = [(f"{base}.{dotted(n.name)}".lstrip("."), level) for n in names]
        return [(base, level), *inner] if base or level else inner
    return []


def dotted(node: cst.CSTNode | None) -> str:
    """Return ``a.b.c`` for a chain of attributes on a name, "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""
