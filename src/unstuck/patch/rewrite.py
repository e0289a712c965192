"""From edits to changed files and their diff: every edit finds its splices, then all go in at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from unstuck.core.edits import Edit, Resize
from unstuck.core.trial import Patch
from unstuck.patch import check, diff, kinds
from unstuck.patch.edits import resize
from unstuck.patch.keras.spoken import speaks
from unstuck.patch.text.source import whole
from unstuck.patch.text.splice import Splice, spliced
from unstuck.patch.trace import demand
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

OWN_FAULT = "the source is written in a way that confuses the patch writer"
"""What is said where the writer itself fails: that costs the patch, never the diagnosis."""

Read = Callable[[str], bytes]


def write(
    edits: Sequence[Edit],
    *,
    read: Read | None = None,
    root: Path | None = None,
    script: str | None = None,
) -> Patch:
    """Return the files with these edits made; raise `Unpatchable` if one cannot be made.

    read: gives a file's bytes by path (from the disk by default); root: the folder that paths in the
    diff are relative to (the current one by default); script: the file that was run, which may hold
    values that the edited files get by import or call. Paths in `Patch.files` are those of the edits.
    """
    try:
        return _written(edits, read, root or Path.cwd(), [script] if script else [])
    except (AssertionError, AttributeError, LookupError, RecursionError, TypeError) as error:
        raise Unpatchable(f"{OWN_FAULT}: {error!r}") from error


def _written(edits: Sequence[Edit], read: Read | None, root: Path, more: list[str]) -> Patch:
    files = Files([*kinds.paths(edits), *more], read)
    parts = kinds.parts(files, edits)
    demands = [part for part in parts if isinstance(part, Demand)]
    splices = [part for part in parts if isinstance(part, Splice)] + demand.met(files, demands)
    texts = _texts(files, splices)
    after = Files(texts, _overlay(files, texts))
    check.met(demands, splices, after)
    if not speaks(files):  # a layer of Keras does not say how many inputs it has
        resize.check(files, [e for e in edits if isinstance(e, Resize)], after, splices)
    base = root.resolve()
    old = {path: whole(files.source(path), files.source(path).text) for path in texts}
    new = {path: whole(files.source(path), text) for path, text in texts.items()}
    diffs = (diff.unified(name(path, base), old[path], new[path]) for path in new)
    return Patch(new, "".join(diffs))


def _texts(files: Files, splices: Iterable[Splice]) -> dict[str, str]:
    """Return the new text of each file that changes."""
    by_path: dict[str, list[Splice]] = {}
    for splice in splices:
        by_path.setdefault(splice.path, []).append(splice)
    texts = {path: spliced(files.source(path).text, parts) for path, parts in by_path.items()}
    return {p: text for p, text in sorted(texts.items()) if text != files.source(p).text}


def _overlay(files: Files, texts: Mapping[str, str]) -> Read:
    """Return a reader of the files as they will be."""

    def read(path: str) -> bytes:
        if path not in texts:
            return files.bytes(path)
        source = files.source(path)
        try:
            return whole(source, texts[path]).encode(source.encoding)
        except UnicodeEncodeError:
            raise Unpatchable(f"{path} cannot hold the new text as {source.encoding}") from None

    return read


def name(path: str, base: Path) -> str:
    """Return the path for the diff's header: relative to `base`, or from the root where outside it."""
    full = (base / path).resolve()
    if full.is_relative_to(base):
        return full.relative_to(base).as_posix()
    return full.relative_to(full.anchor).as_posix()
