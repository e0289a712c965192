"""Writing a patch to disk: all of a file or none of it, and only onto the text that it was made for."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from unstuck.core.trial import Patch
from unstuck.patch.text.source import decode, encoding_of
from unstuck.patch.unpatchable import Unpatchable

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$")

_HEAD = re.compile(r"^--- a/.*\n\+\+\+ b/.*\n@@ ", re.MULTILINE)

Hunk = tuple[int, list[str]]
"""Index of the first old line, and the marked lines with their line ends."""


def apply(patch: Patch, *, expected: Mapping[str, str | None]) -> None:
    """Write the patched files; raise `Unpatchable`, before any is touched, if one of them has changed.

    expected: path -> SHA-256 (hex) of the file as it was run, None where that is not known. Whether
    a file still holds the text that the diff was made for is checked in any case.
    """
    prepared = {path: _prepared(patch, path, expected.get(path)) for path in patch.files}
    for path, data in prepared.items():
        _replace(Path(path), data)


def _prepared(patch: Patch, path: str, digest: str | None) -> bytes:
    """Return the new bytes of a file, in the encoding that it has on disk."""
    try:
        present = Path(path).read_bytes()
    except OSError as error:
        raise Unpatchable(f"{path} cannot be read: {error.strerror}") from None
    if digest is not None and hashlib.sha256(present).hexdigest() != digest:
        raise Unpatchable(f"{path} has changed since the run; run it again")
    _, encoding, _ = decode(path, present)
    new = patch.files[path]
    if not _made_for(present.decode(encoding), new, patch.diff):
        raise Unpatchable(f"{path} has changed since the patch was made; run it again")
    try:
        return new.encode(encoding)
    except UnicodeEncodeError:
        raise Unpatchable(f"{path} cannot hold the new text as {encoding}") from None


def _made_for(old: str, new: str, diff: str) -> bool:
    """Whether some file's part of the diff turns the present text into the new one."""
    lines = [line + "\n" for line in old.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return any(_patched(lines, hunks) == new for hunks in _parts(diff))


def _parts(diff: str) -> Iterator[list[Hunk]]:
    """Yield the hunks of each file in the diff."""
    hunks: list[Hunk] = []
    missing = 0
    for line in diff.split("\n"):
        head = _HUNK.match(line)
        if missing <= 0 and line.startswith("--- "):
            if hunks:
                yield hunks
            hunks = []
        elif missing <= 0 and head:
            length = int(head[2] or 1)
            hunks.append((int(head[1]) - (1 if length else 0), []))
            missing = length + int(head[4] or 1)
        elif hunks and line.startswith("\\"):
            hunks[-1][1][-1] = hunks[-1][1][-1].removesuffix("\n")
        elif hunks and missing > 0:
            hunks[-1][1].append(line + "\n")
            missing -= 2 if line.startswith(" ") else 1
    if hunks:
        yield hunks


def _patched(old: list[str], hunks: list[Hunk]) -> str | None:
    """Apply hunks strictly; None where a line is not the one that they expect."""
    new: list[str] = []
    reached = 0
    for start, lines in hunks:
        new += old[reached:start]
        reached = start
        for line in lines:
            mark, text = line[0], line[1:]
            if mark != "+":
                if old[reached : reached + 1] != [text]:
                    return None
                reached += 1
            if mark != "-":
                new.append(text)
    return "".join(new + old[reached:])


def encoded(patch: Patch) -> bytes:
    """Return the diff as bytes for `git apply` and `patch`: each file's part in that file's encoding."""
    encodings = [encoding_of(text) for text in patch.files.values()]
    if set(encodings) <= {"utf-8"}:
        return patch.diff.encode("utf-8")
    heads = [match.start() for match in _HEAD.finditer(patch.diff)]
    parts = [patch.diff[a:b] for a, b in itertools.pairwise([*heads, len(patch.diff)])]
    return b"".join(p.encode(e) for p, e in zip(parts, encodings, strict=True))


def _replace(path: Path, data: bytes) -> None:
    """Put a file in the place of another in one move; mode bits stay, links are followed."""
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
