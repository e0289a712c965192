"""Which line of the user's own source led here."""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from types import CodeType, FrameType

from unstuck.core.recording import Where

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def _folders(*paths: str) -> tuple[str, ...]:
    return tuple({os.path.join(os.path.realpath(path), "") for path in paths})


_foreign_folders = _folders(
    _PACKAGE,
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)
_SCRIPTS = os.path.join(_PACKAGE, "casebook", "scripts")
"""The casebook's scripts are users' code although they lie in our package."""

_is_foreign: dict[str, bool] = {}


def is_foreign(file: str) -> None:
    """Take the code around this file for a library's, wherever it is installed."""
    global _foreign_folders
    _foreign_folders = tuple({*_foreign_folders, *_folders(os.path.dirname(file))})
    _is_foreign.clear()


_ends: set[CodeType] = set()


def end_at(code: CodeType) -> None:
    """Look no further than frames of this code: what called it is no part of the training."""
    _ends.add(code)


def user_frame(start: FrameType | None = None) -> FrameType | None:
    """Return the innermost frame that runs the user's code, None where there is none."""
    frame = start or sys._getframe(1)
    while frame is not None:
        if frame.f_code in _ends:
            return None
        name = frame.f_code.co_filename
        foreign = _is_foreign.get(name)
        if foreign is None:
            foreign = _is_foreign[name] = _foreign(name)
        if not foreign:
            return frame
        frame = frame.f_back  # type: ignore[assignment]
    return None


def user_line(start: FrameType | None = None) -> Where | None:
    """Return the innermost line of the user's code on the stack, None where there is none."""
    frame = user_frame(start or sys._getframe(1))
    return None if frame is None else Where(frame.f_code.co_filename, frame.f_lineno)


def asked_line() -> Where | None:
    """Return the user's line that calls ``next``; None where a loop asks for the next one."""
    frame = user_frame(sys._getframe(1))
    if frame is None or dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("FOR_ITER"):
        return None
    return Where(frame.f_code.co_filename, frame.f_lineno)


def _foreign(name: str) -> bool:
    if name.startswith("<") and name != "<string>" and not name.startswith("<ipython-input"):
        return True
    path = os.path.realpath(name)
    return (
        path.startswith(_foreign_folders) and not path.startswith(_SCRIPTS) and name != "<string>"
    )
