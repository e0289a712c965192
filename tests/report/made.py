"""Diagnoses made by hand, small and complete, for the tests of everything that shows one."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis, Ladder, LossSummary
from unstuck.core.finding import Evidence, Finding, NotRun
from unstuck.core.recording import Where
from unstuck.core.trial import Arm, Attempt, Bundle, Patch, Prescription, Trial

SCRIPT = """\
import torch

rates = load()
net = build()
for step in range(10_000):
    out = net(rates)
    loss = criterion(out, high)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

DIFF = """\
--- a/train.py
+++ b/train.py
@@ -3,1 +3,2 @@
 rates = load()
+rates = (rates - 92.6) / 5.5
"""


def arm(learned: int, members: int = 64, **more: Any) -> Arm:
    interval = more.pop("interval", (max(0.0, learned / members - 0.06), learned / members))
    return Arm(
        learned,
        members,
        interval,
        more.pop("steps", 10_000),
        more.pop("median_steps", None),
        **more,
    )


def ladder(**more: Any) -> Ladder:
    rungs = {
        "start": 0.7412,
        "constant": 0.6786,
        "linear": 0.2101,
        "quadratic": 0.1502,
        "learner": 0.0102,
        "floor": 0.0,
    }
    given = {
        "rungs": rungs,
        "end": 0.6786,
        "goal": 0.0679,
        "why_goal": "closing 90% of the gap between a constant prediction (0.6786) and 0, the floor",
    }
    return Ladder(**{**given, **more})


def cause(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "D001",
        "name": "inputs-unscaled",
        "message": "the inputs lie 17 spreads away from 0, and no unit bends among them",
        "evidence": (Evidence("input_offset", 16.87, 5.0, "ratio", "feature 0"),),
        "where": Where("train.py", 6),
        "severity": "high",
        "confidence": 0.95,
        "role": "cause",
        "because": "without this change no start learned",
    }
    return Finding(**{**given, **more})


def suspect(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "O004",
        "name": "lr-too-small",
        "message": "each step moves the predictions by 1e-5 of what is missing",
        "evidence": (Evidence("progress", 0.001, 0.01, "share", "late", above=False),),
        "where": Where("train.py", 10),
        "because": "the trial was inconclusive",
    }
    return Finding(**{**given, **more})


def note(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "N003",
        "name": "saturated-units",
        "message": "96 % of the hidden units are flat over the whole data",
        "evidence": (Evidence("units_saturated", 0.96, 0.5, "share", "fc1", step=0),),
        "role": "note",
        "explained_by": "inputs-unscaled",
    }
    return Finding(**{**given, **more})


def trial(**more: Any) -> Trial:
    given: dict[str, Any] = {
        "name": "inputs-unscaled",
        "without": arm(0, median_steps=None),
        "with_it": arm(64, median_steps=3160.0),
        "effect": 1.0,
        "interval": (0.94, 1.0),
        "verdict": "helps",
        "cost": 1_280_000,
    }
    return Trial(**{**given, **more})


def prescription(**more: Any) -> Prescription:
    given: dict[str, Any] = {
        "names": ("inputs-unscaled",),
        "say": ("Subtract 92.6 from the inputs and divide by 5.5",),
        "safety": Safety.SAFE,
        "without": arm(0),
        "with_it": arm(64, median_steps=3160.0),
        "alternatives": (
            Attempt(("too-little-capacity",), "32 hidden units instead of 4", arm(37)),
        ),
        "patch": Patch({"train.py": SCRIPT.replace("load()", "(load() - 92.6) / 5.5")}, DIFF),
        "proof": "parses",
    }
    return Prescription(**{**given, **more})


def diagnosis(**more: Any) -> Diagnosis:
    """A stuck run with one cause, one suspect, one mechanism, two gaps and a prescription."""
    given: dict[str, Any] = {
        "script": "train.py",
        "verdict": "stuck",
        "sentence": "Stuck: after 10,000 steps the loss is 0.6786, what a constant prediction would score; 0.0679 or less is achievable on these 200 rows.",
        "loss": LossSummary("BCELoss", 0.7412, 0.6786, 10_000, ((0, 0.7412), (9_999, 0.6786))),
        "ladder": ladder(),
        "findings": (note(), suspect(), cause()),
        "trials": {"inputs-unscaled": trial()},
        "not_run": (
            NotRun("rule", "vanishing-gradients", "gradients by layer were not measured"),
            NotRun("rule", "frozen-params", "gradients by layer were not measured"),
        ),
        "prescription": prescription(),
        "tried": (
            Attempt((), "as it is", arm(0)),
            Attempt(("inputs-unscaled",), "scaled", arm(64)),
        ),
        "took": {"probe": 0.42, "rules": 0.01, "trials": 11.8},
        "run_folder": ".unstuck/runs/20261122T070000-train-4711",
    }
    return Diagnosis(**{**given, **more})


def bundle(*losses: float) -> Bundle:
    """Curves around these losses, one a step of a thousand."""
    factors = (0.8, 1.0, 1.2)
    low, median, high = (tuple(loss * factor for loss in losses) for factor in factors)
    return Bundle(tuple(range(0, 1000 * len(losses), 1000)), low, median, high, (low, high))


def curved(**more: Any) -> Diagnosis:
    """The stuck run with the curves of its trial."""
    shown = trial(
        without=arm(0, bundle=bundle(0.74, 0.68, 0.67)),
        with_it=arm(64, median_steps=3160.0, bundle=bundle(0.74, 0.31, 0.04)),
    )
    return diagnosis(trials={"inputs-unscaled": shown}, **more)


def healthy(**more: Any) -> Diagnosis:
    """A run that learned, with nothing to say but a note."""
    given: dict[str, Any] = {
        "verdict": "learned",
        "sentence": "Learned: after 10,000 steps the loss is 0.0311; a constant prediction would score 0.6786.",
        "loss": LossSummary("BCELoss", 0.7412, 0.0311, 10_000),
        "ladder": ladder(end=0.0311),
        "findings": (note(explained_by=None),),
        "trials": {},
        "not_run": (),
        "prescription": None,
        "tried": (),
    }
    return dataclasses.replace(diagnosis(), **{**given, **more})


def nothing_seen(**more: Any) -> Diagnosis:
    """A script in which no network was trained."""
    given: dict[str, Any] = {
        "verdict": "unknown",
        "sentence": "Unknown: no training was seen.",
        "loss": None,
        "ladder": None,
        "findings": (),
        "trials": {},
        "not_run": (),
        "prescription": None,
        "tried": (),
        "took": {},
    }
    return dataclasses.replace(diagnosis(), **{**given, **more})
