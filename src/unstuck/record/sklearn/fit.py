"""One training as it is watched: from the weights' first values on, over all calls that go on with them."""

from __future__ import annotations

import inspect
import itertools
import math
import time
from typing import Any

import numpy as np

from unstuck.core.recording import Where
from unstuck.core.setup import Data, Json, Loop, Optimizer, Patience, Plan, Setup
from unstuck.record.curve import Curve
from unstuck.record.sklearn import network
from unstuck.record.sklearn.rows import Index, Rows

FIRST = 8
"""Steps whose rows are noted, to repeat them."""

GROWTH = 1.3
"""After the first steps, gradients are looked at in each that lies this much further on."""

LONGER, ENOUGH = 10, 5000
"""Of a fit that ended itself, trials go on for so many times its updates, or so many, at most."""

SETTINGS = (
    "hidden_layer_sizes", "activation", "solver", "alpha", "batch_size", "learning_rate",
    "learning_rate_init", "power_t", "max_iter", "shuffle", "random_state", "tol", "warm_start",
    "momentum", "nesterovs_momentum", "early_stopping", "validation_fraction", "beta_1", "beta_2",
    "epsilon", "n_iter_no_change", "max_fun", "loss",
)  # fmt: skip
"""The arguments of a perceptron's constructor that say how it is trained."""

NOT_FOLLOWED = {"poisson": "the Poisson loss of MLPRegressor is not followed"}


