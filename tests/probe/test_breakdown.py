"""Where a loss that is no number was born, and the guard that keeps it from being born there."""

import dataclasses

import numpy as np
import pytest
import torch
from probe_setups import X, Y, drawn, network, recording, slot

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.setup import Loop, Op, Optimizer
from unstuck.core.transform import Guard, Unchangeable, guarded, operand
from unstuck.probe import breakdown
from unstuck.probe.breakdown import birth
from unstuck.probe.subject import subject
from unstuck.probe.training import Training, batches
from unstuck.replay import interpret

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(40, 2)).astype(np.float32)
YES = (INPUTS[:, :1] > 0).astype(np.float32)
SGD = Optimizer("SGD", ({"lr": 5.0},))
ZEROS = [(np.zeros((1, 2)), np.zeros(1))]


def by_hand(*names, last="mean"):
    """A loss that puts the prediction through these functions, one line each, from line 1 on."""

    def tail(here, free):
        ops = []
        for number, name in enumerate((*names, f"torch.{last}"), 1):
            ops.append(Op(name, (slot(here),), {}, (free,), "", "train.py", number))
            here, free = free, free + 1
        return ops, here

    return tail


def cross_entropy(here, free):
    """-mean(y log p + (1 - y) log(1 - p)), its logarithms on lines 1 and 2."""
    t = "torch.Tensor."
    names = [
        ("torch.log", (slot(here),), 1),
        (t + "mul", (slot(Y), slot(free)), 1),
        (t + "__rsub__", (slot(here), 1), 2),
        ("torch.log", (slot(free + 2),), 2),
        (t + "__rsub__", (slot(Y), 1), 2),
        (t + "mul", (slot(free + 4), slot(free + 3)), 2),
        (t + "add", (slot(free + 1), slot(free + 5)), 3),
        ("torch.mean", (slot(free + 6),), 3),
        ("torch.neg", (slot(free + 7),), 3),
    ]
    ops = [Op(n, a, {}, (free + i,), "", "train.py", line) for i, (n, a, line) in enumerate(names)]
    return ops, free + 8


def confident(steps=60, **options):
    """A logistic regression whose rate soon makes it so sure that a probability is rounded to 0 or 1."""
    options = {"optimizer": SGD, "tail": cross_entropy, "output": "torch.sigmoid", **options}
    return network(INPUTS * 8, YES, drawn((2, 1)), steps=steps, **options)


def measured(setup, losses=(1.0, float("nan"))):
    return breakdown.measure(subject(setup), recording(setup, list(losses)))["breakdown"]


def slow_look(setup):
    """The step and operation at which plain gradient descent first meets what is no number."""
    weights = [torch.from_numpy(p.start.copy()).requires_grad_() for p in setup.parameters]
    x, y = (torch.from_numpy(setup.data.rows[s]) for s in (X, Y))
    for step in range(setup.plan.steps):
        p = torch.sigmoid(x @ weights[0].T + weights[1])
        logs = torch.log(p), torch.log(1 - p)
        for line, one in enumerate(logs, 1):
            if not torch.isfinite(one).all():
                return step, line
        loss = -(y * logs[0] + (1 - y) * logs[1]).mean()
        for w, g in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            w.data -= 5.0 * g
    return None


def test_the_step_and_the_operation_are_those_of_a_slow_look():
    setup = confident()
    found = birth(setup)
    assert (found.step, found.op.line) == slow_look(setup)
    assert (found.op.short, found.nearest, found.backward) == ("log", 0.0, False)


def test_both_logarithms_are_found_one_after_the_other():
    setup = confident(300)
    found = measured(setup)
    made = {op.outs[0]: op for op in setup.program.ops}
    assert {made[int(one)].line for one in found.column("slot")} == {1, 2}


def test_a_guarded_program_stays_a_number():
    guards = [Guard("train.py", line, "log", "add") for line in (1, 2)]
    assert birth(guarded(confident(), guards)) is None


