"""Exercises: sick by every fault that is planted in them, sealed, and opened again."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from unstuck.casebook.planted import exercise as exercises
from unstuck.casebook.planted import tasks
from unstuck.casebook.planted.exercise import Exercise, NoExercise, exercise, mended
from unstuck.casebook.planted.faults import sown
from unstuck.casebook.planted.sealed import Unsealable, open_, seal
from unstuck.casebook.planted.trained import Broken, Runs
from unstuck.cli.case import command

Rule = Callable[[str], float]


class Decided(Runs):
    """Runs whose outcome is a rule about the text, so that nothing is trained."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    def removed(self, text: str, net: str, kind: str, seed: int) -> float:
        return self.known.setdefault((text, seed), self.rule(text))


def drawn(faults: int, seed: int, attempt: int = 0) -> tuple[str, set[str]]:
    """The healthy text of a draw, and the keys of what is planted in it."""
    draw = random.Random(f"exercise {seed} {faults} {attempt}")
    healthy = tasks.drawn(draw)
    return healthy.text, {fault.key for fault in sown(healthy, faults, draw)}


def only_healthy(faults: int, seed: int, attempt: int = 0) -> Decided:
    """Runs of which those of this draw learn, and only without any fault."""
    good, _ = drawn(faults, seed, attempt)
    return Decided(lambda text: 1.0 if text == good else 0.0)


def made(faults: int = 2, seed: int = 3) -> Exercise:
    return exercise(faults, seed, runs=only_healthy(faults, seed))


@pytest.mark.parametrize("faults", [1, 2, 3])
def test_an_exercise_has_as_many_faults_as_asked_for(faults: int) -> None:
    task = made(faults)
    assert len(task.faults) == faults
    assert f"Faults planted in it: {faults}." in task.text
    ast.parse(task.text)


def test_the_same_seed_makes_the_same_exercise() -> None:
    assert made() == made()
    assert made(seed=4).text != made().text


def test_its_answer_shows_that_no_smaller_set_of_changes_is_enough() -> None:
    shown = {one.mended: one.learned for one in made().shown}
    keys = [set(one) for one in shown]
    assert sorted(map(len, keys)) == [0, 1, 1, 2]
    assert [learned > 0 for one, learned in shown.items()] == [len(one) == 2 for one in shown]


def test_a_script_that_one_change_would_mend_is_no_exercise_with_two_faults() -> None:
    first, _ = drawn(2, 3)
    second, _ = drawn(2, 3, attempt=1)

    def rule(text: str) -> float:
        """The first draw learns whatever is in it, the second without faults only."""
        same = text.splitlines()[:4] == first.splitlines()[:4]
        return 1.0 if same or text == second else 0.0

    task = exercise(2, 3, runs=Decided(rule))
    assert task.healthy.endswith(second)


def test_a_run_that_ends_near_the_goal_decides_nothing() -> None:
    good, _ = drawn(2, 3)
    near = Decided(lambda text: 1.0 if text == good else 0.85)
    with pytest.raises(NoExercise, match="none of 60 scripts"):
        exercise(2, 3, runs=near)


def test_faults_that_cannot_be_planted_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 3 faults, not 4"):
        exercise(4, 0)


def test_the_lines_of_a_fault_are_those_that_mending_it_changes() -> None:
    task = made()
    for fault in task.faults:
        assert fault.before or fault.after
        assert all(line in task.text for line in fault.before)


def test_what_is_sealed_is_opened_again() -> None:
    task = made()
    assert open_(seal(task)) == task


def test_a_sealed_answer_names_no_fault() -> None:
    task = made()
    for fault in task.faults:
        assert not [name for name in fault.names if name in seal(task)]


@pytest.mark.parametrize("text", ["", "import torch\n", seal(made())[:300], seal(made())[:-90]])
def test_what_is_no_whole_answer_is_not_opened(text: str) -> None:
    with pytest.raises(Unsealable):
        open_(text)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Calls `unstuck case` in an empty folder, with runs whose outcome is decided."""
    monkeypatch.chdir(tmp_path)
    good, _ = drawn(2, 3)
    solved = exercises.HEAD.format(count=2) + good
    rule: Rule = lambda text: 1.0 if text in {good, solved} else 0.0  # noqa: E731
    monkeypatch.setattr(exercises, "Runs", lambda **_: Decided(rule))
    return lambda *words: CliRunner().invoke(command, words)


def test_make_writes_a_script_and_its_answer_and_says_what_it_trained(
    typed: Callable[..., Result],
) -> None:
    done = typed("make", "--faults", "2", "--seed", "3")
    assert done.exit_code == 0
    assert done.stdout == "exercise_3.py\nexercise_3.sealed\n"
    assert " trainings in " in done.stderr
    assert Path("exercise_3.py").read_text() == made().text


def test_check_opens_the_answer_and_runs_nothing_of_an_unchanged_script(
    typed: Callable[..., Result],
) -> None:
    typed("make", "--seed", "3", "--out", "a.py")
    for name in ("a.py", "a.sealed"):
        done = typed("check", name)
        assert done.exit_code == 0
        assert all(" or ".join(fault.names) in done.stdout for fault in made().faults)
        assert "all mended: 3 of 3 runs learned" in done.stdout
        assert "ended: " not in done.stdout.partition("The answer")[0]


def test_check_says_whether_a_changed_script_learns(typed: Callable[..., Result]) -> None:
    typed("make", "--seed", "3", "--out", "a.py")
    Path("a.py").write_text(made().text + "\nprint()\n")
    worse = typed("check", "--keep-sealed", "a.py")
    assert (worse.exit_code, worse.stdout[:11]) == (1, "Not mended:")
    Path("a.py").write_text(made().healthy)
    better = typed("check", "--keep-sealed", "a.py")
    assert (better.exit_code, better.stdout[:7]) == (0, "Mended:")
    assert "The answer" not in better.stdout


def test_nothing_is_overwritten(typed: Callable[..., Result]) -> None:
    Path("a.sealed").write_text("mine")
    done = typed("make", "--seed", "3", "--out", "a.py")
    assert done.exit_code == 2
    assert "'a.sealed' exists already, and is not overwritten" in done.stderr
    assert not Path("a.py").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make", "--seed", "3", "--out", "a.txt"), "'a.txt' is no python script"),
        (("make", "--seed", "3", "--faults", "9"), "1<=x<=3"),
        (("check", "b.py"), "there is no 'b.sealed'"),
        (("check", "b.sealed"), "does not exist"),
    ],
)
def test_a_mistake_gets_a_sentence(
    words: tuple[str, ...], said: str, typed: Callable[..., Result]
) -> None:
    Path("b.py").write_text("")
    done = typed(*words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_an_exercise_that_is_trained_is_sick_and_a_mended_copy_of_it_learns() -> None:
    task = exercise(1, 207)
    assert task.trainings <= 12
    assert mended(task, task.text).learned == 0
    assert mended(task, task.healthy).learned >= 2
    with pytest.raises(Broken, match="KeyError"):
        mended(task, "import torch\n")
