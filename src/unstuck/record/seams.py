"""Puts our functions around torch's own, so that neither warnings nor tracebacks show them.

Python counts the frames up to the line that a warning is about, and passes over those of its own
import system, which it knows by their file names; the frames that we add bear such a name. Out of a
traceback they are taken while the exception passes. A failure of ours ends here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any

HIDDEN = "<unstuck, passed over like importlib._bootstrap>"
"""The file name of our frames (CPython's `warnings` looks for both words in it)."""

Before = Callable[[tuple[Any, ...], dict[str, Any]], Any]
After = Callable[[Any, tuple[Any, ...], Any], None]
Failed = Callable[[Any, tuple[Any, ...], BaseException], None]


def hidden(function: Any) -> Any:
    """Let warnings pass over the frames of this function."""
    function.__code__ = function.__code__.replace(co_filename=HIDDEN)
    return function


def without_ours(trace: TracebackType | None, lent: set[CodeType] | None = None) -> Any:
    """Return the traceback without our frames at its beginning; `lent`: codes of more such frames."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != HIDDEN and not (lent and code in lent):
            return trace
        trace = trace.tb_next
    return None


def _nothing(*_: Any) -> None:
    """Do nothing."""


class Seams:
    """The functions that are replaced; `close` puts the originals back, the last one first.

    Some are in place only while the script is watched closely: `rest` takes these out for a while.
    """

    def __init__(self, trouble: Callable[[Exception], None]) -> None:
        self._undo: list[Callable[[], None]] = []
        self._alert: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._trouble = trouble
        self.resting = False

    def around(
        self,
        owner: Any,
        name: str,
        *,
        before: Before = _nothing,
        after: After = _nothing,
        failed: Failed = _nothing,
        always: bool = True,
    ) -> None:
        """Call ``token = before(args, kwargs)``, then ``after(token, args, result)`` or ``failed``.

        What a class inherits from one that cannot be changed is put into the class itself.
        """
        own = owner.__dict__.get(name)
        original = getattr(owner, name) if own is None else own
        wrapped = self._wrapped(original, before, after, failed)

        def put() -> None:
            if owner.__dict__.get(name) is own:  # else the script has put its own in
                setattr(owner, name, wrapped)

        def take() -> None:
            if owner.__dict__.get(name) is not wrapped:
                return
            if own is None:
                delattr(owner, name)
            else:
                setattr(owner, name, own)

        self._keep(put, take, always)

    def _wrapped(self, original: Any, before: Before, after: After, failed: Failed) -> Any:
        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if not self._undo:  # taken out, but the script holds on to it
                return original(*args, **kwargs)
            token = None
            try:
                token = before(args, kwargs)
            except Exception as error:
                self._trouble(error)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                try:
                    failed(token, args, error)
                except Exception as ours:
                    self._trouble(ours)
                error.__traceback__ = without_ours(error.__traceback__)
                raise
            if after is not _nothing:
                try:
                    after(token, args, result)
                except Exception as error:
                    self._trouble(error)
            return result

        return hidden(wrapped)

    def hook(
        self,
        register: Callable[[Any], Any],
        function: Callable[..., None],
        *,
        always: bool = True,
    ) -> None:
        """Register a hook of torch's own making, to be removed at the end."""
        handles: list[Any] = []

        def guarded(*args: Any) -> None:
            try:
                function(*args)
            except Exception as error:
                self._trouble(error)

        def take() -> None:
            while handles:
                handles.pop().remove()

        self._keep(lambda: handles.append(register(guarded)), take, always)

    def _keep(self, put: Callable[[], None], take: Callable[[], None], always: bool) -> None:
        put()
        self._undo.append(take)
        if not always:
            self._alert.append((put, take))

    def rest(self, resting: bool) -> None:
        """Take out, or put back, what is needed only while the script is watched closely."""
        if resting == self.resting or not self._undo:
            return
        self.resting = resting
        for put, take in self._alert:
            (take if resting else put)()

    def close(self) -> None:
        """Take everything out again."""
        while self._undo:
            self._undo.pop()()


_CALL = (lambda function, args, kwargs: function(*args, **kwargs)).__code__


class Lent:
    """Calls torch's functions from frames that look like the script's own line.

    A warning names the line that called the function which warns. Where that line would be ours, a
    function with the caller's file, line and globals stands in between.
    """

    def __init__(self) -> None:
        self.codes: set[CodeType] = set()
        self._twins: dict[tuple[CodeType, int], FunctionType] = {}

    def twins(self, frames: list[FrameType]) -> list[FunctionType]:
        """Return functions that stand for these frames, the nearest first."""
        return [self._twin(frame) for frame in frames]

    @staticmethod
    def call(
        twins: list[FunctionType], function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call the function as if from the frames that these stand for."""
        for twin in twins:
            function, args, kwargs = twin, (function, args, kwargs), {}
        return function(*args, **kwargs)

    def _twin(self, frame: FrameType) -> FunctionType:
        code, line = frame.f_code, frame.f_lineno
        twin = self._twins.get((code, line))
        if twin is None or twin.__globals__ is not frame.f_globals:
            like = _CALL.replace(
                co_filename=code.co_filename, co_name=code.co_name, co_firstlineno=line or 1
            )
            twin = FunctionType(like, frame.f_globals)
            self._twins[code, line] = twin
            self.codes.add(twin.__code__)
        return twin


hidden(Lent.call)
