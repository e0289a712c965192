"""What the script asks its network without gradients: the rows of the last evaluation of each line.

An evaluation is a block under `torch.no_grad` or `torch.inference_mode` in which the weights that are trained are read.
Such blocks may be many; the tape is on for the first few of a line, for later ones further and further on.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from types import FrameType
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils import _contextlib

from unstuck.core.recording import Evaluation, Where
from unstuck.record.frames import user_frame
from unstuck.record.seams import HIDDEN, Seams
from unstuck.record.torch.guard import Guard, Guarded
from unstuck.record.torch.rows import array
from unstuck.record.torch.taped import Taped, read_by

MAX_LINES = 8
"""Lines of the script of which evaluations are kept."""

MAX_NUMBERS = 2**18
"""Numbers kept of an evaluation, so many rows as they make."""

FREE = 4
"""Blocks of a line that are looked into whatever they hold; a script may have thousands."""

GROWTH = 1.5
"""Later ones are, each so much further on than the one before."""

_DECORATED = _contextlib.__file__
"""Where torch calls a function that is decorated by a context manager."""

_thread = threading.get_ident


class Evaluations:
    """The rows that a training's network was shown without gradients, once it had been trained a little."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], Evaluation] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._next: dict[tuple[str, int], float] = {}

    def all(self) -> tuple[Evaluation, ...]:
        """Return the last evaluation of each line."""
        return tuple(self._lines.values())

    def wanted(self, key: tuple[str, int]) -> bool:
        """Whether the block that begins on this line is one of those that are looked into."""
        if key not in self._counts and len(self._counts) >= MAX_LINES:
            return False
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count < self._next.get(key, 0.0):
            return False
        self._next[key] = count + 1 if count < FREE else GROWTH * count
        return True

    def keep(
        self, ops: Iterable[Taped], known: dict[int, Tensor], step: int, trained: Trained
    ) -> None:
        """Keep the rows that operations of a block showed to the trained weights; known: slot -> operand."""
        weights = set(map(id, trained.leaves))
        row = None if trained.capture is None else trained.capture.row
        for op in ops:
            read = [known[slot] for slot in read_by(op) if slot in known]
            if not any(id(one) in weights for one in read) or not op.file:
                continue
            shown = [one for one in read if id(one) not in weights and _rows(one, row)]
            if shown:
                where = op.called or Where(op.file, op.line)
                most = max(1, MAX_NUMBERS // max(1, shown[0][:1].numel()))
                kept = Evaluation(where, step, len(shown[0]), array(shown[0][:most]))
                self._lines[where.file, where.line] = kept


def _rows(tensor: Tensor, row: tuple[int, ...] | None) -> bool:
    """Whether a tensor holds rows of this shape, in numbers that have an order."""
    plain = type(tensor) is Tensor and tensor.layout is torch.strided
    if row is None or not plain or tensor.dim() < 2 or not tensor.is_floating_point():
        return False
    return len(tensor) > 1 and tuple(tensor.shape[1:]) == row


def _asker(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the script that begins a block, None where torch, a library or we ourselves do."""
    while frame is not None and frame.f_code.co_filename in {HIDDEN, __file__, _DECORATED}:
        frame = frame.f_back
    return frame if frame is not None and user_frame(frame) is frame else None


class Captured(Protocol):
    """A step as it is seen from here."""

    @property
    def row(self) -> tuple[int, ...] | None:
        """The shape of one row of the inputs."""


class Trained(Protocol):
    """A training as it is seen from here."""

    step: int
    leaves: list[Tensor]
    evaluated: Evaluations

    @property
    def capture(self) -> Captured | None:
        """Its first step."""


class Taping(Protocol):
    """The tape as it is seen from here."""

    on: bool
    ops: list[Taped]
    leaves: dict[int, Tensor]

    def switch(self, on: bool) -> None:
        """Put it on torch's stack of modes, or take it away."""

    def rewind(self) -> None:
        """Forget what it noted."""


class Watching(Guarded, Protocol):
    """The recorder as it is seen from here."""

    @property
    def current(self) -> Trained | None:
        """What is trained, or was the last time."""

    @property
    def tape(self) -> Taping:
        """What sees every call while it is on."""


class _Block:
    """The block that is being looked into: its context manager, and the operations before it."""

    def __init__(self, manager: Any, tape: Taping) -> None:
        self.manager, self.before, self.lent = manager, len(tape.ops), not tape.on


def watch(seams: Seams, recorder: Watching) -> None:
    """Put the hooks in, around the beginning and the end of blocks without gradients."""
    thread, inside = _thread(), list[_Block]()

    def begins(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        training = recorder.current
        if training is None or not training.step or inside or _thread() != thread:
            return
        if training.capture is None or torch._C._get_tracing_state() is not None:
            return
        frame = _asker(sys._getframe(1))
        if frame is None or not training.evaluated.wanted(
            (frame.f_code.co_filename, frame.f_lineno)
        ):
            return
        inside.append(_Block(args[0], recorder.tape))
        recorder.tape.switch(True)

    def ends(_: None, args: tuple[Any, ...], result: Any) -> None:
        if not inside or inside[0].manager is not args[0]:
            return
        block, tape, training = inside.pop(), recorder.tape, recorder.current
        with Guard(recorder, spoils=False):
            if training is not None:
                training.evaluated.keep(
                    tape.ops[block.before :], tape.leaves, training.step, training
                )
            if block.lent:
                tape.rewind()
        if block.lent:
            tape.switch(False)

    for kind in (torch.no_grad, torch.inference_mode):
        seams.around(kind, "__enter__", before=begins)
        seams.around(kind, "__exit__", after=ends)
