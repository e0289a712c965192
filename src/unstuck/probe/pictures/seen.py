"""What is predicted and what was to be predicted, in the units in which people think of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch

from unstuck.core.pictures import Kind
from unstuck.core.recording import Array
from unstuck.core.transform import by_batch
from unstuck.probe.loss import loss_of
from unstuck.probe.problem import problem
from unstuck.probe.subject import Subject, Unmeasurable, array
from unstuck.probe.task import as_classes
from unstuck.replay import tensors

MOST_CLASSES = 12


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Rows as a person would look at them.

    target (n,): numbers, 0 or 1, or class numbers; answers: the same of the network at the start, and at the
    end where that was recorded. output: which of several outputs it is, "" where there is one. classes: how
    many there are. read: turns raw predictions (m, …) into answers (m,).
    """

    subject: Subject
    kind: Kind
    target: Array
    answers: tuple[Array, ...]
    output: str
    classes: int
    read: Callable[[Array], Array]

    @property
    def answer(self) -> Array:
        """What the network answers as it was last seen."""
        return self.answers[-1]

    @property
    def trained(self) -> bool:
        """Whether the end of the training was recorded."""
        return len(self.answers) > 1


def seen(subject: Subject) -> Seen:
    """Return the rows as a person would look at them. Raises Unmeasurable, Unreplayable."""
    kind, raw = problem(subject).task.kind, subject.predictions(0)
    target = loss_of(subject).target
    if target is None:
        raise Unmeasurable("the loss has no targets")
    if kind == "classes":
        wanted, count = _classes(array(as_classes(raw, target).float())), raw.shape[1]
        return _made(
            subject, "classes", wanted, "", count, lambda made: made.argmax(1).astype(float)
        )
    flat = array(target).reshape(len(target), -1)
    if flat.shape[1] != raw.reshape(len(raw), -1).shape[1]:
        raise Unmeasurable("targets and predictions differ in shape")
    outputs = flat.shape[1]
    output = "" if outputs == 1 else f"output 1 of {outputs}"
    if kind in {"binary", "binary_logits"}:
        return _made(subject, "yes-no", flat[:, 0], output, 2, _chances(kind == "binary_logits"))
    return _made(subject, "number", flat[:, 0], output, 0, _first)


def _made(
    subject: Subject,
    kind: Kind,
    target: Array,
    output: str,
    classes: int,
    read: Callable[[Array], Array],
) -> Seen:
    states = range(len(subject.steps))
    answers = tuple(read(array(subject.predictions(index))) for index in states)
    return Seen(subject, kind, target, answers, output, classes, read)


def _first(made: Array) -> Array:
    return made.reshape(len(made), -1)[:, 0]


def _chances(logits: bool) -> Callable[[Array], Array]:
    def chances(made: Array) -> Array:
        first = _first(made)
        return 1 / (1 + np.exp(-np.clip(first, -500, 500))) if logits else first

    return chances


def _classes(target: Array) -> Array:
    return target if target.ndim == 1 else target.argmax(1).astype(float)


def answers_at(found: Seen, inputs: Array, index: int = -1) -> Array:
    """Return what the network answers at other inputs (m, d), at the start (0) or the end (-1).

    Raises Unmeasurable where that has no meaning.
    """
    subject = found.subject
    slots = subject.setup.program.inputs
    if len(slots) != 1 or not subject.rows[slots[0]].is_floating_point():
        raise Unmeasurable("the network does not take its inputs as one array of numbers")
    if any(by_batch(op) for op in subject.setup.program.ops):
        raise Unmeasurable("what is said of a row depends on the others in its batch")
    like = subject.rows[slots[0]]
    rows = torch.from_numpy(inputs).to(like.dtype).reshape(len(inputs), *like.shape[1:])
    when: Literal["start", "end"] = "start" if index == 0 or len(subject.steps) == 1 else "end"
    weights = tensors.weights(subject.setup, when)
    prediction = subject.setup.program.prediction
    with torch.no_grad():
        made = subject.run(weights, {slots[0]: rows}, want=(prediction,))[prediction]
    if len(made) != len(inputs):
        raise Unmeasurable("the network gives no answer for each row by itself")
    return found.read(array(made))
