"""Answers that were given while units were dropped, beside those of the whole network."""

import dataclasses

import numpy as np
import pytest
import torch
from probe_setups import network, recording

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Comparison, Table, Where
from unstuck.probe import dropped_answers
from unstuck.probe.subject import subject
from unstuck.replay import interpret, tensors

STEPS, UNITS, ROWS = 10, 8, 300
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(ROWS, 2)).astype(np.float32)
FRESH = RANDOM.normal(size=(ROWS, 2)).astype(np.float32)
HIDDEN = RANDOM.normal(size=(UNITS, 2))
READ = RANDOM.normal(size=(3, UNITS))


def scores(rows):
    return rows @ HIDDEN.T @ READ.T


CLASS = scores(X).argmax(1)


def dropping(p=0.6, rows=X):
    """A network whose hidden units are dropped with this probability."""
    ends = [(HIDDEN, np.zeros(UNITS)), (READ, np.zeros(3))]
    drop = ["torch.nn.functional.dropout"]
    asked = scores(rows).argmax(1)
    setup = network(rows, asked, ends, activations=drop, loss="ce", ends=ends, steps=STEPS)
    ops = tuple(
        dataclasses.replace(op, kwargs={"p": p, "training": True}) if op.short == "dropout" else op
        for op in setup.program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def draw(rows, seed=7, p=0.6):
    """What the network answers with units dropped, in plain torch."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        hidden = torch.nn.functional.dropout(torch.from_numpy(rows @ HIDDEN.T), p)
        return (hidden @ torch.from_numpy(READ).T).argmax(1).numpy()


def compared(made, asked=CLASS, rows=X, **more):
    shapes = made.shape, asked.shape
    one = Comparison(Where("train.py", 9), STEPS, shapes, made, asked, (rows,))
    return dataclasses.replace(one, **more)


def measured(*comparisons, setup=None, losses=0.1, lines=None):
    setup = setup or dropping()
    ladder = Table("ladder", (STEPS,), ("goal", "end"), np.array([[1.0, 0.1]]))
    loss = Table("loss", (0, STEPS - 1), ("loss",), np.full((2, 1), losses))
    seen = dataclasses.replace(recording(setup), comparisons=comparisons, lines=lines or {})
    seen = seen.with_tables(ladder, loss)
    torch.manual_seed(0)
    return dropped_answers.measure(subject(setup), seen)["dropped_answers"]


NONE = INAPPLICABLE + "no answers were compared that were given so"


@pytest.mark.parametrize("seed", range(5))
def test_a_draw_is_known_with_its_share_and_that_of_the_whole_network(seed):
    made = draw(X, seed)
    found = measured(compared(made))
    assert found.sites == ("train.py:9",)
    assert found.values.ravel().tolist() == [np.mean(made == CLASS), 1.0]
    assert found.values[0, 0] < 0.9


def test_the_replayed_network_drops_as_torch_does():
    setup = dropping()
    weights, run = tensors.weights(setup, "end"), interpret(setup.program)
    torch.manual_seed(1)
    rows = {setup.program.inputs[0]: torch.from_numpy(X)}
    made = run(weights, rows, (setup.program.prediction,))[setup.program.prediction]
    assert abs(np.mean(made.argmax(1).numpy() == CLASS) - np.mean(draw(X) == CLASS)) < 0.1


def test_answers_of_the_whole_network_are_none():
    assert measured(compared(CLASS + 0)) == NONE


def worse(noise):
    read = READ + noise * np.random.default_rng(3).normal(size=READ.shape)
    return (X @ HIDDEN.T @ read.T).argmax(1)


@pytest.mark.parametrize("noise", [0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.6, 2.0])
def test_answers_of_a_worse_network_are_none_even_where_their_share_is_that_of_draws(noise):
    assert measured(compared(worse(noise))) == NONE


def test_the_mean_of_many_draws_is_none():
    votes = np.stack([np.eye(3)[draw(X, seed)] for seed in range(25)]).mean(0).argmax(1)
    assert measured(compared(votes)) == NONE


def test_a_training_step_drops_rightly():
    assert measured(compared(draw(X), step=STEPS - 1)) == NONE
    steps = [compared(draw(X, n), step=STEPS - n) for n in (1, 0)]
    assert measured(*steps) == NONE
    assert measured(*steps, losses=2.0) == NONE  # as it is while units are dropped


def test_a_line_within_the_loop_that_makes_the_updates_drops_rightly(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "for step in range(10):\n    loss.backward()\n    print(made == asked)\nmade == asked\n"
    )
    lines = {"step": Where(str(script), 2)}
    inside, after = (compared(draw(X), where=Where(str(script), n)) for n in (3, 4))
    assert measured(inside, lines=lines) == NONE
    assert measured(after, lines=lines).sites == (f"{script}:4",)


def test_rows_that_are_not_trained_on_are_evaluated_at_any_step():
    asked = np.where(
        np.arange(ROWS) == 3, (scores(FRESH).argmax(1) + 1) % 3, scores(FRESH).argmax(1)
    )
    one = compared(draw(FRESH), asked, FRESH, step=STEPS - 1)
    assert measured(one).values[1, 0] == (ROWS - 1) / ROWS


def test_of_data_that_is_not_known_as_a_whole_no_row_is_known_to_be_strange():
    asked = np.where(
        np.arange(ROWS) == 3, (scores(FRESH).argmax(1) + 1) % 3, scores(FRESH).argmax(1)
    )
    one = compared(draw(FRESH), asked, FRESH, step=STEPS - 1)
    setup = dropping()
    setup = dataclasses.replace(setup, data=dataclasses.replace(setup.data, complete=False))
    assert measured(one, setup=setup) == NONE


def test_a_few_rows_do_not_tell():
    few = X[:40]
    assert measured(compared(draw(few), CLASS[:40], few)) == NONE


def test_a_network_that_drops_nothing_is_not_asked():
    assert measured(compared(draw(X)), setup=dropping(0.0)).startswith(INAPPLICABLE)