def test_a_root_of_zero_breaks_in_its_gradient():
    tail = by_hand("torch.square", "torch.sqrt")
    found = birth(network(INPUTS, YES, ZEROS, tail=tail))
    assert (found.op.short, found.step, found.nearest, found.backward) == ("sqrt", 0, 0.0, True)


def test_an_exponential_that_overflows_is_found_with_its_largest_exponent():
    big = [(np.full((1, 2), 200.0), np.zeros(1))]
    found = birth(network(np.abs(INPUTS) + 1, YES, big, tail=by_hand("torch.exp")))
    assert found.op.short == "exp"
    assert found.highest > 88.7


def test_weights_that_overflow_first_are_no_operation_that_could_be_guarded():
    setup = network(INPUTS, YES, drawn((2, 1)), steps=300, optimizer=SGD)
    wild = dataclasses.replace(setup, optimizer=Optimizer("SGD", ({"lr": 1e3},)))
    found = birth(wild)
    assert found is None or operand(found.op) is None


def test_a_loss_that_stays_a_number_is_not_looked_into():
    assert measured(confident(3), [1.0, 0.5]).startswith(INAPPLICABLE)


def test_rows_that_are_no_numbers_are_said():
    setup = confident()
    setup.data.rows[X][0] = np.nan
    assert measured(setup) == "the rows themselves hold what is no number"


def test_a_break_that_does_not_come_again_is_said():
    assert "no operation" in measured(confident(2, optimizer=Optimizer("SGD", ({"lr": 1e-3},))))


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_updates_are_those_of_torch(kind):
    setup = confident(optimizer=Optimizer(kind, ({"lr": 1e-3, "weight_decay": 0.01},)))
    setup = dataclasses.replace(setup, loop=Loop(clip_norm=0.5))
    training, source, run = Training(setup), batches(setup), interpret(setup.program)
    plain = [torch.from_numpy(p.start.copy()).requires_grad_() for p in setup.parameters]
    theirs = getattr(torch.optim, kind)(plain, lr=1e-3, weight_decay=0.01)
    for _ in range(3):
        training.clear()
        theirs.zero_grad()
        rows = next(source)
        end = setup.program.loss
        run(training.weights, rows, (end,))[end].backward()
        slots = (p.slot for p in setup.parameters)
        run(dict(zip(slots, plain, strict=True)), rows, (end,))[end].backward()
        torch.nn.utils.clip_grad_norm_(plain, 0.5)
        training.update()
        theirs.step()
    for one, other in zip(training.weights.values(), plain, strict=True):
        assert torch.allclose(one, other)


def test_recorded_batches_come_first_and_later_ones_are_of_their_size():
    setup = confident(batch=8, order="epochs")
    source = batches(setup)
    first, *later = (next(source) for _ in range(4))
    assert torch.equal(first[X], torch.from_numpy(setup.data.rows[X][:8]))
    assert {len(rows[X]) for rows in later} == {8}


def test_a_guard_without_its_operation_has_no_meaning():
    with pytest.raises(Unchangeable, match="not there any more"):
        guarded(confident(), [Guard("train.py", 9, "log", "add")])


def test_only_the_guarded_operation_reads_the_guarded_value():
    before = confident()
    after = guarded(before, [Guard("train.py", 1, "log", "add")])
    assert len(after.program.ops) == len(before.program.ops) + 1
    fresh = before.program.next_slot
    assert [op.line for op in after.program.ops if fresh in op.slots()] == [1]
    assert after.program.prediction == before.program.prediction


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("torch.Tensor.__truediv__", (slot(1), slot(2)), 2),
        ("torch.Tensor.__rtruediv__", (slot(1), 1), 1),
        ("torch.Tensor.__truediv__", (slot(1), 40), None),
        ("torch.Tensor.__pow__", (slot(1), 0.5), 1),
        ("torch.Tensor.__pow__", (slot(1), 2), None),
        ("torch.Tensor.log_", (slot(1),), 1),
        ("torch.mul", (slot(1), slot(2)), None),
    ],
)
def test_the_operand_without_a_value_everywhere(name, args, expected):
    assert operand(Op(name, args, {}, (9,))) == expected
