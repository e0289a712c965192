"""What pictures need, measured of trainings made by hand."""

import math

import numpy as np
import pytest
from probe_setups import XNOR, drawn, heart_rate, network, recording

from unstuck.core.diagnosis import Diagnosis, Ladder, LossSummary
from unstuck.core.recording import Table
from unstuck.probe.pictures.bins import histogram, limits
from unstuck.probe.pictures.gathered import pictures

RELU = "torch.nn.functional.relu"
SIGMOID = "torch.sigmoid"


def judged(verdict="stuck", *, goal=0.1, end=0.7):
    ladder = Ladder({"constant": 0.69, "floor": 0.0}, end, goal)
    return Diagnosis(
        "train.py", verdict, "", LossSummary("loss", 0.7, end, 10), ladder, (), {}, (), None, (), {}
    )


def measured(setup, **more):
    return pictures(recording(setup), judged(), **more)


@pytest.fixture(scope="module")
def pulse():
    """Heart rates, one layer of eight units of which one bends among them, and a constant answer."""
    inputs, targets = heart_rate()
    hidden = (np.full((8, 1), 1.0), np.r_[-92.0, np.full(7, 5.0)])
    last = (np.zeros((1, 8)), np.zeros(1))
    ends = [hidden, last]
    setup = network(
        inputs, targets, [hidden, last], activations=(RELU,), output=SIGMOID, loss="bce", ends=ends
    )
    return measured(setup)


def test_targets_along_the_input_are_shares_of_a_yes(pulse):
    along = pulse.along
    assert along.kind == "yes-no" and along.low == ()
    middles = (np.array(along.edges[1:]) + along.edges[:-1]) / 2
    known = np.array(along.counts) > 0
    mean = np.array(along.mean)
    assert (mean[known & (middles < 90)] == 0).all()
    assert (mean[known & (middles > 92)] == 1).all()
    assert sum(along.counts) == 200


def test_the_line_along_the_input_is_what_the_network_answers(pulse):
    assert set(pulse.along.answer) == {0.5}


def test_units_bend_where_their_input_crosses_zero(pulse):
    assert sum(pulse.bends.after.counts) == 1
    assert pulse.bends.after.beyond == 7
    (place,) = np.flatnonzero(pulse.bends.after.counts)
    assert pulse.bends.after.edges[place] <= 92.0 <= pulse.bends.after.edges[place + 1]


def test_units_are_off_bending_or_straight(pulse):
    end = pulse.units[-1]
    assert (end.layer, end.count, end.when) == ("0", 8, "end")
    assert (end.off, end.flat, end.bending, end.rest) == (0.0, 0.0, 0.125, 0.875)


def test_answers_are_parted_by_target(pulse):
    no, yes = pulse.against.parted
    assert sum(no.counts) + sum(yes.counts) == 200
    assert np.flatnonzero(no.counts).tolist() == np.flatnonzero(yes.counts).tolist() == [10]


def test_what_does_not_apply_is_not_called_missing(pulse):
    assert pulse.surface is None and pulse.embedding is None
    assert pulse.left_out == {}


def test_rows_are_held_only_where_they_were_asked_for(pulse):
    inputs, targets = heart_rate()
    setup = network(inputs, targets, drawn([1, 1]), output=SIGMOID, loss="bce")
    assert pulse.rows == ()
    asked = measured(setup, data=True).rows
    assert asked[0] == ("row", "input 1", "target", "answer")
    assert len(asked) == 201
    index = int(asked[1][0])
    assert float(asked[1][1]) == pytest.approx(inputs[index, 0])


def test_the_gradient_of_a_layer_is_that_of_the_loss():
    inputs = np.array([[1.0], [2.0]], np.float32)
    targets = np.array([[0.0], [0.0]], np.float32)
    weights = [(np.ones((1, 1)), np.zeros(1))]
    setup = network(inputs, targets, weights, ends=[(np.full((1, 1), 3.0), np.zeros(1))])
    (flow,) = measured(setup).flows
    assert flow.gradient_start == pytest.approx(5.0)  # mean of 2·(wx)·x over x = 1, 2
    assert flow.gradient_end == pytest.approx(15.0)
    assert flow.moved == pytest.approx(2.0)


def test_residuals_stand_beside_those_of_the_mean():
    inputs = np.linspace(0, 1, 50, dtype=np.float32)[:, None]
    weights = [(np.ones((1, 1)), np.zeros(1))]
    found = measured(network(inputs, 2 * inputs, weights)).residuals
    assert found.network.edges == found.mean.edges
    assert sum(found.network.counts) == sum(found.mean.counts) == 50


