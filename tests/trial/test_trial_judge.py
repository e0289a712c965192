"""Networks that train a loss that was not meant are judged by the one that was."""

import numpy as np
import pytest
from setups import perceptron

from unstuck.core.change import Change, Kind
from unstuck.core.options import Options, silent
from unstuck.core.transform import negated, standardised_inputs
from unstuck.trial.ensemble import Course, train
from unstuck.trial.laboratory import Laboratory, Point, judged

TURN = Change("loss-mismatch", "turn the sign", negated, kind=Kind.BUG, meant=True)
REMEDIES = {"loss-mismatch": (TURN,)}


@pytest.fixture(scope="module")
def climbing():
    """A training that pushes its squared error up, since the loss has a minus."""
    return negated(perceptron())


def test_a_loss_that_falls_below_every_goal_is_not_learned(climbing):
    own = train(climbing, Course(0.05, 4))
    meant = train(climbing, Course(0.05, 4, judge=negated(climbing)))
    assert own.arm().learned == 4
    assert meant.arm().learned == 0
    assert np.allclose(own.losses, -meant.losses, rtol=1e-3)


def test_a_judge_changes_nothing_about_a_network_that_trains_the_loss_that_was_meant():
    setup = perceptron()
    plain, same = (train(setup, Course(-1.0, 4, judge=judge)) for judge in (None, setup))
    assert np.allclose(plain.losses, same.losses, rtol=1e-4)


def test_what_lacks_the_mend_is_judged_by_it_and_what_has_it_by_its_own_loss(climbing):
    ops = [op.short for op in judged(climbing, REMEDIES).program.ops]
    assert ops[-2:] == ["neg", "neg"]
    assert judged(climbing, REMEDIES, (TURN,)) is None
    assert judged(climbing, {"other": (Change("other", "other", negated),)}) is None


def test_a_judge_reads_rows_on_the_scale_that_was_trained_on(climbing):
    scale = Change("inputs-unscaled", "standardise", standardised_inputs, kind=Kind.DATA)
    turn = Change("targets-unscaled", "turn", negated, kind=Kind.DATA)
    judge = judged(climbing, {**REMEDIES, "inputs-unscaled": (scale,)}, (scale, turn))
    rows = judge.data.rows[judge.program.inputs[0]]
    assert np.allclose(rows.std(0), 1, atol=1e-3)
    assert len(judge.program.ops) == len(climbing.program.ops) + 1
    assert judged(climbing, {"inputs-unscaled": (scale,)}, (scale,)) is None


def test_the_laboratory_gives_every_arm_its_judge(climbing):
    lab = Laboratory(climbing, REMEDIES, 0.05, Options(members=12, seconds=60.0), silent)
    without = lab.arm(Point(()))
    treated = lab.arm(Point((TURN,)))
    assert without.arm().learned == 0
    assert min(without.losses) > float(treated.losses.min())
