"""One training as it is watched: its program, weights, losses, gradients and habits."""

from __future__ import annotations

import dataclasses
import math
import time
import weakref
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Call, Where
from unstuck.core.setup import Draw, Optimizer, Parameter, Setup
from unstuck.record.curve import Curve
from unstuck.record.torch.births import Births, Draws, fitted
from unstuck.record.torch.capture import Capture
from unstuck.record.torch.clips import Clips
from unstuck.record.torch.comparisons import Comparisons
from unstuck.record.torch.evaluations import Evaluations
from unstuck.record.torch.freezes import Freezes
from unstuck.record.torch.habits import habits
from unstuck.record.torch.idle import ENOUGH, Idle
from unstuck.record.torch.modes import Modes
from unstuck.record.torch.optimizers import Standin, Stepper, specification
from unstuck.record.torch.rows import Loader, Rows, array
from unstuck.record.torch.tape import Fetched

CLOSE_FIRST = 8
"""The first steps, all watched closely."""

CLOSE_GROWTH = 1.3
"""After them, each watched step lies this much further on: about 9 a decade."""

MAX_RENEWALS = 64
"""Optimizers built anew that are noted: enough to see whether it is a habit."""


class Training:
    """What is known of one set of parameters being trained."""

    def __init__(
        self, leaves: list[Tensor], capture: Capture | None, why: str, names: dict[int, str]
    ) -> None:
        self.capture = capture
        self.gaps: dict[str, str] = {} if capture else {"setup": why}
        self.leaves = leaves
        self._known_as = names
        self.names = _named(self.leaves, names)
        self.starts = [array(leaf) for leaf in self.leaves]
        self.draws: list[Draws] = []
        self.made: list[Where | None] = []
        self.filled: list[tuple[Where, ...]] = []
        self.hidden: dict[int, str] = {}
        self.froze: dict[int, tuple[Where, ...]] = {}
        trained = capture.trained.values() if capture else leaves
        self.trained = frozenset(map(id, trained))
        self.late = False  # whether something was trained before
        self.frozen = {id(leaf) for leaf in leaves if not leaf.requires_grad}
        self.rows = Rows()
        self.plain_rows = Rows()
        self.anew = True  # a loader was begun for each step so far
        self.loss = Curve()
        self.rates: dict[int, float] = {}
        self.rate = math.nan
        self.idle = Idle()
        self.steps = True
        self.peak_before = math.nan
        self.clips = Clips()
        self.modes = Modes()
        self.zeros = (
            False  # whether a gradient that was cleared before the update was there all the same
        )
        self.stale: dict[int, float] = {}
        self.at_step: dict[int, float] = {}
        self.after_backward: dict[int, float] = {}
        self.backwards: dict[int, int] = {}
        self.compared = Comparisons()
        self.evaluated = Evaluations()
        self.calls: list[Call] = []
        self.lines: dict[str, Where] = {}
        self.renewals: list[int] = []
        self.last_stepper: Callable[[], Stepper | None] = lambda: None
        self._steppers: weakref.WeakSet[Stepper] = weakref.WeakSet()
        self.optimizer: Optimizer | None = None
        self.groups: dict[int, int] = {}
        self.step = 0
        self.heard = -1
        self.doubt = ""  # about the present step; what is differentiated after the last is no step
        self.next_close = CLOSE_FIRST
        self.by_hand: bool | None = None
        self.before: tuple[list[Tensor], list[Tensor | None]] | None = None
        self.pending = False
        self.began = self.ended = time.monotonic()

    @property
    def close(self) -> bool:
        """Whether the present step is one of those that are watched closely."""
        return self.close_at(self.step)

    def close_at(self, step: int) -> bool:
        """Whether this step, which is the present one or the next, is to be watched closely."""
        return step < CLOSE_FIRST or step >= self.next_close

    def stepped_by(self, optimizer: Stepper) -> None:
        """Note the steps at which this training got another optimizer."""
        self.last_stepper = weakref.ref(optimizer)
        if optimizer not in self._steppers:
            self._steppers.add(optimizer)
            if len(self.renewals) < MAX_RENEWALS and self.step not in self.renewals[-1:]:
                self.renewals.append(self.step)

    def hear(self, loss: float) -> None:
        """Note the loss of the present step; the first one where there are several."""
        self.heard = self.step
        self.loss.add(self.step, loss)

    def noted(self, seen: Capture, fetched: list[Fetched], loader: Loader) -> Capture | None:
        """Note the rows of the present step; return it, None where it does other than the first one did."""
        if self.capture is None:
            return None
        if self.capture.plain is not None and not self.capture.like(seen):
            self.settle()  # what was computed without gradients was so once, and is data from now on
        mine = seen if self.capture.like(seen) or seen.plain is None else seen.plain
        if not self.capture.like(mine):
            return None
        self.modes.note(self.step, self.capture.program, mine.program)
        self.anew = self.anew and loader.anew > self.step
        self.rows.note(self.step, list(mine.data.values()), fetched, loader)
        if self.capture.plain is not None and mine.plain is not None:
            self.plain_rows.note(self.step, list(mine.plain.data.values()), fetched, loader)
        return mine

    def settle(self) -> None:
        """Take for data what is computed by weights that no gradient of this training reaches."""
        if self.capture is None or self.capture.plain is None:
            return
        place = {slot: number for number, slot in enumerate(self.capture.parameters)}
        kept = [place[slot] for slot in self.capture.plain.parameters]
        for name in ("leaves", "starts", "draws", "made", "filled"):
            values = getattr(self, name)
            setattr(self, name, [values[number] for number in kept] if values else [])
        if self.before is not None:
            self.before = [self.before[0][n] for n in kept], [self.before[1][n] for n in kept]
        self.names = _named(self.leaves, self._known_as)
        self.lines.pop("forward", None)
        self.capture, self.rows = self.capture.plain, self.plain_rows

    def idled(self) -> None:
        """Take the passes that no update followed for steps, where there was an optimizer at all."""
        idle = self.idle
        found = idle.strange or idle.own
        if self.step or idle.count < ENOUGH or found is None:
            return
        self.optimizer, self.step, self.loss = found.optimizer, idle.count, idle.losses
        self.backwards = dict.fromkeys(range(idle.count), 1)
        self.steps = idle.strange is not None
        self.at_step = {} if self.steps else {step: total for step, (total, _) in idle.cut.items()}
        self.clips.peaks = (
            {} if self.steps else {step: peaks for step, (_, peaks) in idle.cut.items()}
        )
        self.groups = {0: -1} if self.steps else found.groups
        # the strange optimizer clears others' gradients; what is gathered is not left from an update
        self.stale = {} if self.steps or idle.gathers else idle.left
        self.after_backward = {} if self.steps else idle.made
        self.rows.batches = [(n, rows) for n, (_, rows) in enumerate(self.rows.batches)]
        none = f"{INAPPLICABLE}no update of these parameters was made"
        tables = {
            "stale_gradient": self.stale,
            "gradient_after_backward": self.after_backward,
            "gradient_at_step": self.at_step,
        }
        self.gaps |= dict.fromkeys((name for name, table in tables.items() if not table), none)
        lines = {"optimizer": found.where, "step": idle.strange_step}
        self.lines.update({role: where for role, where in lines.items() if where is not None})

    def received(self, handed: list[Tensor | None] | None) -> None:
        """Note the gradients of a backward pass: the parameters' own, or those handed to the script."""
        total = self.norm() if handed is None else norm(handed)
        self.after_backward[self.step] = total
        if not self.step:
            self.idle.received(total)
        self.peak_before = math.nan if handed else self.peak()
        if self.backwards.get(self.step) == 1:
            left = self.stale.get(self.step, 0.0) if handed is None else 0.0  # these add to nothing
            self.stale[self.step] = left / total if total else 0.0
        if self.by_hand is not False:
            values, own = self.copied()
            self.before = (values, own if handed is None else handed)

    def done(self, clock: float) -> None:
        """Note that an update was made, at this time."""
        if self.step >= self.next_close:
            self.next_close = math.ceil(self.step * CLOSE_GROWTH) + 1
        self.step += 1
        self.pending = False
        if self.doubt:
            self.gaps.setdefault("static", self.doubt)
            self.doubt = ""
        self.before = None
        self.ended = clock

    def join(self, others: list[Training], freezes: Freezes) -> None:
        """Take a place among the trainings that were seen before: what one of them trains is its own."""
        self.late = any(other.step for other in others)
        self.froze = {id(p): freezes.lines(p) for p in self.leaves if id(p) in self.frozen}
        for other in others:
            if other.capture is not None and other.capture.still & self.trained:
                other.settle()

    def draw(self, births: Births, modules: dict[int, nn.Module]) -> None:
        """Read how the parameters were drawn, before the first update.

        Weights that take no gradient, and may have been learnt before, are not drawn again.
        """
        for leaf, name in zip(self.leaves, self.names, strict=True):
            seen = births.of(leaf)
            module = modules.get(id(leaf))
            usual = None if births.unknown(leaf) else _default(module, leaf)
            draws = seen or usual or fitted(leaf)
            if id(leaf) in self.frozen and (self.late or seen is None):
                draws = (Draw("keep"),)
            elif seen is None and usual is None:
                self.gaps.setdefault(
                    "draws",
                    f"how {name} was drawn was not seen; trials draw it from a normal of the same"
                    " mean and spread",
                )
            self.draws.append(_by_fan(draws, module))
            self.made.append(births.line(leaf))
            self.filled.append(births.fills(leaf))

    def described(self, optimizer: Stepper) -> None:
        """Read the optimizer that is about to step, and the gradient that it finds."""
        if self.optimizer is None:
            self.optimizer = specification(optimizer)
            self.held_by(optimizer)
            if isinstance(optimizer, Standin):
                self.clips.own, self.clips.each = optimizer.limits, optimizer.each
        elif self.step < CLOSE_FIRST:
            self.also_held_by(optimizer)
        self.used()
        self.rates[self.step] = float(optimizer.param_groups[0].get("lr", math.nan))

    def held_by(self, optimizer: Stepper) -> None:
        """Note which parameters the optimizer updates: only their gradients matter from now on."""
        for number, group in enumerate(optimizer.param_groups):
            self.groups.update({id(p): number for p in group["params"]})
        if not self.trained <= self.groups.keys():
            self.stale.pop(self.step, None)
            self.after_backward.pop(self.step, None)

    def also_held_by(self, optimizer: Stepper) -> None:
        """Where two optimizers share the network, take the second one's groups for more of the first."""
        more = specification(optimizer)
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        first = self.optimizer
        if first is None or first.kind != more.kind or held & self.groups.keys():
            return
        for number, group in enumerate(optimizer.param_groups, start=len(first.groups)):
            self.groups.update({id(p): number for p in group["params"]})
        self.optimizer = dataclasses.replace(first, groups=(*first.groups, *more.groups))

    def rated(self, optimizer: Stepper) -> None:
        """Note the rate of the present step where it is another one than before."""
        rate = optimizer.param_groups[0].get("lr", math.nan)
        if rate != self.rate:
            self.rate = rate
            last = next(reversed(self.rates.values()), math.nan)
            if not abs(float(rate) - last) <= 0.01 * abs(last):  # what differs by less is the same
                self.rates[self.step] = float(rate)

    def used(self) -> None:
        """Note the gradient that the update finds: its norm and, where it was cut, its largest number."""
        self.at_step[self.step] = total = self.norm()
        if 0.0 < total < 0.999 * self.after_backward.get(self.step, 0.0):
            self.clips.peaks[self.step] = self.peak_before, self.peak()
        if not total:
            self.zeros = any(leaf.grad is not None for leaf in self._held())

    def peak(self) -> float:
        """Return the largest number in the gradient of what is updated (0 where there is none)."""
        grads = [leaf.grad.detach() for leaf in self._held() if leaf.grad is not None]
        dense = [grad.coalesce().values() if grad.is_sparse else grad for grad in grads]
        return max((float(grad.abs().max()) for grad in dense if grad.numel()), default=0.0)

    def norm(self) -> float:
        """Return the norm of the gradient of all parameters that are updated (0 where there is none)."""
        return norm([leaf.grad for leaf in self._held()])

    def cut_idly(self) -> None:
        """Note what clipping left of a gradient that no update may come to use."""
        self.idle.clipped(self.norm(), (self.peak_before, self.peak()))

    def _held(self) -> list[Tensor]:
        held = self.groups or (self.idle.own.groups if self.idle.own else {})
        return [leaf for leaf in self.leaves if not held or id(leaf) in held]

    def copied(self) -> tuple[list[Tensor], list[Tensor | None]]:
        """Return copies of parameters and gradients."""
        values = [leaf.detach().clone() for leaf in self.leaves]
        grads = [None if leaf.grad is None else leaf.grad.detach().clone() for leaf in self.leaves]
        return values, grads

    def moved_by_hand(self) -> bool:
        """Say whether the parameters changed since the last backward pass, and read the rate."""
        if self.before is None:
            return False
        values, grads = self.before
        moves = [leaf.detach() - old for leaf, old in zip(self.leaves, values, strict=True)]
        if not any(bool(move.any()) for move in moves):
            return False
        pairs = [
            (m.double(), g.double()) for m, g in zip(moves, grads, strict=True) if g is not None
        ]
        squared = sum(float(g.pow(2).sum()) for _, g in pairs)
        dot = sum(float((m * g).sum()) for m, g in pairs)
        rate = -dot / squared if squared else math.nan
        error = sum(float((m + rate * g).pow(2).sum()) for m, g in pairs)
        total = sum(float(m.pow(2).sum()) for m, _ in pairs)
        plain = bool(total) and error <= 1e-4 * total
        kind = "SGD" if plain else "unknown"
        rounded = float(f"{rate:.4g}") if plain else math.nan
        self.optimizer = self.optimizer or Optimizer(kind, ({"lr": rounded},), by_hand=True)
        return True

    def setup(self, *, keep_data: bool, end: bool) -> Setup | None:
        """Return the training procedure, None where the program could not be followed."""
        if self.capture is None or self.optimizer is None or not self.rows.batches:
            return None
        slots, program = list(self.capture.data), self.modes.told(self.capture.program)
        if not keep_data:  # what looks like a constant may hold rows
            program = dataclasses.replace(program, constants={})
        loop = habits(self)
        steps, anew = max(self.step, 1), self.anew and "batch" in self.lines
        data, plan = self.rows.data(slots, steps, loop.backwards, keep=keep_data, anew=anew)
        parameters = tuple(
            Parameter(
                slot,
                name,
                start,
                draws,
                array(leaf) if end else None,
                self.groups.get(id(leaf), -1 if self.groups else 0),
                None if made is None else (made.file, made.line),
                tuple((fill.file, fill.line) for fill in filled),
                self.hidden.get(id(leaf), ""),
                id(leaf) in self.frozen,
                tuple((line.file, line.line) for line in self.froze.get(id(leaf), ())),
            )
            for slot, leaf, name, start, draws, made, filled in zip(
                self.capture.parameters,
                self.leaves,
                self.names,
                self.starts,
                self.draws,
                self.made,
                self.filled,
                strict=True,
            )
        )
        optimizer = Optimizer(
            self.optimizer.kind, self.optimizer.groups, self.optimizer.by_hand, self._schedule()
        )
        return Setup(program, parameters, data, plan, optimizer, loop)

    def _schedule(self) -> tuple[tuple[int, float], ...]:
        """Return the factors on the first rate, where they change."""
        first = self.optimizer.rate if self.optimizer else math.nan
        found: list[tuple[int, float]] = []
        for step, rate in sorted(self.rates.items()):
            factor = rate / first if first else 1.0
            if abs(factor - (found[-1][1] if found else 1.0)) > 1e-9:
                found.append((step, factor))
        return tuple(found)


