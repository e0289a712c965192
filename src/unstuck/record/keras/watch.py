"""The hooks in Keras, and what they tell the recorder of torch."""

from __future__ import annotations

import dataclasses
import importlib
import weakref
from typing import Any

from torch import Tensor

from unstuck.core.recording import Where
from unstuck.core.setup import Op, Parameter, Setup
from unstuck.record.frames import user_line
from unstuck.record.keras import wording
from unstuck.record.keras.data import columns, holds_arrays
from unstuck.record.keras.draws import draws, usual
from unstuck.record.keras.layers import parts
from unstuck.record.keras.optimizers import Optimizers, updates
from unstuck.record.torch.guard import Guard
from unstuck.record.torch.recorder import Recorder

TRAINS = ("fit", "train_on_batch")
"""Methods of a model that train it."""


class Watch:
    """Watches Keras' models for a recorder. compiled: model -> the line that compiled it."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.tape = recorder, recorder.tape
        self.optimizers = Optimizers()
        self.compiled: weakref.WeakKeyDictionary[Any, Where] = weakref.WeakKeyDictionary()
        self.trained: dict[str, Where] = {}
        self.epochs: int | None = None

    def attach(self) -> None:
        """Put every hook in; they are taken out with the recorder's own."""
        around = self.recorder.seams.around
        base = _module("optimizers.base_optimizer").BaseOptimizer
        around(base, "__init__", after=self._optimizer_built)
        around(base, "apply", before=self._before_apply, after=self._after_apply)
        trainer = _module("backend.torch.trainer").TorchTrainer
        around(_module("trainers.trainer").Trainer, "compile", before=self._compiles)
        for name in TRAINS:
            around(trainer, name, before=self._trains)
        around(trainer, "make_train_function", after=self._follows)
        losses = _module("losses.loss")
        mark, seen = self._mark, self._loss
        around(losses.Loss, "__call__", before=mark, after=seen)
        around(losses, "reduce_weighted_values", before=mark, after=self._reduced)
        around(
            _module("layers.regularization.dropout").Dropout,
            "call",
            before=mark,
            after=self._dropped,
        )
        around(_module("layers.normalization.batch_normalization").BatchNormalization, "call",
               before=mark, after=self._normalised)  # fmt: skip
        around(_module("layers.preprocessing.normalization").Normalization, "call",
               before=mark, after=self._standardised)  # fmt: skip
        around(_module("layers.preprocessing.rescaling").Rescaling, "call",
               before=mark, after=self._rescaled)  # fmt: skip
        stopping = _module("callbacks.early_stopping").EarlyStopping
        around(stopping, "__init__", after=self._optimizer_built)
        around(stopping, "on_train_end", before=self._stopped)
        initializers = _module("initializers.random_initializers")
        for name in (
            "VarianceScaling",
            "RandomUniform",
            "RandomNormal",
            "TruncatedNormal",
            "Orthogonal",
        ):
            if hasattr(initializers, name):
                around(getattr(initializers, name), "__call__", before=_both, after=self._drawn)
        around(_module("utils.rng_utils"), "set_random_seed", before=self._seeds)
        call = _module("layers.layer").Layer.__call__
        layer = _module("layers.layer").Layer
        self.recorder.modules.also(getattr(call, "__wrapped__", call).__code__, layer, parts)
        self.recorder.loader.also(holds_arrays, columns)
        self.recorder.loader.counts = True
        self.recorder.above.framework = "keras"
        self.recorder.above.versions["keras"] = str(importlib.import_module("keras").__version__)
        self.recorder.above.retold = self.lines
        self.recorder.above.relined = self.relined

    def lines(self, lines: dict[str, Where]) -> dict[str, Where]:
        """Return the lines of a training, where one of them does what several do in a loop of torch's.

        A model that is compiled gets its loss there, and often its optimizer.
        """
        compiled, fit = self.trained.get("compile"), self.trained.get("fit")
        if compiled is None or lines.get("loss") != fit:
            return lines
        return {**lines, "loss": compiled}

    def relined(self, setup: Setup) -> Setup:
        """Return a training whose operations stand where their layers are built, or the loss is compiled.

        All of them run in the one line that calls ``fit``; those of the script's own code stay where they are.
        """
        setup = self._with_usual_draws(setup)
        fit = self.trained.get("fit")
        if fit is None:
            return setup
        place = {
            path: where
            for module in list(self.recorder.modules.built)
            if (path := getattr(module, "name", None))
            and (where := self.recorder.modules.built.get(module)) is not None
        }
        ops = tuple(
            _at(op, place.get(op.module, self.trained.get("compile")), fit)
            for op in setup.program.ops
        )
        return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))

    def _with_usual_draws(self, setup: Setup) -> Setup:
        owners = self.recorder.modules.owners.values()
        layers: dict[str, Any] = {
            str(one.name): one for one in owners if hasattr(one, "_flatten_layers")
        }
        parameters = tuple(_usually(one, layers) for one in setup.parameters)
        return dataclasses.replace(setup, parameters=parameters)

    def _mark(self, args: Any, kwargs: Any) -> Any:
        """Remember where the tape stands."""
        return len(self.tape.ops), args, kwargs

    def _optimizer_built(self, token: None, args: Any, result: None) -> None:
        with Guard(self.recorder, spoils=False):
            where = user_line()
            if where is not None:
                self.recorder.modules.built[args[0]] = where

    def _before_apply(self, args: Any, kwargs: Any) -> Any:
        with Guard(self.recorder):
            optimizer = args[0]
            if not updates(optimizer):
                return None
            variables = args[2] if len(args) > 2 else kwargs.get("trainable_variables")
            variables = optimizer._trainable_variables if variables is None else list(variables)
            standin = self.optimizers.of(optimizer, variables)
            where = self.recorder.modules.built.get(optimizer)
            if where is not None:
                self.recorder.modules.built.setdefault(standin, where)
            if not self.recorder.seams.resting:
                self.recorder.before_step(standin, (), {})
            return standin

    def _after_apply(self, standin: Any, args: Any, result: Any) -> None:
        if standin is not None:
            self.recorder.after_step(standin, (), {})

    def _compiles(self, args: Any, kwargs: Any) -> None:
        with Guard(self.recorder, spoils=False):
            where = user_line()
            if where is not None:
                self.compiled[args[0]] = where

    def _trains(self, args: Any, kwargs: Any) -> None:
        with Guard(self.recorder, spoils=False):
            where = user_line()
            if where is None:
                return
            self.trained = {"fit": where}
            if args[0] in self.compiled:
                self.trained["compile"] = self.compiled[args[0]]

    def _follows(self, token: None, args: Any, result: Any) -> None:
        """Follow rows from the batch on: a layer may turn them round before they meet a weight."""
        self.tape.rows = []

    def _stopped(self, args: Any, kwargs: Any) -> None:
        """Note where a training was ended before its count, and how long it was to be."""
        with Guard(self.recorder, spoils=False):
            callback, told = args[0], args[0].params or {}
            where = self.recorder.modules.built.get(callback)
            if callback.stopped_epoch > 0 and where is not None and told.get("steps"):
                self.recorder.above.planned = int(told["epochs"]) * int(told["steps"]), where

    def _loss(self, token: Any, args: Any, made: Any) -> None:
        if not self.tape.on or not isinstance(made, Tensor) or not made.requires_grad:
            return
        with Guard(self.recorder, spoils=False):
            since, (one, *rest), kwargs = token
            named = dict(zip(("y_true", "y_pred", "sample_weight"), rest, strict=False)) | kwargs
            given = named["y_pred"]
            if isinstance(given, Tensor):
                self.tape.predicted = self.tape.slot(given)
            if named.get("sample_weight") is None and getattr(given, "_keras_mask", None) is None:
                wording.loss(self.tape, since, made, one, named["y_true"], given)

    def _reduced(self, token: Any, args: Any, made: Any) -> None:
        if not self.tape.on or not isinstance(made, Tensor) or not made.requires_grad:
            return
        with Guard(self.recorder, spoils=False):
            since, rest, kwargs = token
            order = ("values", "sample_weight", "mask", "reduction", "dtype")
            named = dict(zip(order, rest, strict=False)) | kwargs
            means = named.get("reduction", "sum_over_batch_size") in wording.MEANS
            if means and named.get("mask") is None:
                wording.mean(self.tape, since, made, named["values"], named.get("sample_weight"))

    def _dropped(self, token: Any, args: Any, made: Any) -> None:
        if self.tape.on:
            with Guard(self.recorder, spoils=False):
                wording.dropout(self.tape, token[0], made, _first(token), float(args[0].rate))

    def _normalised(self, token: Any, args: Any, made: Any) -> None:
        if self.tape.on:
            with Guard(self.recorder, spoils=False):
                layer, given = args[0], _first(token)
                training = token[1][2] if len(token[1]) > 2 else token[2].get("training")
                training = bool(training) and bool(layer.trainable)
                wording.batch_norm(self.tape, token[0], made, given, layer, training)

    def _standardised(self, token: Any, args: Any, made: Any) -> None:
        if self.tape.on:
            with Guard(self.recorder, spoils=False):
                wording.standardised(self.tape, token[0], made, _first(token), args[0])

    def _rescaled(self, token: Any, args: Any, made: Any) -> None:
        if self.tape.on:
            with Guard(self.recorder, spoils=False):
                wording.rescaled(self.tape, token[0], made, _first(token), args[0])

    def _drawn(self, token: Any, args: Any, made: Any) -> None:
        if self.tape.on and isinstance(made, Tensor):
            with Guard(self.recorder, spoils=False):
                self.recorder.births.told(made, draws(args[0], tuple(made.shape)))

    def _seeds(self, args: Any, kwargs: Any) -> None:
        with Guard(self.recorder, spoils=False):
            self.recorder.seed = user_line() or self.recorder.seed


def _usually(one: Parameter, layers: dict[str, Any]) -> Parameter:
    """Return a weight with how its layer draws it by itself; recurrent cells have ways of their own."""
    path, _, name = one.name.rpartition(".")
    layer = layers.get(path)
    if layer is None or type(layer).__name__.endswith("Cell"):
        return one
    return dataclasses.replace(one, usual=usual(layer, name, tuple(one.start.shape)))


def _at(op: Op, where: Where | None, fit: Where) -> Op:
    if where is None or (op.file, op.line) != (fit.file, fit.line):
        return op
    return dataclasses.replace(op, file=where.file, line=where.line)


def _both(args: Any, kwargs: Any) -> Any:
    return args, kwargs


def _first(token: Any) -> Any:
    """Return the first argument behind the layer itself."""
    _, args, kwargs = token
    return args[1] if len(args) > 1 else next(iter(kwargs.values()), None)


def _module(name: str) -> Any:
    return importlib.import_module(f"keras.src.{name}")
