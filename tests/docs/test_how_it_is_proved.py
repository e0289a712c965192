"""docs/how-it-is-proved.md gives the numbers that are in the code."""

from importlib import import_module
from pathlib import Path

from unstuck.core import trial
from unstuck.core.options import Options
from unstuck.theory import learners
from unstuck.trial import cost, grid, laboratory, reproduce

# functions of the same names hide these modules in their package
goal, ladder, verdicts = (
    import_module(f"unstuck.theory.{m}") for m in ("goal", "ladder", "verdict")
)

PAGE = (Path(__file__).parents[2] / "docs" / "how-it-is-proved.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())


def test_the_goal_is_that_of_theory() -> None:
    assert f"closing {goal.CLOSED:.0%} of the gap".replace("%", " %") in TEXT
    assert f"fewer than {goal.ENOUGH_ROWS} distinct ones" in TEXT
    assert f"below {goal.LEAST_GAP * 100:.0f} % of the constant's loss" in TEXT
    assert goal.CLEAR == 2.0 and "two standard errors of the learner's gain" in TEXT


def test_the_ladder_is_that_of_theory() -> None:
    assert f"(up to {ladder.WIDEST_QUADRATIC} inputs)" in TEXT
    assert learners.FOLDS == 5 and f"(five folds, at most {learners.MOST_ROWS:,} rows)" in TEXT


def test_the_verdicts_are_those_of_theory() -> None:
    assert verdicts.SUBSTANTIAL == 0.1 and "a tenth of the constant's loss or more" in TEXT
    assert verdicts.LATE == 0.1 and "the last tenth of the run" in TEXT
    assert f"gained {verdicts.LATE_GAIN * 100:.0f} % of the gap" in TEXT
    assert verdicts.PATIENCE == 10 and "within ten times the run" in TEXT
    assert verdicts.DIVERGED == 3 and "three times the larger of start and constant" in TEXT


def test_the_experiment_is_that_of_the_trial() -> None:
    assert reproduce.TOLERANCE == 1e-3 and "a relative 10⁻³" in TEXT
    assert reproduce.STEPS == 8 and "of the first eight steps" in TEXT
    assert f"{Options().members} networks (`--members`)" in TEXT
    assert f"down to {cost.MIN_MEMBERS}, then rows" in TEXT
    assert f"if {laboratory.ENOUGH * 100:.0f} % of the starts learn" in TEXT
    assert f"with a margin of {grid.MARGIN}" in TEXT
    assert trial.MOST == 0.75 and "if three of four starts learn with it" in TEXT
    assert trial.TWICE == 2 and "at least twice as many steps" in TEXT
    assert "within twice its steps" in TEXT


def test_the_verification_is_that_of_verify() -> None:
    assert trial.MENDS == 0.9 and "nine of ten patched runs" in TEXT
    assert Options().seeds == 5 and "five times each (`--seeds`)" in TEXT
