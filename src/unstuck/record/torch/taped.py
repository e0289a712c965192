"""One operation as it is kept on the tape, what it reads, and the same with other operands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from unstuck.core.recording import Where
from unstuck.core.setup import Json, Op


@dataclasses.dataclass(slots=True)
class Taped:
    """One operation: the function, its encoded arguments, its results' slots.

    still: nothing of a weight's gradient gets through it; off: and the line that switched gradients off
    while it ran; called: the user's line that called the network in which it ran.
    """

    function: Callable[..., Any]
    args: tuple[Json, ...]
    kwargs: dict[str, Json]
    outs: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    module: str
    file: str
    line: int
    still: bool = False
    off: Where | None = None
    called: Where | None = None


def read_by(op: Taped) -> tuple[int, ...]:
    """Return the slots that an operation reads."""
    return Op("", op.args, op.kwargs, ()).slots()


def swapped(op: Taped, old: int, new: int) -> Taped:
    """Return the operation reading another slot."""

    def swap(value: Json) -> Json:
        if isinstance(value, dict):
            if value.get("slot") == old:
                return {"slot": new}
            return {key: swap(inner) for key, inner in value.items()}
        return [swap(inner) for inner in value] if isinstance(value, list | tuple) else value

    kwargs = {key: swap(value) for key, value in op.kwargs.items()}
    return dataclasses.replace(op, args=tuple(swap(v) for v in op.args), kwargs=kwargs)
