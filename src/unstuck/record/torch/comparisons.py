"""What the script compares for equality, as an accuracy does: the last tensors of each line.

The numbers that a script prints are its own affair; here is only seen what they are made of. Besides the
two sides it is noted what may be the network's inputs and outputs on these rows: whatever has their shape
and lies in a variable of the script at that moment.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol

import torch
from torch import Tensor

from unstuck.core.recording import Comparison, Where
from unstuck.record.frames import user_frame
from unstuck.record.seams import HIDDEN, Seams
from unstuck.record.torch.guard import Guard, Guarded
from unstuck.record.torch.rows import array

MAX_LINES = 16
"""Lines of the script of which comparisons are kept."""

KEPT = 4
"""Comparisons kept of a line, the last ones: enough to see whether they are all alike."""

MAX_ROWS = 2048
"""Rows kept of a comparison; a share of more is hardly another one."""

MAX_BYTES = 4 * 2**20
"""Bytes kept of what may be a comparison's inputs or outputs."""

FREE = 8
"""Comparisons of a line that are looked at whatever it takes."""

GROWTH = 1.3
"""Later ones are, each so much further on than the one before; and all others while there is time."""

SHARE = 0.01
"""The share of the script's time that looking may take."""

MAX_FRAMES = 4
MAX_NAMES = 500
MAX_FOUND = 3

_OURS = os.path.dirname(__file__)

_thread = threading.get_ident


class Comparisons:
    """The comparisons made while one training went on, and after it."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], deque[Comparison]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._next: dict[tuple[str, int], float] = {}
        self._seconds = 0.0
        self._began = time.perf_counter()

    def all(self) -> tuple[Comparison, ...]:
        """Return what is kept, line by line, the last of each line at its end."""
        return tuple(one for line in self._lines.values() for one in line)

    def wanted(self, frame: FrameType) -> bool:
        """Whether there is time to look at a comparison on this line."""
        key = frame.f_code.co_filename, frame.f_lineno
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count >= self._next.get(key, 0.0):
            self._next[key] = count + 1 if count < FREE else GROWTH * count
            return True
        return self._seconds < SHARE * (time.perf_counter() - self._began)

    def note(
        self, frame: FrameType, sides: tuple[Tensor, Tensor], step: int, capture: Captured | None
    ) -> None:
        """Keep a comparison; capture: a step of the training, None if it could not be followed."""
        began = time.perf_counter()
        left, right = sides
        row, answer = (None, None) if capture is None else (capture.row, capture.answer)
        inputs, outputs = _of_shape(frame, sides, row), _of_shape(frame, sides, answer)
        most = min([MAX_ROWS, *(_rows_within(tensor) for tensor in (*sides, *inputs, *outputs))])
        key = frame.f_code.co_filename, frame.f_lineno
        if key not in self._lines and len(self._lines) >= MAX_LINES:
            return
        one = Comparison(
            Where(*key),
            step,
            (tuple(left.shape), tuple(right.shape)),
            array(left[:most]),
            array(right[:most]),
            tuple(array(tensor[:most]) for tensor in inputs),
            tuple(array(tensor[:most]) for tensor in outputs if tensor.is_floating_point()),
        )
        self._lines.setdefault(key, deque(maxlen=KEPT)).append(one)
        self._seconds += time.perf_counter() - began


def _rows_within(tensor: Tensor) -> int:
    """Return how many of its rows fit into what is kept."""
    each = max(1, tensor.numel() // len(tensor)) * tensor.element_size()
    return max(1, MAX_BYTES // each)


def _of_shape(
    frame: FrameType, sides: tuple[Tensor, Tensor], row: tuple[int, ...] | None
) -> list[Tensor]:
    """Return tensors in the script's variables that have as many rows as a side, of this shape."""
    found: dict[int, Tensor] = {}
    counts = set() if row is None else {len(side) for side in sides}
    for value in _variables(frame):
        if type(value) is not Tensor or any(value is side for side in sides):
            continue
        if value.dim() and len(value) in counts and tuple(value.shape[1:]) == row and _plain(value):
            found.setdefault(id(value), value)
            if len(found) == MAX_FOUND:
                break
    return list(found.values())


def _variables(frame: FrameType) -> Iterator[Any]:
    """Yield what the variables of this frame, and of the script's own frames around it, hold."""
    here: FrameType | None = frame
    for _ in range(MAX_FRAMES):
        if here is None:
            return
        yield from list(here.f_locals.values())[:MAX_NAMES]
        here = user_frame(here.f_back) if here.f_back is not None else None


def _plain(tensor: Tensor) -> bool:
    """Whether a tensor's values can be read here without disturbing anybody."""
    if tensor.layout is not torch.strided or tensor.device.type not in {"cpu", "cuda"}:
        return False
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return False
    return not tensor.is_cuda or not torch.cuda.is_current_stream_capturing()


def _compares(sides: tuple[Any, ...]) -> bool:
    """Whether two tensors are compared row by row, which are not one and the same."""
    if len(sides) != 2 or any(type(side) is not Tensor for side in sides):
        return False
    left, right = sides
    if not (left.dim() and right.dim() and left.numel() > 1 and right.numel() > 1):
        return False
    if not (_plain(left) and _plain(right)):
        return False
    apart: bool = left.untyped_storage().data_ptr() != right.untyped_storage().data_ptr()
    return apart


class Captured(Protocol):
    """A step as it is seen from here."""

    @property
    def row(self) -> tuple[int, ...] | None:
        """The shape of one row of the inputs."""

    @property
    def answer(self) -> tuple[int, ...]:
        """The shape of one row of the prediction."""


class Trained(Protocol):
    """A training as it is seen from here."""

    step: int
    compared: Comparisons

    @property
    def capture(self) -> Captured | None:
        """Its first step."""


class Taping(Protocol):
    """The tape as it is seen from here."""

    compared: Callable[[tuple[Any, ...]], None]


class Watching(Guarded, Protocol):
    """The recorder as it is seen from here."""

    @property
    def current(self) -> Trained | None:
        """What is trained, or was the last time."""

    @property
    def tape(self) -> Taping:
        """What sees every call while it is on."""


def watch(seams: Seams, recorder: Watching) -> None:
    """Put the hooks in: around methods, of which torch tells modes and subclasses by their name.

    ``torch.eq`` it tells by identity, so that is left alone, and seen only while the tape is on.
    """
    thread, inside = _thread(), [0]

    def begins(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        inside[0] += 1

    def fails(*_: Any) -> None:
        inside[0] -= 1

    def ends(_: None, args: tuple[Any, ...], result: Any) -> None:
        inside[0] -= 1
        if not inside[0] and isinstance(result, Tensor):  # a mode, such as the tape, calls it again
            compared(args, rare=False)

    def compared(args: tuple[Any, ...], *, rare: bool = True) -> None:
        training = recorder.current
        if training is None or not training.step:
            return
        if _thread() != thread or torch._C._get_tracing_state() is not None:
            return
        frame = _caller(sys._getframe(1))
        if frame is None or not (rare or training.compared.wanted(frame)):
            return
        with Guard(recorder, spoils=False):
            if _compares(args):
                training.compared.note(frame, (args[0], args[1]), training.step, training.capture)

    for name in ("__eq__", "__ne__", "eq", "ne"):
        seams.around(Tensor, name, before=begins, after=ends, failed=fails)
    recorder.tape.compared = compared


def _caller(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the script that compares, None where torch or a library does so itself."""
    while frame is not None and frame.f_code.co_filename.startswith((HIDDEN, _OURS)):
        frame = frame.f_back
    return frame if frame is not None and user_frame(frame) is frame else None
