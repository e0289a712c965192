"""The frozen-kernel forecast: what gradient descent on squared errors would do if its tangent kernel
never changed.

Everything here is in scaled form. Of a loss that is a sum of squares, c · Σ(v - y)², and of weights
with learning rates, take residuals r = √(2c) · (v - y), so that the loss is ½|r|², and the Jacobian
J = √(2c) · ∂v/∂weights · √rates. Then a step of gradient descent changes the residuals of a linear
network, and to first order those of any, by -J·Jᵀ·r (Jacot, Gabriel and Hongler 2018,
arXiv:1806.07572; Lee et al. 2019, arXiv:1902.06720, section 2.2, for squared errors), and each mode
of J·Jᵀ goes its own way: by (1 - λ) a step, or by a two-term recursion with momentum (Polyak 1964;
Goh 2017, "Why Momentum Really Works", distill.pub).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.foreseen import NEVER, Foreseen

HUGE = 1e12  # steps after which what has not been learned is called never: nobody trains so long
GRID = (
    400  # steps, evenly spaced in their logarithm, among which the first one below a loss is sought
)
HALVINGS = 60  # of the bracket found: to the last bit of a step number
THINNED = 200  # points of a curve, evenly spaced in the logarithm of the steps
TOUCHING = (
    1e-7  # two roots nearer than that are one: the formula for two would lose half its digits
)
SURE, LOOSE = 1.1, 3.0  # factors within which steps lie where the way is short, or not too long
LAZY, MOVING = (
    0.6,
    4.0,
)  # laziness up to which they held in 19 of 19, and then in 19 of 20 comparisons, with
# 14 of the problems of benchmarks/regressions.py, drawn otherwise; see docs/theory/forecast.md


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """The modes of a tangent kernel, the fastest first, with what is left to learn in each.

    rates: (n,) eigenvalues λ of J·Jᵀ, the share of a mode's residual that one step of plain gradient
    descent removes; vectors: (n, n) modes as columns; residual: (n,) the residuals in this basis.
    """

    rates: Array
    vectors: Array
    residual: Array

    @property
    def loss(self) -> float:
        """The loss before the first step, ½|r|²."""
        return float(self.residual @ self.residual) / 2

    @property
    def shares(self) -> Array:
        """Share of the loss (n,) that lies in each mode."""
        whole = 2 * self.loss
        return self.residual**2 / whole if whole > 0 else np.zeros_like(self.residual)


def modes(jacobian: Array, residuals: Array) -> Modes:
    """Return the modes of J·Jᵀ for a scaled Jacobian (n, p) and scaled residuals (n,)."""
    jacobian = np.asarray(jacobian, float)
    return modes_of_kernel(jacobian @ jacobian.T, residuals)


def modes_of_kernel(kernel: Array, residuals: Array) -> Modes:
    """Return the modes of a scaled tangent kernel (n, n) with the scaled residuals (n,).

    Raises ValueError where shapes disagree or a number is not finite.
    """
    kernel, residuals = np.asarray(kernel, float), np.asarray(residuals, float)
    if residuals.ndim != 1 or kernel.shape != (len(residuals), len(residuals)):
        raise ValueError(
            f"a kernel of shape {kernel.shape} does not fit residuals of shape {residuals.shape}: give"
            " one residual a row of a square kernel"
        )
    if not (np.isfinite(kernel).all() and np.isfinite(residuals).all()):
        raise ValueError(
            "the kernel or the residuals hold what is no number: forecast other weights"
        )
    values, vectors = np.linalg.eigh(kernel)
    values, vectors = values[::-1], vectors[:, ::-1]
    rounding = len(values) * np.finfo(float).eps * max(values[0], 0.0) if len(values) else 0.0
    values = np.where(values > rounding, values, 0.0)
    return Modes(values, vectors, vectors.T @ residuals)


def after(
    rates: Array, residual: Array, velocity: Array, steps: Array | float, momentum: float
) -> tuple[Array, Array]:
    """Return residuals and velocities (…, n) in the modes after so many steps (…).

    rates, residual, velocity: (n,). One step is velocity ← m·velocity + λ·residual and then
    residual ← residual - velocity, as in torch's SGD; without momentum residual·(1 - λ)^steps. The
    two-by-two recursion M is raised to its power in closed form: M^t = s(t)·M - m·s(t - 1), with
    s(t) = (μ₁^t - μ₂^t)/(μ₁ - μ₂) for the roots of μ² - (1 + m - λ)·μ + m (Cayley and Hamilton).
    """
    count = np.asarray(steps, float)[..., None]
    middle = 1 - momentum + rates
    root = np.sqrt((middle**2 - 4 * rates).astype(complex))
    small = 2 * rates / np.where(middle + root == 0, 1, middle + root)  # 1 - μ₁, no digit lost
    large = (middle + root) / 2
    gap = large - small
    one, two = _power(small, count), _power(large, count)
    one_less, two_less = _power(small, count - 1), _power(large, count - 1)
    touching = np.abs(gap) < TOUCHING
    gap = np.where(touching, 1, gap)
    sums = np.where(touching, count * one_less, (one - two) / gap).real
    before = np.where(
        touching, (count - 1) * _power(small, count - 2), (one_less - two_less) / gap
    ).real
    first = sums * ((1 - rates) * residual - momentum * velocity) - momentum * before * residual
    second = sums * (rates * residual + momentum * velocity) - momentum * before * velocity
    begun = count >= 1
    return np.where(begun, first, residual), np.where(begun, second, velocity)


def _power(left: Array, count: Array) -> Array:
    """Return (1 - left)^count, with all digits where left is tiny (numpy's complex log1p loses them)."""
    root, near = 1 - left, np.abs(left) < 0.5
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tiny = np.where(near, np.abs(left) ** 2 - 2 * left.real, 0.0)
        size = np.where(near, np.log1p(tiny) / 2, np.log(np.abs(root)))
        found = np.exp(count * (size + 1j * np.angle(root)))
    return np.where(count == 0, 1.0, np.where(root == 0, 0.0, found))


def losses_after(modes: Modes, steps: Array, *, momentum: float = 0.0) -> Array:
    """Return the loss after each of these numbers of steps (m,), by the frozen kernel.

    momentum: of heavy-ball descent from rest; one that is reset at each step is none.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        left, _ = after(modes.rates, modes.residual, np.zeros_like(modes.rates), steps, momentum)
        found = (left**2).sum(-1) / 2
    return np.where(np.isnan(found), NEVER, found)


def steps_to(modes: Modes, loss: float, *, momentum: float = 0.0) -> float:
    """Return the first step after which the frozen kernel's loss is at most `loss`; infinite if never.

    Sought among numbers of steps evenly spaced in their logarithm, up to 10¹², and then halved: exact
    where the loss falls all the time, as without momentum and below the edge of stability; a dip between
    two of these numbers, to where the loss does not stay, is passed over.
    """
    if modes.loss <= loss:
        return 0.0
    steps = np.unique(np.round(np.geomspace(1, HUGE, GRID)))
    met = losses_after(modes, steps, momentum=momentum) <= loss
    if not met.any():
        return NEVER
    place = int(np.argmax(met))
    low, high = float(steps[place - 1]) if place else 0.0, float(steps[place])
    for _ in range(HALVINGS):
        if high - low <= 1:
            break
        between = float(np.floor((low + high) / 2))
        reached = losses_after(modes, np.array([between]), momentum=momentum)[0] <= loss
        low, high = (low, between) if reached else (between, high)
    return high


def stable(modes: Modes, *, momentum: float = 0.0) -> bool:
    """Whether no mode grows: λ below 2(1 + m) (Cohen et al. 2021, arXiv:2103.00065, equation 1)."""
    return bool(modes.rates[0] < 2 * (1 + momentum)) if len(modes.rates) else True


def laziness(modes: Modes, norm: float, *, steps: float = NEVER, momentum: float = 0.0) -> float:
    """Return how far the weights go in so many steps, by the frozen kernel, over a norm of weights.

    √Σ((zᵢ(0) - zᵢ(t))²/λᵢ)/norm, of modes that are learned in 10¹² steps; in infinitely many it is that of
    the distance √Σ(zᵢ²/λᵢ) to the nearest weights that fit. norm: of the weights that are compared with, each
    over the root of its rate.
    """
    learned = modes.rates * HUGE > 1
    rest = np.zeros_like(modes.rates)
    left = (
        rest if math.isinf(steps) else after(modes.rates, modes.residual, rest, steps, momentum)[0]
    )
    gone = (modes.residual - left)[learned]
    distance = math.sqrt(float((gone**2 / modes.rates[learned]).sum()))
    return distance / norm if norm > 0 else NEVER


def frozen(modes: Modes, loss: float, norm: float, *, momentum: float = 0.0) -> Foreseen:
    """Return when the loss is at most `loss` by the kernel of these weights, within a range by laziness.

    norm: of the last layer's weights, as in `laziness`. There are no steps (NaN) where the kernel will
    not stay what it is.
    """
    met = steps_to(modes, loss, momentum=momentum)
    if stable(modes, momentum=momentum):
        index = laziness(modes, norm, steps=met, momentum=momentum)
        trust = SURE if index <= LAZY else LOOSE if index <= MOVING else math.nan
        why = f"within a factor of {trust:g}: laziness {index:.2g}"
        if math.isnan(trust):
            why = f"the kernel changes too much on the way: laziness {index:.3g}, above {MOVING:g}"
    else:
        trust, why = (
            math.nan,
            "the rate is above the edge of stability: no kernel tells what follows",
        )
    end = min(met, HUGE)
    steps = np.unique(np.round(np.geomspace(1, max(end, 1), THINNED - 1)))
    steps = np.concatenate([[0.0], steps])
    losses = losses_after(modes, steps, momentum=momentum)
    known = not math.isnan(trust)
    plateau = float(losses[-1]) if known and math.isinf(met) else None
    low, median, high = (met / trust, met, met * trust) if known else (math.nan,) * 3
    return Foreseen(low, median, high, plateau, "frozen tangent kernel", steps, losses, why)
