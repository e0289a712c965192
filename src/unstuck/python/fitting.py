"""An estimator given to `unstuck.diagnose`: a copy of it is fitted in this process while the fit is watched."""

from __future__ import annotations

import copy
import sys
import warnings
from typing import Any

import numpy as np

from unstuck.core.recording import Recording
from unstuck.python.aside import aside
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.record import frames
from unstuck.record.observer import PERCEPTRONS
from unstuck.record.sklearn.session import recording
from unstuck.record.sklearn.watcher import Watcher

NONE = "the estimator holds no MLPClassifier or MLPRegressor; give one of these, alone, in a pipeline or in a search"


def is_estimator(model: Any) -> bool:
    """Whether this is an object of scikit-learn's make that can be fitted."""
    return hasattr(model, "fit") and hasattr(model, "get_params")


def recorded(estimator: Any, X: Any, y: Any, *, random_state: int) -> Recording:
    """Return the recording of the fit of a copy; the estimator stays as it is. Raises Undiagnosable.

    A generator that no `random_state` of the estimator's sets begins at the one given here.
    """
    module = sys.modules.get(PERCEPTRONS)
    if module is None:
        raise Undiagnosable(f"{NONE}.")
    try:
        copied = copy.deepcopy(estimator)
    except Exception as error:
        raise Undiagnosable(f"the estimator cannot be copied: {error}.") from error
    watcher = Watcher()
    failure: Exception | None = None
    with aside(random_state), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they are about is what the diagnosis answers
        try:
            watcher.attach(module)
            _fit(copied, X, y)
        except Exception as error:
            failure = error
        finally:
            watcher.detach()
    made = recording(watcher, {"how": "finished"}, keep_data=True)
    if made is not None:
        return made
    if failure is None:
        raise Undiagnosable(f"{NONE}.")
    if np.asarray(y).dtype.kind in "US":
        raise Undiagnosable(
            "y holds words and the fit fails; give a regressor numbers."
        ) from failure
    why = " ".join(str(failure).split())[:300].rstrip(".")
    raise Undiagnosable(f"the fit fails with {type(failure).__name__}: {why}.") from failure


def _fit(estimator: Any, X: Any, y: Any) -> None:
    estimator.fit(X, y)


frames.end_at(_fit.__code__)