def test_two_inputs_have_a_surface():
    inputs = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    targets = (inputs[:, :1] > 0).astype(np.float32)
    weights = [(np.array([[100.0, 0.0]]), np.zeros(1))]
    setup = network(inputs, targets, weights, output=SIGMOID, loss="bce")
    found = measured(setup).surface
    answer, x = np.array(found.answer), (np.array(found.x[1:]) + found.x[:-1]) / 2
    assert (answer[:, x > 0.2] > 0.99).all() and (answer[:, x < -0.2] < 0.01).all()
    assert np.array(found.rows.counts).sum() == 60


def test_classes_are_counted_by_target_and_answer():
    inputs = np.eye(3, dtype=np.float32).repeat(4, 0)
    classes = np.arange(3).repeat(4)
    setup = network(inputs, classes, [(np.eye(3)[[0, 1, 1]], np.zeros(3))], loss="ce")
    assert measured(setup).against.confusion == ((4, 0, 0), (0, 4, 0), (4, 0, 0))


def test_few_rows_are_not_laid_out_and_that_is_said():
    inputs, targets = XNOR
    found = measured(network(inputs, targets, drawn([4, 1]), output=SIGMOID, loss="bce"))
    assert found.embedding is None
    assert found.left_out == {"a map of the inputs": "4 rows are too few to be laid out"}


def test_alike_rows_lie_together_on_the_map():
    random = np.random.default_rng(0)
    centres = random.normal(size=(2, 5)) * 20
    classes = np.arange(40) % 2
    inputs = (centres[classes] + random.normal(size=(40, 5))).astype(np.float32)
    found = measured(network(inputs, classes, drawn([5, 2]), loss="ce")).embedding
    points, target = np.array(found.points), np.array(found.target)
    between = np.linalg.norm(points[target == 0].mean(0) - points[target == 1].mean(0))
    assert between > 2 * points[target == 0].std()


def test_answers_that_are_no_numbers_are_left_out_with_the_reason():
    inputs, targets = heart_rate(50)
    ends = [(np.full((1, 1), np.nan), np.zeros(1))]
    setup = network(inputs, targets, drawn([1, 1]), ends=ends)
    found = measured(setup)
    assert found.against is None and found.residuals is None
    assert "no number" in found.left_out["residuals"]
    assert all(math.isnan(value) for value in found.along.answer)


def test_without_rows_the_reason_is_told():
    inputs, targets = heart_rate(20)
    setup = network(inputs, targets, drawn([1, 1]))
    setup.data.rows.clear()
    found = pictures(recording(setup, gaps={"data": "no rows"}), judged())
    assert found.left_out == {"answers, data and layers": "no rows were stored"}
    assert found.inputs == ()


def test_a_run_that_met_its_goal_has_nothing_ahead():
    inputs, targets = heart_rate(20)
    made = recording(network(inputs, targets, drawn([1, 1])), losses=np.linspace(1, 0.5, 50))
    assert pictures(made, judged("learned", end=0.05)).ahead is None
    slow = pictures(made, judged("slow", end=0.5))
    assert slow.ahead is not None and slow.ahead.how == "by continuing its curve"


def test_the_recorded_gradient_is_thinned():
    inputs, targets = heart_rate(20)
    made = recording(network(inputs, targets, drawn([1, 1])))
    norms = Table("gradient_at_step", tuple(range(900)), ("gradient",), np.ones((900, 1)))
    assert len(pictures(made.with_tables(norms), judged()).gradient) == 200


def test_whole_numbers_have_a_bin_each_and_far_ones_none():
    assert histogram("x", np.array([1.0, 2.0, 2.0, 4.0])).counts == (1, 2, 0, 1)
    far = histogram("x", np.r_[np.random.default_rng(0).normal(size=99), 1e9, np.nan])
    assert (sum(far.counts), far.beyond) == (99, 2)
    assert np.isfinite(limits(np.full(3, np.nan))).all()


def test_targets_of_two_numbers_have_means_and_no_quartiles():
    inputs, targets = heart_rate(60)
    along = measured(network(inputs, targets, drawn([1, 1]))).along
    assert (along.kind, along.low, along.high) == ("number", (), ())
    assert len(along.mean) == len(along.counts)
