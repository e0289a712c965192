"""The loss of a batch from its logits, where scikit-learn reports one of probabilities that it has cut off.

Its cross-entropies draw probabilities to within a rounding of 0 and 1, which holds the reported loss below about 36
a row; the gradient that it trains by is that of the loss which is not cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit, logsumexp  # type: ignore[import-untyped]

from unstuck.core.setup import Tensor

BENDS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda sums: sums,
    "relu": lambda sums: np.maximum(sums, 0),
    "tanh": np.tanh,
    "logistic": expit,
}
"""Hidden activations by scikit-learn's names."""


def clipped(ends: str, args: tuple[Any, ...]) -> bool:
    """Whether a probability of this batch was cut off; args: those of `_backprop`, activations among them."""
    if ends not in {"softmax", "logistic"}:
        return False
    given = next((one for one in args[3:5] if isinstance(one, list)), None)
    made = given[-1] if given else None
    if made is None:
        return False
    edge = np.finfo(made.dtype).eps
    return bool(made.min() <= edge or made.max() >= 1 - edge)


def loss_of(estimator: Any, X: Any, y: Tensor) -> float:
    """Return the mean cross-entropy of rows X (n, d) and binarized targets y (n, k)."""
    bend = BENDS[estimator.activation]
    made = X
    for layer, (coef, intercept) in enumerate(
        zip(estimator.coefs_, estimator.intercepts_, strict=True)
    ):
        made = np.asarray((made if not layer else bend(made)) @ coef) + intercept
    if estimator.out_activation_ == "softmax":
        each = logsumexp(made, axis=1) - (made * y).sum(axis=1)
    else:
        each = (np.logaddexp(0.0, made) - made * y).sum(axis=1)
    return float(each.mean())
