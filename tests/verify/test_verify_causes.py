"""Proofs by running the script again: which sets are run, what is kept, and what stops it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from unstuck.core.change import Change, Kind
from unstuck.core.diagnosis import Diagnosis, Ladder
from unstuck.core.edits import ClearGradients, Edit, SetArgument
from unstuck.core.finding import Finding
from unstuck.core.options import Options
from unstuck.core.recording import Where
from unstuck.runner import job as jobs
from unstuck.runner.job import Job
from unstuck.verify import causes, provable, prove

SCRIPT = """\
import torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.NAdam(model.parameters(), lr=0.01, weight_decay=0.0)
for epoch in range(10):
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
"""
FILE = "train.py"
GOAL = 0.1

RATE = SetArgument(Where(FILE, 3), "NAdam", "lr", 1, 0.1, 0.01)
DECAY = SetArgument(Where(FILE, 3), "NAdam", "weight_decay", 4, 0.5, 0.0)
CLEAR = ClearGradients(Where(FILE, 6), Where(FILE, 7))

Learns = Callable[[str, int], bool]


def finding(name: str, edit: Edit, kind: Kind = Kind.SETTING) -> Finding:
    change = Change(name, f"mend {name}", lambda setup: setup, (edit,), kind=kind)
    return Finding("X001", name, "it is so", (), remedies=(change,))


FINDINGS = (
    finding("missing-zero-grad", CLEAR, Kind.BUG),
    finding("lr-too-small", RATE),
    finding("decay", DECAY),
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Learns], Diagnosis]:
    """Prove with a script of which `learns(text, seed)` says whether its network learns."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILE).write_text(SCRIPT)
    run = tmp_path / "run"
    run.mkdir()
    jobs.write(Job(kind="script", target=FILE), run)

    def proved(learns: Learns) -> Diagnosis:
        @dataclasses.dataclass
        class Script:
            job: Job
            place: Path
            deadline: float
            runs: int = 0

            def end(self, files: Mapping[Path, str], *, seed: int) -> float:
                self.runs += 1
                text = files.get(Path(FILE), SCRIPT)
                return 0.0 if learns(text, seed) else math.nan

        monkeypatch.setattr(causes, "Script", Script)
        return prove(sick(), run, Options())

    return proved


def sick(**more: object) -> Diagnosis:
    ladder = Ladder({"constant": 1.0, "floor": 0.0}, 1.0, GOAL)
    plain = Diagnosis(FILE, "stuck", "Stuck.", None, ladder, FINDINGS, {}, (), None, (), {})
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


Prove = Callable[[Learns], Diagnosis]


def test_the_one_change_that_mends_is_found_and_proved(made: Prove) -> None:
    found = made(lambda text, seed: "lr=0.1" in text)
    assert found.prescription is not None
    assert found.prescription.names == ("lr-too-small",)
    assert {name: trial.verdict for name, trial in found.trials.items()} == {
        "lr-too-small": "helps"
    }
    assert "+optimizer = torch.optim.NAdam(model.parameters(), lr=0.1" in (
        found.prescription.patch.diff if found.prescription.patch else ""
    )


def test_two_faults_that_mask_each_other_are_both_found(made: Prove) -> None:
    found = made(lambda text, seed: "lr=0.1" in text and "zero_grad()" in text)
    assert found.prescription is not None
    assert set(found.prescription.names) == {"missing-zero-grad", "lr-too-small"}
    assert {trial.verdict for trial in found.trials.values()} == {"helps"}
    assert (found.prescription.before, found.prescription.after) == (0, 8)


def test_a_change_that_makes_no_difference_is_not_prescribed(made: Prove) -> None:
    found = made(lambda text, seed: "zero_grad()" in text)
    assert found.prescription is not None
    assert found.prescription.names == ("missing-zero-grad",)


def test_a_cure_that_helps_too_few_seeds_is_none(made: Prove) -> None:
    found = made(lambda text, seed: "lr=0.1" in text and seed % 2 == 0)
    assert found.prescription is None
    assert "none mends the script" in found.not_run[-1].because


def test_where_other_seeds_learn_unchanged_nothing_is_blamed(made: Prove) -> None:
    found = made(lambda text, seed: True)
    assert (found.prescription, found.trials) == (None, {})
    assert "learns with no change" in found.not_run[-1].because


def test_the_sets_that_were_run_are_told_with_what_they_achieved(made: Prove) -> None:
    found = made(lambda text, seed: "lr=0.1" in text)
    shares = {attempt.names: attempt.arm.share for attempt in found.tried}
    assert shares[()] == 0.0
    assert shares[("lr-too-small",)] == 1.0
    assert shares[("missing-zero-grad",)] == 0.0


def test_the_search_ends_when_its_time_is_over(
    made: Prove, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(causes.time, "monotonic", lambda: float(next(clock)))
    found = made(lambda text, seed: False)
    assert found.prescription is None
    assert "the time for running the script was over after" in found.not_run[-1].because


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, True),
        ({"verdict": "learned"}, False),
        ({"ladder": None}, False),
        ({"findings": ()}, False),
    ],
)
def test_runs_are_offered_where_they_could_tell(more: dict[str, object], answer: bool) -> None:
    assert provable(sick(**more)) is answer
