"""The patched script itself is run again, with and without the patch, and judged by its own loss."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unstuck.core.change import Safety
from unstuck.core.trial import Arm, Patch, Prescription
from unstuck.verify import patched
from unstuck.verify.patched import Rerun

SCRIPT = """\
import torch

x = torch.linspace(-1, 1, 60).reshape(-1, 1)
y = 3 * x - 1
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)
for step in range(300):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
print("loss", loss.item())
"""


def test_fix_prints_a_diff_that_patch_takes_and_that_mends(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "unstuck", "fix", "--yes", "--seeds", "2", "line.py"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, ran.stderr
    assert "run from 2 seeds; 2/2 learned, 0/2 as it is" in ran.stderr
    assert (tmp_path / "line.py").read_text() == SCRIPT
    tool = shutil.which("patch")
    if tool is None:
        pytest.skip("patch is not installed")
    applied = subprocess.run(
        [tool, "-p1"], cwd=tmp_path, input=ran.stdout, text=True, capture_output=True, check=False
    )
    assert applied.returncode == 0, applied.stdout
    again = subprocess.run(
        [sys.executable, "line.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(again.stdout.split()[-1]) < 0.3


class Runs:
    """A script whose runs end at these losses, in turn with and without the patch."""

    deadline = math.inf

    def __init__(self, after: list[float], before: list[float]) -> None:
        self.left = {True: after, False: before}

    def beyond(self, files: object, *, seed: int, goal: float) -> float:
        return self.left[bool(files)].pop(0) - goal


def prescription() -> Prescription:
    arm = Arm(0, 64, (0.0, 0.1), 100, None)
    return Prescription(
        ("lr-too-small",), ("faster",), Safety.SAFE, arm, arm, patch=Patch({"a.py": "x"}, "")
    )


def ended(after: list[float], before: list[float], times: int) -> tuple[list[float], list[float]]:
    runs = Runs(list(after), list(before))
    return patched._ends(runs, prescription(), 0.1, times, lambda what, done: None)  # type: ignore[arg-type]


def test_runs_with_and_without_the_patch_take_turns() -> None:
    assert ended([0.0] * 5, [1.0] * 5, 5) == ([0.9] * 5, [-0.1] * 5)


def test_the_rest_is_not_run_once_too_many_patched_runs_have_failed() -> None:
    before, after = ended([1.0] * 5, [1.0] * 5, 5)
    assert (len(before), len(after)) == (0, 1)
    before, after = ended([0.0, 1.0, *[0.0] * 8], [1.0] * 10, 10)
    assert len(after) == 10


@pytest.mark.parametrize(
    ("runs", "mended", "rerun", "said"),
    [
        (5, True, Rerun(10, 50.0), ""),
        (3, True, Rerun(10, 50.0), "the time for verifying runs was over after 3 of 5"),
        (1, False, Rerun(10, 50.0), "it ended after 1 of 5 runs, too many of which"),
        (5, True, Rerun(10, 50.0, 700), "each run was stopped after 700 steps"),
    ],
)
def test_what_the_verification_left_out_is_said(
    runs: int, mended: bool, rerun: Rerun, said: str
) -> None:
    assert patched._cut_short(runs, mended, rerun).startswith(said)
    assert bool(patched._cut_short(runs, mended, rerun)) is bool(said)
