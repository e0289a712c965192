"""Where estimators were constructed: the user's line, also of those that were cloned from one."""

from __future__ import annotations

import sys
import weakref
from types import FrameType
from typing import Any

from unstuck.core.recording import Where
from unstuck.core.setup import Json
from unstuck.record import frames
from unstuck.record.sklearn.fit import settings

CLONES = frozenset({"clone", "_clone_parametrized", "__sklearn_clone__"})
"""Functions of `sklearn.base` that construct an estimator like another."""

MOST = 256
"""Constructions that are remembered."""


class Built:
    """The lines on which perceptrons were constructed."""

    def __init__(self) -> None:
        self._lines: weakref.WeakKeyDictionary[Any, Where] = weakref.WeakKeyDictionary()
        self._own: list[tuple[str, dict[str, Json], Where]] = []

    def note(self, estimator: Any) -> None:
        """Note a construction that is happening now; a clone belongs to the line of what it is cloned from."""
        user = frames.user_frame()
        if user is None:
            return
        where = Where(user.f_code.co_filename, user.f_lineno)
        if not _cloned(user):
            self._lines[estimator] = where
            if len(self._own) < MOST:
                self._own.append((type(estimator).__name__, settings(estimator), where))

    def where(self, estimator: Any) -> Where | None:
        """Return the line of an estimator; of a clone that of the one most like it, the last of equals."""
        found = self._like(estimator)
        return None if found is None else found[1]

    def otherwise(self, estimator: Any) -> list[str]:
        """Return the arguments that no longer have the value that the constructor was given on that line."""
        found, mine = self._like(estimator), settings(estimator)
        return [] if found is None else [k for k, v in found[0].items() if v != mine.get(k)]

    def _like(self, estimator: Any) -> tuple[dict[str, Json], Where] | None:
        kind, mine = type(estimator).__name__, settings(estimator)
        line = self._lines.get(estimator)
        alike = [
            (sum(v == mine.get(k) for k, v in s.items()), s, where)
            for name, s, where in self._own
            if name == kind and line in {None, where}
        ]
        best = max(reversed(alike), key=lambda one: one[0], default=None)
        return None if best is None else best[1:]


def _cloned(user: FrameType) -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not user:
        if frame.f_code.co_name in CLONES:
            return True
        frame = frame.f_back
    return False
