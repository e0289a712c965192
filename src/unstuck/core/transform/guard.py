"""Operations that have no value somewhere: kept away from there by a tiny term, or by a clamp."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Literal

from unstuck.core.setup import Json, Op, Setup
from unstuck.core.transform.program import with_ops
from unstuck.core.transform.unchangeable import Unchangeable

EPS = 1e-8  # as in torch's own optimizers and cosine_similarity
TOP = 80.0  # exp(80) is 6e34: a thousand of them can be summed in float32

OVERFLOWS = 88.7  # the logarithm of float32's largest number
NOTHING = 1e-30  # its reciprocal's square overflows float32: as good as zero

How = Literal["add", "above", "below"]
"""Add EPS to the operand, keep it above EPS, or keep it below TOP."""

OPERAND = {
    "log": 0, "log2": 0, "log10": 0, "sqrt": 0, "rsqrt": 0, "pow": 0, "exp": 0, "reciprocal": 0,
    "rtruediv": 0, "rdiv": 0, "div": 1, "divide": 1, "true_divide": 1, "truediv": 1, "itruediv": 1,
}  # fmt: skip
"""Where the operand stands that such an operation has not a value for each of."""

QUOTIENTS = frozenset(name for name in OPERAND if "div" in name) | {"reciprocal"}


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """Guard every operation of this name (see `plain`) on a line of the source."""

    file: str
    line: int
    name: str
    how: How

    def fits(self, op: Op) -> bool:
        """Whether the operation is one of those."""
        same = (op.file, op.line, plain(op)) == (self.file, self.line, self.name)
        return same and operand(op) is not None


def plain(op: Op) -> str:
    """Return the operation's name without the marks of operators and in-place twins: ``truediv``."""
    return op.short.strip("_")


def operand(op: Op) -> int | None:
    """Return the slot that the operation is not defined for every value of; None without one."""
    position = OPERAND.get(plain(op))
    if position is None or position >= len(op.args):
        return None
    if plain(op) == "pow" and not (isinstance(op.args[1], int | float) and op.args[1] < 1):
        return None
    value = op.args[position]
    slot = value.get("slot") if isinstance(value, dict) else None
    return slot if isinstance(slot, int) else None


def guard(op: Op, lowest: float, nearest: float, highest: float) -> Guard | None:
    """Return what keeps this operand in bounds; None where it lies within them.

    lowest, highest: its values; nearest: the smallest |value|.
    """
    name = plain(op)
    how: How | None = "add" if nearest <= NOTHING else None
    if name == "exp":
        how = "below" if highest > OVERFLOWS else None
    elif lowest < 0 and name not in QUOTIENTS:
        how = "above"
    return None if how is None or operand(op) is None else Guard(op.file, op.line, name, how)


def guarded(setup: Setup, guards: Iterable[Guard]) -> Setup:
    """Keep the operands of these operations away from where they have no value."""
    ops, wanted = list[Op](), tuple(guards)
    fresh = setup.program.next_slot
    for op in setup.program.ops:
        found = next((one for one in wanted if one.fits(op)), None)
        if found is not None:
            ops.append(_kept(op, found, fresh))
            op, fresh = _given(op, fresh), fresh + 1
        ops.append(op)
    if len(ops) == len(setup.program.ops):
        raise Unchangeable("the operation that has no value is not there any more")
    return with_ops(setup, tuple(ops))


def _kept(op: Op, found: Guard, fresh: int) -> Op:
    """Return the operation that makes a guarded operand of the bare one."""
    bare: Json = {"slot": operand(op)}
    if found.how == "add":
        return Op("torch.Tensor.add", (bare, EPS), {}, (fresh,), op.module, op.file, op.line)
    bounds: dict[str, Json] = {"min": EPS} if found.how == "above" else {"max": TOP}
    return Op("torch.Tensor.clamp", (bare,), bounds, (fresh,), op.module, op.file, op.line)


def _given(op: Op, slot: int) -> Op:
    args: list[Json] = list(op.args)
    args[OPERAND[plain(op)]] = {"slot": slot}
    return dataclasses.replace(op, args=tuple(args))
