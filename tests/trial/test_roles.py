"""Which findings are called causes: by what their trials measured, and by nothing else."""

import dataclasses

import pytest

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.core.trial import Arm, Prescription, Trial
from unstuck.doctor import with_roles

ALL = 64


def arm(learned, steps=None):
    return Arm(learned, ALL, (0.0, 1.0), 100, steps)


def trial(name, without, verdict="helps", steps=(None, None)):
    arms = arm(without, steps[0]), arm(ALL, steps[1])
    return Trial(name, *arms, 1 - without / ALL, (0.05, 0.3), verdict, 0)


def judged(*trials):
    names = tuple(one.name for one in trials)
    chosen = Prescription(names, names, Safety.SAFE, arm(0), arm(ALL))
    found = tuple(Finding("X001", name, "", (), None, (), hypothesis=True) for name in names)
    known = {field.name: None for field in dataclasses.fields(Diagnosis)}
    known |= {"verdict": "stuck", "findings": found, "prescription": chosen, "not_run": ()}
    told = with_roles(Diagnosis(**known | {"trials": {one.name: one for one in trials}}))
    return {one.name: (one.role, one.because) for one in told.findings}


@pytest.mark.parametrize(
    ("without", "role"), [(0, "cause"), (57, "cause"), (58, "note"), (63, "note")]
)
def test_what_most_starts_learn_without_is_no_cause(without, role):
    found = judged(trial("a", 0), trial("b", without))
    assert found["a"][0] == "cause" and found["b"][0] == role
    surer = f"part of the cure, which it makes surer: learned in {without}/64 starts"
    assert found["b"][1].startswith(surer) == (role == "note")


def test_what_they_learn_far_more_slowly_without_is_one():
    found = judged(trial("a", 0), trial("b", 60, steps=(80, 40)))
    assert found["b"][0] == "cause"
    assert judged(trial("a", 0), trial("b", 60, steps=(79, 40)))["b"][0] == "note"


def test_a_change_that_is_the_whole_cure_is_always_one():
    assert judged(trial("a", 60))["a"][0] == "cause"


def test_what_makes_no_difference_is_harmless():
    found = judged(trial("a", 0), trial("b", 60, "no_difference"))
    assert "b" not in found  # nothing but a supposition
