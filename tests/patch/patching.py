"""Scripts of the tests: written as text, patched in memory, and read back as changed lines."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

from unstuck.core.edits import Edit
from unstuck.core.recording import Where
from unstuck.core.trial import Patch
from unstuck.patch import write


def code(text: str) -> str:
    """Return a script without the indentation that the test gives it."""
    return textwrap.dedent(text).lstrip("\n")


def where(text: str, marker: str, file: str = "train.py", nth: int = 0) -> Where:
    """Return the nth line that contains the marker."""
    lines = text.replace("\r\n", "\n").split("\n")
    return Where(file, [i for i, line in enumerate(lines, 1) if marker in line][nth])


def patch(text: str | dict[str, str], *edits: Edit, script: str | None = None) -> Patch:
    """Return the patch of a script (or of several files) that exists in memory only."""
    files = {"train.py": text} if isinstance(text, str) else text
    return write(edits, read=lambda path: files[path].encode(), script=script)


def changes(text: str | dict[str, str], *edits: Edit, script: str | None = None) -> str:
    """Return the lines that the patch takes out and puts in, marked as in a diff."""
    lines = patch(text, *edits, script=script).diff.split("\n")
    return "\n".join(
        line for line in lines if line[:1] in {"-", "+"} and line[:4] not in {"--- ", "+++ "}
    )


def as_git_does(folder: Path, before: dict[str, bytes], diff: bytes) -> dict[str, bytes]:
    """Return what `git apply` makes of the files."""
    return _with(folder, before, diff, ["git", "apply", "--whitespace=nowarn"])


def as_patch_does(folder: Path, before: dict[str, bytes], diff: bytes) -> dict[str, bytes]:
    """Return what `patch -p1` makes of the files."""
    return _with(folder, before, diff, ["patch", "-p1", "--binary", "-s", "-i"])


def _with(
    folder: Path, before: dict[str, bytes], diff: bytes, command: list[str]
) -> dict[str, bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in before.items():
        (folder / name).write_bytes(data)
    written = folder / "the.diff"
    written.write_bytes(diff)
    subprocess.run([*command, written.name], cwd=folder, check=True, capture_output=True)
    return {name: (folder / name).read_bytes() for name in before}


At = Callable[[str], Where]
