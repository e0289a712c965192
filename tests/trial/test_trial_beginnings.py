"""Runs whose arms are too dear for the budget: trials make their beginning, and say so."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, changed, perceptron

from unstuck.core.change import Change, Kind
from unstuck.core.options import Options, silent
from unstuck.core.setup import Optimizer
from unstuck.core.transform import with_rate
from unstuck.trial import laboratory
from unstuck.trial.cost import MIN_MEMBERS, Size, seconds
from unstuck.trial.ensemble import Result
from unstuck.trial.laboratory import Laboratory, beginning
from unstuck.trial.quicker import Descent, quicker
from unstuck.trial.search import search

STEPS = 40_000


def long_run(rate=0.01, **more):
    """A straight line from noiseless rows, at a rate that takes long; momentum never acts."""
    x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    setup = perceptron((1, 1), activation="", rows=32, steps=STEPS)
    rows = {X: x, Y: 2 * x + 1}
    sgd = Optimizer("SGD", ({"lr": rate, "momentum": 0.9},))
    return changed(setup, data_rows=rows, optimizer=sgd, loop_recreated=True, **more)


def kept(setup):
    loop = dataclasses.replace(setup.loop, recreated=False)
    return dataclasses.replace(setup, loop=loop)


HOIST = Change("optimizer-recreated", "build it once", kept, kind=Kind.BUG)
IDLE = Change("decoy", "a mend of nothing", lambda s: changed(s, loop_steps=True), kind=Kind.BUG)
OPTIONS = Options(members=16, seconds=120.0)
DESCENT = Descent(0.0, 10.0)
CUT = 1500


def first_steps(setup, each):
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=CUT))


def found(setup, *changes, goal=1e-9, descent=DESCENT):
    """What is found where a whole arm is said to be too dear, and its first 1,500 steps are not."""
    dozen = Size(MIN_MEMBERS, MIN_MEMBERS, MIN_MEMBERS, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(laboratory, "beginning", first_steps)
        patch.setattr(
            laboratory, "affordable", lambda s, *_: dozen if s.plan.steps == CUT else None
        )
        return search(setup, {c.name: (c,) for c in changes}, goal, OPTIONS, silent, descent)


@pytest.fixture(scope="module")
def short():
    """A run so slow that its beginning is far from the goal, with its mend and a decoy."""
    return found(long_run(0.0005), HOIST, IDLE, goal=1e-12)


def test_a_whole_arm_is_cut_to_what_the_budget_affords():
    setup = long_run()
    first = beginning(setup, 0.2)
    assert first is not None and first.plan.steps < STEPS
    assert seconds(first, MIN_MEMBERS) == pytest.approx(laboratory.LONGEST_ARM * 0.2, rel=0.02)
    assert beginning(setup, 1e-4) is None  # a few steps tell nothing
    assert Laboratory(setup, {}, 0.1, Options(), silent).within is None
    lab = Laboratory(setup, {}, 0.1, Options(seconds=3.0), silent)
    assert lab.within == lab.setup.plan.steps // 2 > 0


def test_a_set_of_changes_has_to_be_done_in_half_of_the_beginning():
    lab = Laboratory(long_run(), {}, 0.1, Options(seconds=3.0), silent)
    hits = torch.tensor([3.0, float(lab.within), lab.within + 1.0])
    late = Result(
        hits,
        torch.zeros(3),
        ((1, 0.0),),
        lab.setup.plan.steps,
        torch.zeros(1, 3),
        torch.zeros(3, 1),
    )
    assert late.until(lab.within).hits.tolist() == [3.0, lab.within, -1.0]
    assert late.until(None) is late


def test_what_learns_early_is_proved_by_the_beginning():
    setup = long_run(1e-4)
    faster = Change("lr-too-small", "raise the rate", lambda s: with_rate(s, 1000.0))
    seen = found(setup, faster, goal=0.01)
    assert seen.prescription.names == ("lr-too-small",)
    assert seen.prescription.aim is None
    assert seen.trials["lr-too-small"].verdict == "helps"
    [why] = [gap.because for gap in seen.not_run if gap.name == "ensemble"]
    assert f"the first {CUT:,} of {STEPS:,} steps, since one arm of 12 networks would take" in why


def test_a_mend_that_brings_the_run_down_in_half_the_steps_is_proved(short):
    assert short.prescription.names == ("optimizer-recreated",)
    trial = short.trials["optimizer-recreated"]
    assert trial.verdict == "helps"
    assert trial.aim == short.prescription.aim == trial.without.curve[-1][1]
    assert trial.without.median_steps == trial.without.steps
    assert trial.without.median_steps >= 2 * trial.with_it.median_steps
    assert max(trial.with_it.losses) < min(trial.without.losses)
    assert (trial.without.learned, trial.with_it.learned) == (0, 12)  # in half of the steps
    assert trial.interval[0] > 0


def test_a_mend_of_nothing_is_no_part_of_it(short):
    assert "decoy" not in short.trials


def test_without_a_mend_that_helps_there_is_none():
    seen = found(long_run(0.0005), IDLE, goal=1e-12)
    assert (seen.prescription, seen.trials) == (None, {})


@pytest.mark.parametrize("descent", [Descent(1.0, 2.0), Descent(0.0, 1e-9)])
def test_a_run_that_fell_no_further_or_had_hardly_begun_tells_nothing(descent):
    """The recorded run stayed where the beginning came to; or the beginning is no beginning yet."""
    assert found(long_run(0.0005), HOIST, goal=1e-12, descent=descent).prescription is None


def test_networks_that_end_no_lower_than_all_of_the_others_are_not_faster():
    class Held:
        spent = 0

        def arm(self, point, *, confirm):
            low = 0.4 if point.all else 0.6
            curve = tuple((step, low + 1 / (step + 1)) for step in range(100))
            ends = torch.tensor([low, low, low, 0.55])
            looked = torch.tensor([[loss] * 4 for _, loss in curve])
            return Result(torch.full((4,), -1.0), ends, curve, 100, looked, ends[:, None])

    assert quicker(Held(), (HOIST,), Descent(0.0, 1.0)) is None
