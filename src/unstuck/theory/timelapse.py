"""The time-lapse forecast: gradient descent in jumps of many steps, each exact for the kernel of its start.

From some weights the linearised network is trained in closed form, which also says where the weights
go (Lee et al. 2019, arXiv:1902.06720, section 2.2: they move by Jᵀ times a function of J·Jᵀ of the
residuals). There the kernel is computed anew. What the true network says at the new weights tells how
long a jump may be. Where only short ones hold, the steps themselves are made: that is exact, and cheaper.
Residuals, weights and Jacobian are in the scaled form of `tangent`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.foreseen import NEVER, Foreseen, How
from unstuck.theory.tangent import THINNED, Modes, after, modes

TOLERANCE = 0.01  # of the residuals: by how much the true ones may differ from those of a jump
PATIENCE = (
    200  # kernels after which twice that is tolerated, and so on: where thresholds of ReLU units
)
# rest on data points, an error grows with the jump itself, and a fine forecast would get nowhere
COARSEST = 0.3  # of the residuals: what is tolerated in the end
GROWTH, SHRINK = 4.0, 0.1  # by which a jump's length changes at most from one to the next
SAFETY = 0.8  # of the length at which the error would just be tolerable: it grows as its square
BURST = 64  # steps that are made one by one where a jump would be no longer
LONGEST = 1e10  # steps after which the curve is at rest: nobody trains so long
LOOKS = 3000  # kernels at most
WALKS = 500  # bursts of true steps at most
INSIDE = 32  # points of the curve noted of each jump
RANGE = 1.5  # the factor within which steps lie: 1.08 was the worst of 61 comparisons of up to 10,000 steps,
# many of them made one by one, and longer trainings pass more jumps; see docs/theory/forecast.md
COARSE = (
    0.1  # of the residuals: beyond that the range is twice as wide, since no comparison needed it
)
HOW: How = "time-lapse tangent kernel"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A training by gradient descent in scaled form: r of weights w (p,), and how it changes.

    start: (p,) weights over the roots of their rates; residuals: w -> (n,), the loss being ½|r|²;
    jacobian: w -> (n, p); gradient: w -> (p,), Jᵀ·r by a backward pass.
    """

    start: Array
    residuals: Callable[[Array], Array]
    jacobian: Callable[[Array], Array]
    gradient: Callable[[Array], Array]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where a training is: steps made, weights (p,), velocity (p,), residuals (n,)."""

    step: float
    weights: Array
    velocity: Array
    residuals: Array

    @property
    def loss(self) -> float:
        """The loss, ½|r|²."""
        return float(self.residuals @ self.residuals) / 2


def jumped(state: State, jacobian: Array, found: Modes, steps: float, momentum: float) -> State:
    """Return where the linearised training is after so many steps.

    The weights are w - Jᵀ·S - (m + … + m^t)·velocity, where S holds, mode by mode, what drove the
    residuals from where they were to where they are: λ·S = z(0) - z(t) - (m + … + m^t)·(J·velocity).
    """
    decay = momentum**steps
    free = momentum * (1 - decay) / (1 - momentum)
    moving = found.vectors.T @ (jacobian @ state.velocity)
    left, speed = after(found.rates, found.residual, moving, steps, momentum)
    rates = np.where(found.rates > 0, found.rates, np.inf)
    driven = (found.residual - left - free * moving) / rates
    kept = (speed - decay * moving) / rates
    return State(
        state.step + steps,
        state.weights - free * state.velocity - jacobian.T @ (found.vectors @ driven),
        decay * state.velocity + jacobian.T @ (found.vectors @ kept),
        found.vectors @ left,
    )


def walked(training: Training, state: State, steps: int, momentum: float) -> Iterator[State]:
    """Yield the true training after each of so many steps."""
    for _ in range(steps):
        velocity = momentum * state.velocity + training.gradient(state.weights)
        weights = state.weights - velocity
        state = State(state.step + 1, weights, velocity, training.residuals(weights))
        yield state


def error(training: Training, foreseen: State) -> tuple[float, State]:
    """Return how far the true residuals are from those foreseen, over their size, and the true state."""
    true = training.residuals(foreseen.weights)
    if not np.isfinite(true).all():
        return NEVER, foreseen
    size = max(float(np.linalg.norm(true)), math.ulp(0.0))
    off = float(np.linalg.norm(true - foreseen.residuals)) / size
    return off, dataclasses.replace(foreseen, residuals=true)


class _Lapse:
    """A forecast on its way: where it is, the curve behind it, how long the next jump may be."""

    def __init__(self, training: Training, loss: float, momentum: float) -> None:
        self.training, self.aim, self.momentum = training, loss, momentum
        rest = np.zeros_like(training.start)
        self.here = State(0.0, training.start, rest, training.residuals(training.start))
        self.steps, self.losses = [0.0], [self.here.loss]
        self.jump, self.looks, self.walks = 1.0, 0, 0

    @property
    def tolerance(self) -> float:
        """By how much true residuals may differ from those of the next jump, over their size."""
        return float(min(TOLERANCE * 2 ** (self.looks / PATIENCE), COARSEST))

    @property
    def met(self) -> bool:
        """Whether the true loss is at most the one asked for."""
        return self.here.loss <= self.aim

    def advance(self) -> None:
        """Make a jump, or a burst of steps where a jump would be no longer."""
        if self.jump > BURST:
            self.looks += 1
            jacobian = self.training.jacobian(self.here.weights)
            found = modes(jacobian, self.here.residuals)
            while self.jump > BURST:
                if self._tried(jacobian, found):
                    return
        self._walk()

    def _walk(self) -> None:
        self.walks += 1
        for state in walked(self.training, self.here, BURST, self.momentum):
            self.here = state
            self._noted(self.here.step, self.here.loss)
            if self.met:
                return
        self.jump = 2.0 * BURST

    def _tried(self, jacobian: Array, found: Modes) -> bool:
        """Make the jump if it holds; set the length of the next one, or of the next try."""
        there = jumped(self.here, jacobian, found, self.jump, self.momentum)
        off, true = error(self.training, there)
        factor = SAFETY * math.sqrt(self.tolerance / max(off, math.ulp(0.0)))
        if off > self.tolerance:
            self.jump = math.floor(self.jump * min(max(factor, SHRINK), 0.5))
            return False
        self._between(jacobian, found, true)
        self.here = true
        self.jump = math.floor(self.jump * min(max(factor, 1.0), GROWTH))
        return True

    def _between(self, jacobian: Array, found: Modes, true: State) -> None:
        """Note the curve inside the jump as foreseen, bent to the true loss at its end."""
        moving = found.vectors.T @ (jacobian @ self.here.velocity)
        steps = np.unique(np.round(np.geomspace(1, self.jump, INSIDE)))
        left, _ = after(found.rates, found.residual, moving, steps, self.momentum)
        losses = (left**2).sum(1) / 2
        bend = true.loss / losses[-1] if losses[-1] > 0 else 1.0
        for step, loss in zip(steps, losses * bend ** (steps / self.jump), strict=True):
            self._noted(self.here.step + float(step), float(loss))

    def _noted(self, step: float, loss: float) -> None:
        self.steps.append(step)
        self.losses.append(loss)


def lapse(
    training: Training,
    loss: float,
    *,
    momentum: float = 0.0,
    looks: int = LOOKS,
    walks: int = WALKS,
) -> Foreseen:
    """Return when gradient descent is at most at `loss`, and the curve up to there or to where it rests.

    momentum: heavy-ball momentum in [0, 1), from rest. looks, walks: kernels, and bursts of true steps,
    that may be spent at most.
    Raises ValueError for a momentum that is none.
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"a momentum of {momentum:g} is none: give one from 0 up to below 1")
    going = _Lapse(training, loss, momentum)
    why = ""
    while not going.met and going.here.step < LONGEST and not why:
        going.advance()
        why = _spent(going, looks, walks)
    return _foreseen(going, why)


