"""Rows that hold what is no number: found where they spoil the loss, mended, and measured without holes."""

import dataclasses

import numpy as np
import pytest
import torch
from probe_setups import X, Y, drawn, network, recording, slot

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.setup import Op
from unstuck.core.transform import Mend, Unchangeable, holes, mend, with_numbers
from unstuck.core.transform.holes import medians
from unstuck.probe import probe
from unstuck.probe.holes import measure, mended
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(80, 2)).astype(np.float32)
TARGETS = np.sin(2 * INPUTS[:, :1])
NAN, INF = np.float32("nan"), np.float32("inf")


def punched(rows, *places, value=NAN):
    rows = rows.copy()
    for place in places:
        rows[place] = value
    return rows


def made(inputs=INPUTS, targets=TARGETS, **options):
    return network(inputs, targets, drawn((2, 1)), **options)


def test_rows_of_numbers_need_no_mend():
    setup = made()
    assert mend(setup) is None and mended(setup) is setup
    assert np.isnan(measure(subject(setup), recording(setup))["holes"].values).all()


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_a_row_with_a_hole_is_one_however_many_it_has(value):
    setup = made(punched(INPUTS, (3, 0), (3, 1), (5, 1), value=value))
    assert np.flatnonzero(holes(setup, "inputs")).tolist() == [3, 5]
    assert not holes(setup, "targets").any()


@pytest.mark.parametrize(("hit", "fill"), [(8, ""), (9, "median")])
def test_up_to_a_tenth_of_the_rows_is_left_out(hit, fill):
    how = mend(made(punched(INPUTS, (slice(0, hit), 0))))
    assert how == Mend(fill, () if fill else ("inputs",))


def test_rows_without_a_target_are_left_out_however_many_they_are():
    setup = made(punched(INPUTS, (slice(0, 20), 0)), punched(TARGETS, slice(10, 60)))
    how = mend(setup)
    assert how == Mend("median", ("targets",))
    changed = with_numbers(setup, how)
    assert changed.data.count == 30 and np.isfinite(changed.data.rows[X]).all()
    assert np.array_equal(changed.data.rows[Y], setup.data.rows[Y][np.r_[0:10, 60:80]])


def test_a_feature_without_a_number_has_no_median():
    setup = made(punched(INPUTS, (slice(None), 1)))
    how = mend(setup)
    assert how == Mend("zero", ())
    assert not with_numbers(setup, how).data.rows[X][:, 1].any()


@pytest.mark.parametrize("seed", range(5))
def test_medians_are_those_of_torch(seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(random.integers(2, 9), 3, 2)).astype(np.float32)
    rows[random.random(rows.shape) < 0.4] = NAN
    expected = torch.from_numpy(rows).nanmedian(0).values.numpy()
    assert np.array_equal(medians(rows), expected, equal_nan=True)


def test_as_many_passes_are_made_over_the_rows_that_are_left():
    setup = made(punched(INPUTS, (slice(0, 8), 0)), steps=40, batch=10, order="epochs")
    changed = with_numbers(setup, Mend("", ("inputs",)))
    assert (changed.plan.batch, changed.plan.steps, changed.plan.first) == (10, 40, ())
    changed = with_numbers(made(setup.data.rows[X]), Mend("", ("inputs",)))
    assert (changed.plan.batch, changed.plan.steps) == (72, 10)


def test_something_has_to_be_left():
    setup = made(targets=punched(TARGETS, slice(1, None)))
    with pytest.raises(Unchangeable, match="hardly a row"):
        with_numbers(setup, Mend("", ("targets",)))
    assert mended(setup) is setup


def test_what_is_measured_is_measured_on_numbers():
    setup = made(punched(INPUTS, (3, 0)), punched(TARGETS, 4))
    found = probe(recording(setup, [np.nan])).recording.tables
    assert found["holes"].at("inputs") == found["holes"].at("targets") == 1 / 80
    assert found["rows"].at("rows") == 78
    assert np.isfinite(found["ladder"].at("goal")) and found["ladder"].at("start") > 0


def test_a_loss_that_leaves_holes_out_is_not_spoilt():
    def masked(here, free):
        ops = [
            Op("torch.isnan", (slot(Y),), {}, (free,)),
            Op("torch.where", (slot(free), slot(here), slot(Y)), {}, (free + 1,)),
            Op("torch.nn.functional.mse_loss", (slot(here), slot(free + 1)), {}, (free + 2,)),
        ]
        return ops, free + 2

    setup = made(targets=punched(TARGETS, 4), tail=masked)
    assert mended(setup) is setup
    assert np.isnan(measure(subject(setup), recording(setup))["holes"].values).all()


def test_a_gradient_that_is_no_number_spoils_as_well():
    setup = network(
        punched(INPUTS, (4, 0), value=-INF), TARGETS, drawn((2, 4, 1)), activations=["torch.tanh"]
    )
    assert mended(setup).data.count == 79


def test_a_loss_that_is_no_number_without_holes_either_is_not_spoilt_by_them():
    def broken(here, free):
        shifted = Op("torch.Tensor.sub", (slot(here), 1e9), {}, (free,))
        logged = Op("torch.log", (slot(free),), {}, (free + 1,))
        return [shifted, logged, Op("torch.mean", (slot(free + 1),), {}, (free + 2,))], free + 2

    setup = made(punched(INPUTS, (3, 0)), tail=broken)
    assert mended(setup) is setup


def test_no_operation_is_blamed_for_what_was_in_the_rows():
    setup = made(punched(INPUTS, (3, 0)))
    broken = recording(setup, [np.nan])
    assert "breakdown" not in probe(broken).recording.tables
    found = probe(broken).recording.gaps["breakdown"]
    assert found == INAPPLICABLE + "what is no number was in the rows"


def test_rows_that_the_network_cannot_do_without_stay():
    setup = made(punched(INPUTS, (3, 0)))
    weights = {400: np.ones((80, 1), np.float32)}
    weighed = Op("torch.Tensor.mul", (slot(setup.program.prediction), slot(400)), {}, (401,))
    loss = dataclasses.replace(setup.program.ops[-1], args=(slot(401), slot(Y)))
    ops = (*setup.program.ops[:-1], weighed, loss)
    program = dataclasses.replace(setup.program, ops=ops, constants=weights)
    setup = dataclasses.replace(setup, program=program)
    assert mended(setup) is setup
