"""L-BFGS over a network's weights: scipy's, stopped by our clock, with the best vector kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch import Tensor

from unstuck.solver.descent import Descent, End, Until

MEMORY = 10  # pairs kept, scipy's own choice; its work between passes grows with their cube
FAR = 1e300  # offered to the line search where the loss is no number: it turns back
STILL = 1e-13  # relative fall over a step below which scipy calls it converged; float64 holds 1e-16
FLAT = 1e-12  # largest entry of the gradient at a minimum, in the units of the solving

LossAndGradient = Callable[[Tensor], tuple[float, Tensor]]


class _Enough(Exception):
    """Raised inside of scipy's loop, which knows no clock and no target."""


def lbfgs(loss_and_gradient: LossAndGradient, start: Tensor, until: Until, flops: float) -> Descent:
    """Return the descent of a loss over a vector (p,) from a start.

    L-BFGS-B of Byrd, Lu, Nocedal and Zhu 1995 (SIAM J. Sci. Comput. 16:1190) as scipy ships it. flops:
    operations of one evaluation. scipy's own matrices are tiny: handed out over threads, a step between
    two evaluations was measured to take 4 ms instead of 0.1, so they get one, and the setting is put back.
    """
    best: list[Any] = [float("inf"), start]
    counts = {"evaluations": 0, "steps": 0}
    ends: list[End] = []

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        vector = torch.from_numpy(values.copy())
        loss, gradient = loss_and_gradient(vector.to(start.dtype))
        counts["evaluations"] += 1
        if not (np.isfinite(loss) and bool(torch.isfinite(gradient).all())):
            return FAR, np.zeros_like(values)
        if loss < best[0]:
            best[:] = [loss, vector.to(start.dtype)]
        end = until.end(loss, counts["steps"])
        if end is not None:
            ends.append(end)
            raise _Enough
        return loss, gradient.double().numpy()

    def stepped(_: np.ndarray) -> None:
        counts["steps"] += 1

    settings = {
        "maxiter": until.steps,
        "maxfun": 10 * until.steps,
        "maxcor": MEMORY,
        "ftol": STILL,
        "gtol": FLAT,
        "maxls": 40,
    }
    try:
        with threadpool_limits(1, user_api="blas"):
            minimize(
                objective,
                start.double().numpy().copy(),
                jac=True,
                method="L-BFGS-B",
                callback=stepped,
                options=settings,
            )
        ends.append("steps" if counts["steps"] >= until.steps else "converged")
    except _Enough:
        pass
    evaluations = counts["evaluations"]
    return Descent(best[1], best[0], counts["steps"], evaluations, flops * evaluations, ends[-1])
