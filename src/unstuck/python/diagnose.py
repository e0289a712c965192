"""`unstuck.diagnose`: a model and its rows, and out comes what hinders it from learning them."""

from __future__ import annotations

import sys
from typing import Any

from unstuck.python.diagnosis import Diagnosis
from unstuck.python.fitting import is_estimator
from unstuck.python.fresh import diagnosed
from unstuck.python.options import options, whole
from unstuck.python.undiagnosable import Undiagnosable

EPOCHS, BATCH = 100, 32
"""Of the training of a torch module, where they are not given."""


def diagnose(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: Any = None,
    optimizer: Any = None,
    metric: Any = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    budget: str | float = "60s",
    seeds: int = 64,
    random_state: int = 0,
) -> Diagnosis:
    """Train a copy of a model on these rows, and say whether it learns, and if not, why.

    model: a torch module, whose copy begins at its present weights; or an MLPClassifier or MLPRegressor of
    scikit-learn, alone, in a pipeline or in a search, of which a copy is fitted as it is set. X (n, …), y (n, …): arrays,
    tensors, tables or lists, one target for each row.

    Of a torch module: loss: a torch loss (module or function of outputs and targets), called on ``model(X[batch])`` and
    ``y[batch]`` as your loop would, a name (`mse`, `mae`, `huber`, `bce`, `bce_logits`, `cross_entropy`, `nll`), or None:
    chosen by the targets, which then get the shape that it wants. optimizer: a torch optimizer of this model, a function
    that makes one of parameters, a class or a name; None is Adam. metric: a function of outputs and targets such as your
    accuracy; it is called on all rows in evaluation mode, and what it compares is examined. epochs (100), batch_size (32): of
    the training that is diagnosed.

    budget: what the search for a cure may cost, `60s`, `5m` or seconds. seeds: starts that each trial trains.
    random_state: of the order of the rows, and of all trials.

    The model, its optimizer, and the random states and settings of the process stay as they are. Raises Undiagnosable (a
    ValueError) with one sentence where something given cannot be used.
    """
    wanted = options(budget, seeds, random_state)
    own = {
        "loss": loss,
        "optimizer": optimizer,
        "metric": metric,
        "epochs": epochs,
        "batch_size": batch_size,
    }
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        own["epochs"] = whole("epochs", EPOCHS if epochs is None else epochs)
        own["batch_size"] = whole("batch_size", BATCH if batch_size is None else batch_size)
        from unstuck.python.torch.training import recorded

        recording, taken = recorded(model, X, y, random_state=random_state, **own)
        return diagnosed(recording, wanted, taken)
    if not is_estimator(model):
        raise Undiagnosable(
            f"model is a {type(model).__name__}; give a torch.nn.Module or a perceptron of scikit-learn, or"
            " record what trains it with unstuck.watch()."
        )
    from unstuck.python import fitting

    _refuse(own)
    return diagnosed(fitting.recorded(model, X, y, random_state=random_state), wanted)


def _refuse(given: dict[str, Any]) -> None:
    """Refuse what an estimator is told by its own constructor."""
    name = next((name for name, value in given.items() if value is not None), None)
    if name is not None:
        raise Undiagnosable(
            f"{name}={given[name]!r} belongs to torch modules; an estimator is set by its own arguments"
            " (max_iter, batch_size, solver, …)."
        )
