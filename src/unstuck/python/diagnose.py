"""`unstuck.diagnose`: a model and its rows, and out comes what hinders it from learning them."""

from __future__ import annotations

import math
import sys
from typing import Any

from unstuck.core.options import Options
from unstuck.core.recording import Recording
from unstuck.python.diagnosis import Diagnosis
from unstuck.python.fresh import diagnosed
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.runner import duration


def diagnose(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: Any = None,
    optimizer: Any = None,
    metric: Any = None,
    epochs: int = 100,
    batch_size: int = 32,
    budget: str | float = "60s",
    seeds: int = 64,
    random_state: int = 0,
) -> Diagnosis:
    """Train a copy of a model on these rows, and say whether it learns, and if not, why.

    model: a torch module, as it is before its training. The copy begins at its present weights.
    X (n, …), y (n, …): arrays, tensors, tables or lists of numbers, one target for each row. loss: a torch loss
    (module or function of outputs and targets), called on ``model(X[batch])`` and ``y[batch]`` as your loop would,
    a name (`mse`, `mae`, `huber`, `bce`, `bce_logits`, `cross_entropy`, `nll`), or None: chosen by the targets,
    which then get the shape that it wants. optimizer: a torch optimizer of this model, a function that makes one of
    parameters, a class or a name; None is Adam. metric: a function of outputs and targets such as your accuracy; it is
    called on all rows in evaluation mode, and what it compares is examined. epochs, batch_size: of the training
    that is diagnosed. budget: what the search for a cure may cost, `60s`, `5m` or seconds. seeds: starts that
    each trial trains. random_state: of the order of the rows, and of all trials.

    The model, its optimizer, and the random states and settings of the process stay as they are. Raises Undiagnosable (a
    ValueError) with one sentence where something given cannot be used.
    """
    options = Options(
        seconds=_seconds(budget),
        members=_whole("seeds", seeds),
        random_state=random_state,
    )
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise Undiagnosable(
            f"model is a {type(model).__name__}; give a torch.nn.Module, or record what trains it with"
            " unstuck.watch()."
        )
    recording, taken = _of_module(
        model,
        X,
        y,
        loss=loss,
        optimizer=optimizer,
        metric=metric,
        epochs=_whole("epochs", epochs),
        batch_size=_whole("batch_size", batch_size),
        random_state=random_state,
    )
    return diagnosed(recording, options, taken)


def _of_module(model: Any, X: Any, y: Any, **settings: Any) -> tuple[Recording, tuple[str, ...]]:
    from unstuck.python.torch.training import recorded

    return recorded(model, X, y, **settings)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Undiagnosable(f"{name}={value!r}; give a whole number of at least 1.")
    return value


def _seconds(budget: str | float) -> float:
    try:
        found = duration.seconds(budget) if isinstance(budget, str) else float(budget)
    except (TypeError, ValueError) as error:
        raise Undiagnosable(
            f"budget={budget!r} is no time; give 60s, 5m or a number of seconds."
        ) from error
    if not 0 < found < math.inf:
        raise Undiagnosable(
            f"budget={budget!r} leaves no time; give 60s, 5m or a number of seconds."
        )
    return found
