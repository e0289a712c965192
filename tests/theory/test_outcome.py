"""The outcome read back from a recording's tables."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_goal import rungs

from unstuck.core.recording import SCHEMA, Recording, Table
from unstuck.theory import goal, outcome, standing
from unstuck.theory.outcome import read_goal

SITES = ("start", "constant", "linear", "quadratic", "learner", "floor", "end", "goal", "reference")


def recorded(losses, rungs=None, rows=4, gaps=None):
    tables = [Table("loss", tuple(range(len(losses))), ("loss",), np.array(losses)[:, None])]
    if rungs:
        values = np.array([[rungs.get(site, np.nan) for site in SITES]])
        tables.append(Table("ladder", (0,), SITES, values))
        size = np.array([[rows, 4.0, 1.0]])
        tables.append(Table("rows", (0,), ("rows", "features", "targets"), size))
    return Recording(
        schema=SCHEMA, framework="torch", versions={}, script="train.py", argv=(),
        ended="finished", calls=(), sites=(),
        tables={table.quantity: table for table in tables},
        setup=None, lines={}, gaps=gaps or {}, cost={},
    )  # fmt: skip


XNOR = {
    "start": 0.7,
    "constant": 0.6931,
    "floor": 0.0,
    "end": 0.6935,
    "goal": 0.06931,
    "reference": 0.0,
}


def test_a_recording_with_a_ladder_gets_its_verdict():
    found = outcome(recorded([0.7, 0.699, 0.698], XNOR))
    assert found.verdict == "stuck"
    assert found.ladder.goal == 0.06931 and found.ladder.end == 0.6935
    assert found.ladder.rungs["linear"] is None


def test_the_summary_of_the_loss_keeps_its_ends():
    found = outcome(recorded(list(np.linspace(1, 0.5, 1000)), XNOR))
    assert (found.loss.start, found.loss.end, found.loss.steps) == (1.0, 0.5, 1000)
    assert len(found.loss.curve) == 200
    assert found.loss.curve[0] == (0, 1.0) and found.loss.curve[-1] == (999, 0.5)


def test_without_a_ladder_the_verdict_is_unknown_but_the_loss_is_told():
    found = outcome(recorded([0.7, 0.699]))
    assert found.verdict == "unknown" and found.ladder is None and "0.6990" in found.sentence


def test_an_unknown_end_is_taken_from_the_curve():
    rungs = {**XNOR, "end": np.nan}
    assert outcome(recorded([0.7, 0.06], rungs)).verdict == "learned"


def test_why_there_is_no_goal_is_read_from_the_gaps():
    rungs = {**XNOR, "goal": np.nan}
    found = outcome(recorded([0.7, 0.69], rungs, gaps={"ladder.goal": "nothing to learn: noise"}))
    assert found.verdict == "floor" and "noise" in found.sentence


@given(st.floats(-5, 5))
def test_the_goal_of_a_run_that_ended_worse_than_a_constant_is_read_back(constant):
    made = standing(constant)
    assert made.loss >= constant
    assert read_goal({"constant": constant, "goal": made.loss, "reference": constant}, 500) == made


def test_a_goal_beyond_a_straight_line_is_read_back():
    made = rungs(learner=0.002)
    made = dataclasses.replace(made, losses=made.losses | {"linear": 0.06}, straight=True)
    aim = goal(made)
    saved = {**made.losses, "goal": aim.loss, "reference": aim.reference}
    found = read_goal(saved, 500)
    assert (found.loss, found.reference, found.basis) == (aim.loss, 0.002, "learner")
    assert "the best linear model (0.06)" in found.why


@given(st.floats(0.5, 5), st.floats(0, 0.9), st.sampled_from([4, 500]), st.booleans())
def test_a_goal_that_was_saved_is_read_back_with_its_reference_and_basis(
    constant, share, rows, learner
):
    given_rungs = rungs(
        constant=constant,
        floor=0.0 if learner else share * constant,
        learner=share * constant if learner else None,
        rows=rows,
        groups=rows if learner or rows < 50 else 5,
    )
    made = goal(given_rungs)
    saved = {**given_rungs.losses, "goal": made.loss, "reference": made.reference}
    found = read_goal(saved, rows)
    assert found.reference == pytest.approx(made.reference, abs=1e-9)
    assert found.basis == made.basis or share == 0 or rows < 50


def fitting(**fit):
    sites = ("sign", "logs", "targets", "classes", "outputs")
    values = np.array([[fit.get(site, np.nan) for site in sites]])
    return Table("loss_fit", (0,), sites, values)


@pytest.mark.parametrize(
    "fit", [{"sign": -1.0}, {"logs": 1.6}, {"targets": 1.0}, {"classes": 1.0}, {"outputs": 3.0}]
)
def test_a_falling_loss_that_was_not_meant_is_no_progress(fit):
    falling = recorded(list(np.linspace(0.7, -100, 200)), {**XNOR, "end": 0.9})
    assert outcome(falling).verdict == "slow"
    found = outcome(falling.with_tables(fitting(**fit)))
    assert found.verdict == "stuck"
    assert found.sentence.endswith("the script's own does not measure it.")
    assert found.loss.end == -100


def test_a_loss_that_fits_is_taken_as_it_is():
    run = recorded([0.7, 0.699], XNOR).with_tables(fitting(sign=1.0, targets=0.0))
    assert "meant" not in outcome(run).sentence


def foreseen(**known):
    ends = [f"{how} {end}" for how in ("frozen", "lapse") for end in ("low", "median", "high")]
    sites = (*ends, "plateau")
    values = np.array([[known.get(site.replace(" ", "_"), np.nan) for site in sites]])
    return Table("foreseen", (0,), sites, values)


def test_what_theory_says_of_the_steps_to_come_is_told():
    run = recorded([0.7, 0.699, 0.698], XNOR)
    still = foreseen(frozen_low=4000.0, frozen_median=6000.0, frozen_high=9000.0)
    told = outcome(run.with_tables(still)).sentence
    assert told.endswith("as it is would need 4,000 to 9,000 more steps (by its tangent kernel).")
    rest = foreseen(lapse_low=np.inf, lapse_median=np.inf, lapse_high=np.inf, plateau=0.5)
    assert "comes to rest at 0.5000" in outcome(run.with_tables(rest)).sentence


def test_where_theory_is_silent_nothing_is_said_of_the_steps_to_come():
    run = recorded([0.7, 0.699, 0.698], XNOR)
    assert outcome(run.with_tables(foreseen(lapse_low=90.0))).sentence == outcome(run).sentence
