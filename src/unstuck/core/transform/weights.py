"""Weights of classes in the loss: put there, and their effect on predictions taken back.

Where the rows of a class count w times, the best logits lie log(w) higher for it, whatever the network. So
networks that are trained by a weighted loss are judged by the loss without weights, of logits less log(w).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.core.setup import Op, Program, Setup, Tensor
from unstuck.core.transform.program import with_ops
from unstuck.core.transform.targets import compared_again
from unstuck.core.transform.unchangeable import Unchangeable

TAKES = {"binary_cross_entropy_with_logits": "pos_weight", "cross_entropy": "weight"}
"""Losses that take logits, and the argument that holds the weights of classes."""

PLAIN = {"reduction", "ignore_index", "size_average", "reduce", "input", "target"}
"""Arguments of these losses that do not matter here."""


def weighable(setup: Setup) -> Op:
    """Return the operation of a loss that could weigh classes, and does not. Raises Unchangeable."""
    found = [op for op in setup.program.ops if op.short in TAKES]
    if len(found) != 1 or setup.program.judged is not None:
        raise Unchangeable("the loss is not one cross-entropy of logits")
    if len(found[0].args) > 2 or any(v for k, v in found[0].kwargs.items() if k not in PLAIN):
        raise Unchangeable("the loss weighs classes already, or smooths them")
    return found[0]


def weighed(setup: Setup, weights: tuple[float, ...]) -> Setup:
    """Train by a loss in which classes count so often; judge by the loss as it was.

    weights: of yes (one), or of every class.
    """
    op = weighable(setup)
    program, slot = setup.program, setup.program.next_slot
    kwargs = {**op.kwargs, TAKES[op.short]: {"slot": slot}}
    judge = turned_back(program, np.asarray(weights, np.float32), slot + 1)
    ops = tuple(dataclasses.replace(op, kwargs=kwargs) if one is op else one for one in program.ops)
    changed = with_ops(setup, (*ops, *judge.ops[len(program.ops) :]))
    constants = {**judge.constants, slot: _typed(setup, weights)}
    program = dataclasses.replace(changed.program, constants=constants, judged=judge.judged)
    return dataclasses.replace(changed, program=program)


def turned_back(program: Program, weights: Tensor, free: int) -> Program:
    """Return the program judged by its own loss of logits less log(w); free: slots from here on are."""
    shift = np.log(weights)
    if len(shift) == 1:
        shift = shift.reshape(())
    turned = Op("torch.Tensor.sub", ({"slot": program.prediction}, {"slot": free}), {}, (free + 1,))
    again, score = compared_again(program, free + 1)
    constants = {**program.constants, free: shift.astype(np.float32)}
    ops = (*program.ops, turned, *again)
    return dataclasses.replace(program, ops=ops, constants=constants, judged=score)


def unweighed(setup: Setup) -> Setup:
    """Judge a loss that weighs classes by the one without weights; the setup itself where it does not."""
    found = [op for op in setup.program.ops if TAKES.get(op.short, "") in op.kwargs]
    given = found[0].kwargs[TAKES[found[0].short]] if len(found) == 1 else None
    weights = setup.program.constants.get(given["slot"]) if isinstance(given, dict) else None
    if weights is None or setup.program.judged is not None:
        return setup
    kwargs = {**found[0].kwargs, TAKES[found[0].short]: None}
    plain = dataclasses.replace(found[0], kwargs=kwargs)
    ops = tuple(plain if op is found[0] else op for op in setup.program.ops)
    program = dataclasses.replace(setup.program, ops=ops)
    judged = turned_back(program, weights.reshape(-1), setup.program.next_slot)
    return dataclasses.replace(setup, program=judged)


def _typed(setup: Setup, weights: tuple[float, ...]) -> Tensor:
    """Return weights of the precision that the network computes in."""
    kinds = [parameter.start.dtype for parameter in setup.parameters]
    return np.asarray(weights, kinds[0] if kinds else np.float32)
