"""Keeps our own failures away from the script: each becomes one line for the report.

Belongs here: writing and reading `trouble.log`. Nothing is ever printed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "trouble.log"
_LONGEST = 2000  # characters of one line: an error may quote a whole tensor

_folder: Path | None = None


def keep_in(folder: Path) -> None:
    """Say once per process where trouble is written down."""
    global _folder
    _folder = folder


def raising() -> bool:
    """Whether our failures should be loud (`UNSTUCK_RAISE=1`, for tests)."""
    return os.environ.get("UNSTUCK_RAISE") == "1"


def line(what: str, error: BaseException | None = None) -> str:
    """One line that says what failed and why."""
    try:
        why = "" if error is None else f": {type(error).__name__}: {error}"
    except Exception:  # an error whose own text fails
        why = f": {type(error).__name__}"
    return " ".join(f"unstuck: {what}{why}".split())[:_LONGEST]


def note(what: str, error: BaseException | None = None, *, folder: Path | None = None) -> None:
    """Write one line down; silent when there is nowhere to write."""
    folder = folder or _folder
    if folder is None:
        return
    try:
        with open(folder / FILE, "a", encoding="utf-8", errors="replace") as log:
            log.write(line(what, error) + "\n")
    except OSError:
        return


@contextmanager
def guard(what: str) -> Iterator[None]:
    """Turn an exception of ours into one line; Ctrl-C and `StopTraining` pass through."""
    try:
        yield
    except Exception as error:
        if raising():
            raise
        note(f"{what} failed", error)


def read(folder: Path) -> tuple[str, ...]:
    """The lines written during a run."""
    try:
        return tuple((folder / FILE).read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return ()
