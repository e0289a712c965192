"""Which line of the user's own source led here."""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from types import CodeType, FrameType

import torch

from unstuck.core.recording import Where

_FOREIGN = tuple(
    os.path.join(os.path.realpath(folder), "")
    for folder in {
        os.path.dirname(torch.__file__),
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
    }
)
_SCRIPTS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))),
    "casebook",
    "scripts",
)
"""The casebook's scripts are users' code although they lie in our package."""

_is_foreign: dict[str, bool] = {}

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
    if name.startswith("<") and name != "<string>":
        return True
    path = os.path.realpath(name)
    return path.startswith(_FOREIGN) and not path.startswith(_SCRIPTS) and name != "<string>"
