"""Settings from the command line, the environment and pyproject.toml, in this order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from stand_in import Doctor
from typed import Answer

Here = Callable[..., Answer]


def pyproject(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.unstuck]\n{text}\n")


def members(doctor: Doctor, here: Here, *args: str) -> int:
    answer = here("run", *args, "train.py")
    assert answer.code == 0, answer.err
    return doctor.asked[-1].members


def test_pyproject_sets_what_nobody_else_does(folder: Path, doctor: Doctor, here: Here) -> None:
    pyproject(folder, "members = 8")
    assert members(doctor, here) == 8


def test_the_environment_goes_before_pyproject(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(folder, "members = 8")
    monkeypatch.setenv("UNSTUCK_MEMBERS", "9")
    assert members(doctor, here) == 9


def test_the_command_line_goes_before_the_environment(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(folder, "members = 8")
    monkeypatch.setenv("UNSTUCK_MEMBERS", "9")
    assert members(doctor, here, "--members", "10") == 10


def test_the_nearest_pyproject_above_is_read(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(folder, "members = 8")
    (folder / "sub").mkdir()
    (folder / "train.py").rename(folder / "sub" / "train.py")
    monkeypatch.chdir(folder / "sub")
    assert members(doctor, here) == 8


def test_a_nearer_pyproject_hides_one_further_up(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(folder, "members = 8")
    (folder / "sub").mkdir()
    (folder / "sub" / "pyproject.toml").write_text("[project]\n")
    (folder / "train.py").rename(folder / "sub" / "train.py")
    monkeypatch.chdir(folder / "sub")
    assert members(doctor, here) == 64


@pytest.mark.parametrize(
    "text", ['select = "O001,O003"', 'select = ["O001", "O003"]', 'select = ["O001,O003"]']
)
def test_rules_are_a_list_or_a_text_with_commas(
    folder: Path, doctor: Doctor, here: Here, text: str
) -> None:
    pyproject(folder, text)
    members(doctor, here)
    assert doctor.asked[-1].select == ("missing-zero-grad", "lr-too-small")


def test_rules_in_the_environment_are_separated_by_commas(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSTUCK_IGNORE", "O001, O003")
    members(doctor, here)
    assert doctor.asked[-1].ignore == ("missing-zero-grad", "lr-too-small")


def test_names_in_pyproject_are_those_of_the_options(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    pyproject(folder, 'no-prove = true\nrandom-state = 5\nbudget = "50Msteps"')
    members(doctor, here)
    asked = doctor.asked[-1]
    assert (asked.prove, asked.random_state, asked.network_steps) == (False, 5, 50_000_000)


def test_settings_of_another_command_are_no_mistake(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    pyproject(folder, "seeds = 3\nunsafe = true")
    assert members(doctor, here) == 64


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("membrs = 8", "there is no 'membrs'; did you mean members?"),
        ("apply = true", "there is no 'apply'; "),
        ('members = "many"', "--members in [tool.unstuck] of pyproject.toml".removeprefix("--")),
        ('budget = "ten"', "a budget reads like 60, 60s, 2m or 50Msteps, not 'ten'"),
        ('select = "no-such"', "there is no rule 'no-such'"),
        ('select = ["no-such"]', "there is no rule 'no-such'"),
        ("members = ", "pyproject.toml cannot be read: "),
    ],
)
def test_a_mistake_in_pyproject_is_one_sentence_and_nothing_runs(
    folder: Path, doctor: Doctor, here: Here, text: str, sentence: str
) -> None:
    pyproject(folder, text)
    answer = here("run", "train.py")
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_a_tool_table_that_is_no_table_is_a_mistake(folder: Path, here: Here) -> None:
    (folder / "pyproject.toml").write_text("[tool]\nunstuck = 3\n")
    answer = here("run", "train.py")
    assert answer.code == 2
    assert "is not a table" in answer.err