def _spent(going: _Lapse, looks: int, walks: int) -> str:
    """Return why the forecast ends here, "" if it need not."""
    step = f"the forecast ended at step {going.here.step:,.0f}: "
    if not math.isfinite(going.here.loss):
        return step + "the loss is no number there"
    if going.looks >= looks or going.walks >= walks:
        return step + "the kernel changes too fast for long jumps"
    return ""


def _foreseen(going: _Lapse, why: str) -> Foreseen:
    steps, losses = np.array(going.steps), np.array(going.losses)
    if going.met:
        end = int(np.argmax(losses <= going.aim))
        met = float(steps[end])
        steps, losses = thinned(steps[: end + 1], losses[: end + 1])
        trust = RANGE if going.tolerance <= COARSE else 2 * RANGE
        why = f"within a factor of {trust:g}"
        return Foreseen(met / trust, met, met * trust, None, HOW, steps, losses, why)
    steps, losses = thinned(steps, losses)
    if why:
        return Foreseen(going.here.step, math.nan, NEVER, None, HOW, steps, losses, why)
    why = "the curve comes to rest above the loss asked for"
    return Foreseen(NEVER, NEVER, NEVER, float(losses[-1]), HOW, steps, losses, why)


def thinned(steps: Array, losses: Array) -> tuple[Array, Array]:
    """Return at most `THINNED` points of a curve, about evenly spaced in the logarithm of the steps."""
    if len(steps) <= THINNED:
        return steps, losses
    places = np.geomspace(1, max(float(steps[-1]), 1.0), THINNED - 1)
    kept = np.unique(np.concatenate([[0], np.searchsorted(steps, places), [len(steps) - 1]]))
    kept = kept[kept < len(steps)]
    return steps[kept], losses[kept]
