"""What rows were before they became whole numbers: casts that were seen, and arrays still at hand.

Casts of torch are seen by the tape. Those of numpy are not, but there the floats are often still in a
variable: one that the rows are the whole-numbered copy of.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Where
from unstuck.core.setup import Data, Setup
from unstuck.core.setup import Tensor as Array
from unstuck.record.frames import user_frame, user_line

FEWEST = 20  # values: fewer say nothing about a habit
MOST = 16 * 2**20  # bytes kept in all
MOST_CASTS = 16
MOST_NAMES = 500  # variables looked at

CASTS = frozenset({"long", "int", "short", "byte", "char", "to", "type"})
DIVISIONS = frozenset({"floor_divide", "__floordiv__"})
READS = frozenset({"tensor", "as_tensor"})


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Numbers (n, …) and the whole ones that were made of them on a line of the source."""

    source: Array
    whole: Array
    where: Where | None


class Casts:
    """The first casts that changed values, and the float arrays in the script's variables."""

    def __init__(self) -> None:
        self.seen: list[Cast] = []
        self._bytes = 0

    def note(self, name: str, args: tuple[Any, ...], out: Any) -> None:
        """Note one call of a torch function where it made whole numbers of others."""
        if name not in CASTS | DIVISIONS | READS or not args or not isinstance(out, Tensor):
            return
        if len(self.seen) >= MOST_CASTS or out.dim() == 0 or out.numel() < FEWEST:
            return
        if out.requires_grad or out.numel() * 8 > MOST - self._bytes or out.device.type != "cpu":
            return
        source = _source(name, args, out)
        if source is not None:
            self._keep(source, out.detach().numpy(), user_line())

    def _keep(self, source: Array, whole: Array, where: Where | None) -> None:
        if source.shape != whole.shape or np.array_equal(source, whole):
            return
        self._bytes += source.nbytes + whole.nbytes
        self.seen.append(Cast(np.array(source), np.array(whole), where))

    def look(self, rows: tuple[Array, ...]) -> None:
        """Look for floats in the script's variables of which some of these rows are the whole part."""
        wanted = [part for part in rows if _whole(part) and np.ptp(part) > 0]  # zeros fit much
        if not wanted:
            return
        for value in _variables(user_frame()):
            for part in wanted:
                if value.size < part.size or value.nbytes * 2 > MOST - self._bytes:
                    continue
                for kind in (np.int64, np.uint8):
                    with np.errstate(invalid="ignore"):
                        whole = value.astype(kind)
                    if _found(value, whole, part) is not None and len(self.seen) < MOST_CASTS:
                        self._keep(value, whole, None)
                        break

    def original(self, rows: Array) -> tuple[Array, Where | None] | None:
        """Return what rows (n, …) were before they became whole numbers, and the line of the cast."""
        if rows.dtype.kind != "f" or not _whole(rows):
            return None
        for cast in self.seen:
            found = _found(cast.source, cast.whole, rows)
            if found is not None:
                return found.astype(rows.dtype), cast.where
        return None

    def told(self, setup: Setup) -> tuple[Data, dict[str, Where]]:
        """Return the rows with what they were before, and the lines where they became whole numbers."""
        originals: dict[int, Array] = {}
        lines: dict[str, Where] = {}
        for slot, rows in setup.data.rows.items():
            found = self.original(rows)
            if found is None or not np.isfinite(found[0]).all():
                continue
            originals[slot], where = found
            if where is not None:
                role = "input_cast" if slot in setup.program.inputs else "target_cast"
                lines.setdefault(role, where)
        return dataclasses.replace(setup.data, originals=originals), lines


def _source(name: str, args: tuple[Any, ...], out: Tensor) -> Array | None:
    """Return the numbers of which the whole ones were made, None where there were none."""
    given = args[0]
    integer = not out.is_floating_point() and out.dtype != torch.bool and not out.is_complex()
    if name in DIVISIONS and isinstance(given, Tensor) and not given.requires_grad:
        return np.asarray((given / args[1]).detach().numpy())
    if name in CASTS and integer and isinstance(given, Tensor) and given.is_floating_point():
        return None if given.requires_grad else np.asarray(given.detach().float().numpy())
    if name in READS and integer and not isinstance(given, Tensor):
        read = np.asarray(given)
        return read if read.dtype.kind == "f" else None
    return None


def _whole(rows: Array) -> bool:
    return bool(rows.dtype.kind == "f" and rows.size >= FEWEST and (rows == np.trunc(rows)).all())


def _found(source: Array, whole: Array, rows: Array) -> Array | None:
    """Return the first rows of `source` in the shape of `rows`, if those are its whole numbers."""
    if len(whole) < len(rows) or whole[: len(rows)].size != rows.size:
        return None
    if not np.array_equal(whole[: len(rows)].reshape(rows.shape), rows):
        return None
    return source[: len(rows)].reshape(rows.shape)


def _variables(frame: FrameType | None) -> Iterator[Array]:
    """Yield the arrays and tensors of floats in the variables of the script's own frames."""
    looked = 0
    while frame is not None and looked < MOST_NAMES:
        for value in list(frame.f_locals.values())[:MOST_NAMES]:
            looked += 1
            if isinstance(value, Tensor) and value.is_floating_point() and value.dim():
                if not value.requires_grad and value.device.type == "cpu" and not value.is_sparse:
                    yield value.detach().float().numpy()
            elif isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim:
                yield value
        frame = user_frame(frame.f_back) if frame.f_back is not None else None