class Fit:
    """What is known of one training. otherwise: arguments that were set elsewhere than where it was built; direct:
    whether the script asked for it, and not a cross-validation.
    """

    def __init__(
        self,
        estimator: Any,
        built: Where | None,
        otherwise: list[str],
        called: Where | None,
        direct: bool,
    ) -> None:
        self.kind = type(estimator).__name__
        self.built, self.called, self.direct = built, called, direct
        self.otherwise, self.places = otherwise, places(type(estimator))
        self.settings = settings(estimator)
        self.start = copied(estimator)
        self.end: network.Weights | None = None
        self.ends = str(estimator.out_activation_)
        self.outputs = int(estimator.n_outputs_)
        self.rows = Rows()
        self.loss = Curve()
        self.norms: dict[int, float] = {}
        self.rates: dict[int, float] = {}
        self.renewals: list[int] = []
        self.calls: list[int] = []  # the step at which each call of the training began
        self.how = "fit"
        self.step = 0
        self.batch = 0
        self.passes = 0
        self.stopped = ""
        self.gap = NOT_FOLLOWED.get(str(getattr(estimator, "loss", "")), "")
        self.began = self.ended = time.monotonic()
        self._close = 0
        self._optimizer = 0

    @property
    def close(self) -> bool:
        """Whether more than the loss of this step is looked at."""
        return self.step < FIRST or self.step >= self._close

    def called_again(self, estimator: Any, incremental: bool) -> None:
        """Note that a call begins to train these weights, or goes on with them."""
        self.calls.append(self.step)
        if incremental:
            self.how = "partial_fit"
        elif len(self.calls) > 1:
            self.how = "warm_start"
        self.settings = settings(estimator)

    def trained_on(self, X: Any, y: Any, weighted: bool) -> None:
        """Note the rows of this call."""
        if weighted:
            self.gap = "rows are weighted (sample_weight), which trials do not follow"
        elif not self.gap:
            try:
                self.rows.given(X, y)
            except ValueError as reason:
                self.gap = str(reason)

    def stepped(self, estimator: Any, loss: float, count: int, index: Index | None) -> None:
        """Note a loss before its update. loss: without the penalty; count: rows of the batch."""
        optimizer = getattr(estimator, "_optimizer", None)
        if id(optimizer) != self._optimizer:
            self._optimizer = id(optimizer)
            self.renewals.append(self.step)
        self.batch = max(self.batch, count)
        self.loss.add(self.step, loss)
        if self.step < FIRST and not self.gap:
            self.rows.batch(index)
        if self.settings.get("solver") == "sgd":
            self._rated(float(optimizer.learning_rate))  # type: ignore[union-attr]

    def _rated(self, rate: float) -> None:
        last = next(reversed(self.rates.values()), math.nan)
        if not abs(rate - last) <= 0.01 * abs(last):  # what differs by less is the same
            self.rates[self.step] = rate

    def gradient(self, norm: float) -> None:
        """Note the norm of the gradient of the loss, the penalty left out."""
        self.norms[self.step] = norm
        if self.step >= self._close:
            self._close = math.ceil(self.step * GROWTH) + 1

    def done(self, estimator: Any, *, broken: bool = False) -> None:
        """Note how a call ended; broken: by an error, or since the script was told to end."""
        self.end = copied(estimator)
        self.ended = time.monotonic()
        self.passes += int(getattr(estimator, "n_iter_", 0) or 0)
        early = "validation" if self.settings.get("early_stopping") else "tol"
        full = int(estimator.n_iter_) >= int(estimator.max_iter)
        self.stopped = "broken" if broken else "max_iter" if full else early

    def now(self, estimator: Any | None) -> network.Weights | None:
        """Return the last weights that are known."""
        return copied(estimator) if estimator is not None else self.end

    def setup(self, end: network.Weights | None, *, keep_data: bool) -> Setup | None:
        """Return the training procedure, None where it cannot be followed."""
        if self.gap or not self.step:
            return None
        inputs, targets = self.rows.all()
        targets = network.targets(targets, self.ends, inputs.dtype)
        rows = {network.INPUT: inputs, network.TARGET: targets} if keep_data else {}
        activation = str(self.settings["activation"])
        layers = len(self.start[0])
        program, heard = network.program(layers, activation, self.ends, self.outputs, inputs.dtype)
        return Setup(
            program,
            network.parameters(self.start, end, activation),
            Data(rows, self.rows.complete),
            self._plan(len(inputs)),
            self._optimizer_spec(),
            self._loop(heard),
        )

    @property
    def patient(self) -> bool:
        """Whether the training ends by itself, for want of gain in its own loss, in a way that trials can follow."""
        given = self.settings
        own = given["solver"] in {"sgd", "adam"} and not given["early_stopping"]
        return own and self.how == "fit" and given.get("learning_rate") != "adaptive"

    @property
    def _per(self) -> int:
        """Updates a pass."""
        return max(math.ceil(self.rows.count / max(self.batch, 1)), 1)

    @property
    def _planned(self) -> int:
        """Updates that might have been made; of one that ended itself early not more than are worth a trial."""
        if not self.patient or self.stopped != "tol":
            return self.step
        return min(int(self.settings["max_iter"]) * self._per, max(LONGER * self.step, ENOUGH))

    def _plan(self, count: int) -> Plan:
        first = tuple(self.rows.first or ())
        if self.settings["solver"] == "lbfgs" or (self.batch >= count and self.rows.alike):
            return Plan("full", count, self._planned, (np.arange(count),))
        order: Any = "epochs" if self.settings["shuffle"] else "sequence"
        if not self.rows.complete:
            order = "fresh"
        return Plan(order, self.batch, self._planned, first)

    def _optimizer_spec(self) -> Optimizer:
        """Return the update rule in torch's words: weights in group 0, with the penalty, biases in group 1."""
        given = self.settings
        solver = given["solver"]
        if solver == "lbfgs":
            return Optimizer("LBFGS", ({"lr": 1.0}, {"lr": 1.0}))
        shared: dict[str, Json] = {"lr": float(given["learning_rate_init"])}
        if solver == "adam":
            betas = [float(given["beta_1"]), float(given["beta_2"])]
            shared |= {"betas": betas, "eps": float(given["epsilon"])}
            shared |= {"eps_before_correction": True}
        else:
            momentum = float(given["momentum"])
            nesterov = bool(given["nesterovs_momentum"]) and momentum > 0
            shared |= {"momentum": momentum, "nesterov": nesterov, "rate_in_velocity": True}
        decay = float(given["alpha"]) / max(self.batch, 1)
        groups = tuple({**shared, "weight_decay": value} for value in (decay, 0.0))
        return Optimizer("Adam" if solver == "adam" else "SGD", groups, schedule=self._schedule())

    def _schedule(self) -> tuple[tuple[int, float], ...]:
        first = float(self.settings["learning_rate_init"])
        factors = [(step, rate / first) for step, rate in self.rates.items()]
        return tuple(factors) if len(factors) > 1 else ()

    def _loop(self, heard: int | None) -> Loop:
        gaps = {later - step for step, later in itertools.pairwise(self.renewals)}
        anew = len(self.renewals) > 2 and len(gaps) == 1
        return Loop(
            recreated=anew,
            recreated_every=gaps.pop() if anew else 1,
            patience=self._patience(heard),
        )

    def _patience(self, heard: int | None) -> Patience | None:
        passes = float(self.settings["n_iter_no_change"])
        if not self.patient or not math.isfinite(passes):
            return None
        return Patience(int(passes), float(self.settings["tol"]), self._per, self.step, heard)


def places(kind: type) -> list[str]:
    """Return the arguments of a constructor that may be given by place, in their order."""
    known = inspect.signature(kind).parameters.values()
    return [one.name for one in known if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]


def settings(estimator: Any) -> dict[str, Json]:
    """Return the constructor's arguments as plain data."""
    return {name: _plain(getattr(estimator, name)) for name in SETTINGS if hasattr(estimator, name)}


def _plain(value: Any) -> Json:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    return type(value).__name__


def copied(estimator: Any) -> network.Weights:
    """Return copies of the weights."""
    return (
        [np.array(coef) for coef in estimator.coefs_],
        [np.array(intercept) for intercept in estimator.intercepts_],
    )
