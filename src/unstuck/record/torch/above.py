"""What a framework above torch tells the recorder: its name, its lines, its plans."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch

from unstuck.core.recording import Where
from unstuck.core.setup import Setup

Lines = dict[str, Where]


def _same_lines(lines: Lines) -> Lines:
    return lines


def _same_setup(setup: Setup) -> Setup:
    return setup


@dataclasses.dataclass(slots=True)
class Above:
    """Torch alone, unless another framework says otherwise.

    retold, relined: the lines of a training, and the training, as that framework's users know them;
    planned: the updates that were to be made, and the line of what ended them before.
    """

    framework: str = "torch"
    versions: dict[str, str] = dataclasses.field(
        default_factory=lambda: {"torch": str(torch.__version__)}
    )
    retold: Callable[[Lines], Lines] = _same_lines
    relined: Callable[[Setup], Setup] = _same_setup
    planned: tuple[int, Where] | None = None
