"""The hooks in scikit-learn's perceptrons, and what they tell of the fits that are watched.

They read what passes by and change nothing: weights, warnings and random states are those of a fit that
nobody watches. A failure of ours becomes a gap.
"""

from __future__ import annotations

import os
import sys
import time
import weakref
from collections.abc import Callable
from pathlib import PurePath
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from unstuck.record import frames
from unstuck.record.seams import Seams
from unstuck.record.sklearn.built import Built
from unstuck.record.sklearn.fit import FIRST, Fit
from unstuck.record.sklearn.loss import clipped, loss_of
from unstuck.runner.stop import due, now

MAX_FITS = 16
"""Trainings kept apart; of a script that fits more, those that say least are forgotten."""

SAVE_SECONDS = 5.0
"""A long fit is saved this often, so that one that is killed can still be diagnosed."""

LOOK_SECONDS = 0.05
"""How often a step looks at the time."""

FOLDS = "_fit_and_score"
"""scikit-learn's function that fits one fold of a cross-validation."""


class Watcher:
    """Watches one process; `attach` puts the hooks in, `detach` takes them all out again."""

    def __init__(
        self,
        save: Callable[[], None] = lambda: None,
        *,
        stop_after: int | None = None,
        trouble: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.fits: list[Fit] = []
        self.fitted = 0
        self.gaps: dict[str, str] = {}
        self._of: weakref.WeakKeyDictionary[Any, Fit] = weakref.WeakKeyDictionary()
        self._estimators: dict[int, weakref.ref[Any]] = {}
        self._built = Built()
        self._seams = Seams(self.failed)
        self._save, self._tell = save, trouble
        self._stop_after, self._pid = stop_after, os.getpid()
        self._look_at, self._save_at = 0.0, time.monotonic() + SAVE_SECONDS

    def attach(self, module: ModuleType) -> None:
        """Put every hook in; module: scikit-learn's `neural_network._multilayer_perceptron`."""
        frames.is_foreign(str(PurePath(str(module.__file__)).parent))
        base = module.BaseMultilayerPerceptron
        around = self._seams.around
        around(base, "__init__", after=self._constructed)
        around(base, "_initialize", after=self._initialized)
        for name in ("_fit_stochastic", "_fit_lbfgs"):
            around(base, name, before=self._begins, after=self._ended, failed=self._broke)
        around(base, "_backprop", after=self._stepped)

    def detach(self) -> None:
        """Take every hook out, in the opposite order."""
        self._seams.close()

    def failed(self, error: Exception) -> None:
        """Note a failure of ours: it is a gap, and told once."""
        what = f"the recorder failed: {type(error).__name__}: {error}"
        if what not in self.gaps.values():
            self._tell(what)
        self.gaps.setdefault("setup", what)

    def estimator(self, fit: Fit) -> Any | None:
        """Return the estimator that a training belongs to, None where it is gone."""
        alive = self._estimators.get(id(fit))
        return alive() if alive is not None else None

    def main(self) -> Fit | None:
        """Return the fit to diagnose: one that the script asked for, the longest, the last of equals."""
        fits = [fit for fit in self.fits if fit.step]
        return max(reversed(fits), key=_rank, default=None)

    def _constructed(self, token: None, args: Any, result: None) -> None:
        self._built.note(args[0])

    def _initialized(self, token: None, args: Any, result: None) -> None:
        """Begin another training: the weights were drawn."""
        estimator = args[0]
        stack = list(_stack())
        direct = not any(frame.f_code.co_name == FOLDS for frame in stack)
        built, otherwise = self._built.where(estimator), self._built.otherwise(estimator)
        fit = Fit(estimator, built, otherwise, frames.user_line(), direct)
        self._of[estimator] = fit
        self._estimators[id(fit)] = weakref.ref(estimator)
        self.fitted += 1
        self.fits.append(fit)
        if len(self.fits) > MAX_FITS:
            least = min(self.fits[:-1], key=_rank)
            self.fits.remove(least)
            self._estimators.pop(id(least), None)

    def _begins(self, args: Any, kwargs: Any) -> None:
        fit = self._of.get(args[0])
        if fit is not None:
            fit.called_again(args[0], bool(_incremental(args, kwargs)))

    def _ended(self, token: None, args: Any, result: None) -> None:
        fit = self._of.get(args[0])
        if fit is not None:
            fit.done(args[0])

    def _broke(self, token: None, args: Any, error: BaseException) -> None:
        fit = self._of.get(args[0])
        if fit is not None and hasattr(args[0], "coefs_"):
            fit.done(args[0], broken=True)

    def _stepped(self, token: None, args: Any, result: Any) -> None:
        """Note the loss, and in some steps the rows and the gradient; all this before the update."""
        estimator, X = args[0], args[1]
        fit = self._of.get(estimator)
        if fit is None:
            return
        if fit.calls and fit.step == fit.calls[-1]:
            self._begun(fit, args)
        loss, coef_grads, intercept_grads = result
        count, alpha = X.shape[0], float(estimator.alpha)
        squares = sum(float(np.dot(c.ravel(), c.ravel())) for c in estimator.coefs_)
        index = _index() if fit.step < FIRST else None
        bare = float(loss) - 0.5 * alpha * squares / count
        if clipped(fit.ends, args):
            bare = loss_of(estimator, X, args[2])
        elif fit.ends == "identity":
            bare *= fit.outputs  # averaged over the targets, where gradients are those of their sum
        fit.stepped(estimator, bare, count, index)
        if fit.close:
            fit.gradient(_norm(estimator.coefs_, coef_grads, intercept_grads, alpha / count))
        fit.step += 1
        self._tick(fit.step)

    def _begun(self, fit: Fit, args: Any) -> None:
        """Note the rows of a call at its first step, when those held back for a validation are out."""
        weighted = len(args) > 3 and isinstance(args[3], np.ndarray)
        frame = _fitting()
        known = frame.f_locals if frame is not None else {}
        X, y = known.get("X_train", known.get("X")), known.get("y_train", known.get("y"))
        if X is None or y is None:
            X, y = args[1], args[2]
            fit.rows.first = None
        fit.trained_on(X, y, weighted)

    def _tick(self, step: int) -> None:
        """Save now and then; end the script here if that was asked for."""
        if self._stop_after is not None and step >= self._stop_after:
            now()
        clock = time.monotonic()
        if clock <= self._look_at or os.getpid() != self._pid:
            return
        self._look_at = clock + LOOK_SECONDS
        if due():
            now()
        if clock > self._save_at:
            self._save()
            saved = time.monotonic()
            self._save_at = saved + max(SAVE_SECONDS, 20 * (saved - clock))


def _rank(fit: Fit) -> tuple[bool, int]:
    return fit.direct, fit.step


def _stack() -> Any:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _fitting() -> FrameType | None:
    """Return the frame that runs the batches."""
    names = {"_fit_stochastic", "_fit_lbfgs"}
    return next((frame for frame in _stack() if frame.f_code.co_name in names), None)


def _index() -> Any:
    """Return the row numbers of the present batch, None where they are not known."""
    frame = _fitting()
    if frame is None or frame.f_code.co_name == "_fit_lbfgs":
        return None
    known = frame.f_locals
    if "sample_idx" not in known or "batch_slice" not in known:
        return None
    return np.array(known["sample_idx"][known["batch_slice"]])


def _incremental(args: Any, kwargs: Any) -> Any:
    return kwargs.get("incremental", args[-1] if isinstance(args[-1], bool) else False)


def _norm(coefs: Any, coef_grads: Any, intercept_grads: Any, decay: float) -> float:
    """Return the norm of the gradient, the penalty on the weights taken out of it."""
    bare = [grad - decay * coef for grad, coef in zip(coef_grads, coefs, strict=True)]
    return float(np.sqrt(sum(float(np.vdot(one, one)) for one in (*bare, *intercept_grads))))