def alone(seen: Capture, others: Iterable[Training]) -> Capture:
    """Return a step without the weights that no gradient reaches, where another training has them."""
    shared = any(seen.still & other.trained for other in others)
    return seen.plain if shared and seen.plain is not None else seen


def norm(grads: list[Tensor | None]) -> float:
    """Return the norm of a gradient in parts (0 where there is none)."""
    return math.hypot(*(_length(grad.detach()) for grad in grads if grad is not None))


def _length(grad: Tensor) -> float:
    """Return the norm of one part, in single precision unless that overflows."""
    if grad.is_sparse:
        grad = grad.coalesce().values()
    length = float(torch.linalg.vector_norm(grad, dtype=max(grad.dtype, torch.float32, key=_size)))
    return length if math.isfinite(length) else float(torch.linalg.vector_norm(grad.double()))


def _size(dtype: torch.dtype) -> int:
    return dtype.itemsize


def _named(leaves: list[Tensor], names: dict[int, str]) -> list[str]:
    found = []
    for number, leaf in enumerate(leaves):
        name = names.get(id(leaf), f"parameter {number + 1}")
        found.append(name if name not in found else f"{name} ({number + 1})")
    return found


def _default(module: nn.Module | None, leaf: Tensor) -> Draws | None:
    """Return torch's default draws of a layer whose making was not seen, if its values fit them."""
    weight = getattr(module, "weight", None)
    if not isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d) or weight is None:
        return None
    fan = math.prod(weight.shape[1:])
    if float(leaf.detach().abs().max()) <= 1.0001 / math.sqrt(fan):
        return (Draw("fan_uniform", (1.0,), fan),)
    return None


def _by_fan(draws: Draws, module: nn.Module | None) -> Draws:
    """Write a uniform within 1/sqrt(fan-in) of the layer as such, so that it scales with its size."""
    weight = getattr(module, "weight", None)
    if len(draws) != 1 or draws[0].how != "uniform" or weight is None or weight.dim() < 2:
        return draws
    fan = math.prod(weight.shape[1:])
    low, high = draws[0].numbers
    if math.isclose(high, 1.0 / math.sqrt(fan), rel_tol=1e-6) and low == -high:
        return (Draw("fan_uniform", (1.0,), fan),)
    return draws
