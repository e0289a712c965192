"""Waves beside the inputs: the rows that networks are trained on, and the layer that takes them."""

import dataclasses
import re

import numpy as np
import pytest
from setups import X, perceptron, slot

from unstuck.core.setup import Draw, Op
from unstuck.core.transform import Unchangeable, standardised_inputs, with_waves
from unstuck.trial.draw import starts
from unstuck.trial.ensemble import Course, train

WAVES = ((40.0, 0.0), (3.0, 7.0))


def spread(setup):
    return tuple(setup.data.rows[X].std(axis=0, dtype=np.float64).tolist())


def waved(setup, waves=WAVES, raw=None):
    return with_waves(setup, waves, spread(raw or setup))


def test_each_row_gets_sine_and_cosine_of_its_phases():
    before = perceptron((2, 5, 1))
    for x, made in zip(before.data.rows[X], waved(before).data.rows[X], strict=True):
        a, b = 40 * x[0] + 3 * x[1], 7 * x[1]
        expected = [*x, np.sin(a), np.sin(b), np.cos(a), np.cos(b)]
        assert made == pytest.approx(expected, abs=1e-4)


def test_the_rows_keep_their_precision():
    assert waved(perceptron((2, 5, 1))).data.rows[X].dtype == np.float32


def test_standardised_rows_get_the_waves_of_what_they_were():
    before = perceptron((2, 5, 1))
    rows = {**before.data.rows, X: 300 * before.data.rows[X] + np.float32(1000)}
    raw = dataclasses.replace(before, data=dataclasses.replace(before.data, rows=rows))
    slow = ((0.1, 0.0), (0.02, 0.05))
    before, after = waved(raw, slow), waved(standardised_inputs(raw), slow, raw)
    own, theirs = (one.data.rows[X][:, 2:].astype(np.float64) for one in (before, after))
    turned = own[:, :2] ** 2 + own[:, 2:] ** 2
    assert turned == pytest.approx(1, abs=1e-4)
    difference = own[:, 2:] * theirs[:, 2:] + own[:, :2] * theirs[:, :2]  # cos of the phase between
    assert np.ptp(difference, axis=0) == pytest.approx(0, abs=1e-2)


def test_a_sample_of_the_rows_gets_the_waves_of_all():
    raw = perceptron((1, 5, 1), rows=4000)
    rows = {key: one[:1000] for key, one in raw.data.rows.items()}
    few = dataclasses.replace(raw, data=dataclasses.replace(raw.data, rows=rows))
    whole = waved(raw, ((40.0,),)).data.rows[X][:1000]
    assert np.array_equal(waved(few, ((40.0,),), raw).data.rows[X], whole)


def test_the_first_layer_is_drawn_for_as_many_inputs():
    drawn = starts(waved(perceptron((2, 50, 1))), 3, 0)
    assert drawn[0].shape == (3, 50, 6)
    assert float(drawn[0].abs().max()) == pytest.approx(1 / np.sqrt(6), rel=0.02)
    assert float(drawn[1].abs().max()) == pytest.approx(1 / np.sqrt(6), rel=0.05)
    assert drawn[2].shape == (3, 1, 50)


def test_another_function_of_the_inputs_is_no_matter_of_size():
    before = perceptron((2, 5, 1))
    assert waved(before).program is not before.program


def test_networks_learn_with_their_waves_what_they_do_not_without():
    before = perceptron((1, 8, 1), rows=200, steps=300)
    x = before.data.rows[X]
    data = dataclasses.replace(before.data, rows={X: x, 101: np.sin(40 * x)})
    before = dataclasses.replace(before, data=data)
    with_them, without = (
        train(one, Course(0.1, 4)).arm().share for one in (waved(before, ((40.0,),)), before)
    )
    assert (with_them, without) == (1, 0)


def test_inputs_that_two_layers_read_are_left_alone():
    setup = perceptron((2, 5, 1))
    more = Op("torch.sin", (slot(X),), {}, (500,))
    program = dataclasses.replace(setup.program, ops=(more, *setup.program.ops))
    _refused(dataclasses.replace(setup, program=program), "by one layer alone")


def test_inputs_that_are_bent_before_the_first_layer_are_left_alone():
    setup = perceptron((2, 5, 1))
    bent = Op("torch.sin", (slot(X),), {}, (500,))
    first, *rest = setup.program.ops
    first = dataclasses.replace(first, args=(slot(500), *first.args[1:]))
    program = dataclasses.replace(setup.program, ops=(bent, first, *rest))
    _refused(dataclasses.replace(setup, program=program), "not a linear layer")


def test_sequences_are_left_alone():
    setup = perceptron((2, 5, 1))
    rows = {**setup.data.rows, X: np.zeros((12, 7, 2), np.float32)}
    data = dataclasses.replace(setup.data, rows=rows)
    _refused(dataclasses.replace(setup, data=data), "not rows of real numbers")


def test_a_layer_of_which_it_is_not_known_how_it_was_drawn_is_left_alone():
    setup = perceptron((2, 5, 1))
    first, *rest = setup.parameters
    kept = dataclasses.replace(first, draws=(Draw("keep"),))
    _refused(dataclasses.replace(setup, parameters=(kept, *rest)), "not known")


def _refused(setup, because):
    with pytest.raises(Unchangeable, match=re.escape(because)):
        with_waves(setup, WAVES, (1.0, 1.0))
