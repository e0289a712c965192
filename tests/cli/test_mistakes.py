"""A mistake of the user's: one sentence that restates it, exit 2, before anything has run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typed import Answer, unstuck

Here = Callable[..., Answer]

MISTAKES = [
    (["rnu"], "there is no command 'rnu'; did you mean run or rules?"),
    (["train.py"], "there is no command 'train.py'; to run that script: unstuck run train.py"),
    (["case", "shw"], "there is no command 'shw'; did you mean show?"),
    (["run"], "name a script to run, such as train.py"),
    (["run", "trian.py"], "there is no file 'trian.py'; did you mean train.py?"),
    (["run", "--budgt", "3", "train.py"], "there is no option --budgt; did you mean --budget?"),
    (["run", "--budget", "3x", "train.py"], "--budget: a budget reads like 60, 60s, 2m or 50Msteps, not '3x'"),
    (["run", "--stop-after", "-3", "train.py"], "--stop-after: it reads like 1000 (updates), 90s or 5m, not '-3'"),
    (["run", "--members", "one", "train.py"], "--members: 'one' is not a valid integer range"),
    (["run", "--members", "1", "train.py"], "--members: 1 is not in the range x>=2"),
    (["run", "--color", "red", "train.py"], "--color: 'red' is not one of 'auto', 'always', 'never'"),
    (["run", "--fail-on", "x", "train.py"], "--fail-on: 'x' is not one of 'never', 'cause', 'suspect'"),
    (["run", "--budget"], "option '--budget' requires an argument"),
    (["run", "-q", "-v", "train.py"], "--quiet and --verbose contradict each other"),
    (["run", "--json", "no/out.json", "train.py"], "--json: there is no folder 'no' to write 'out.json' in"),
    (["run", "-o", "train.py", "train.py"], "--output 'train.py' is a file"),
    (["run", "--select", "lr-to-small", "train.py"], "--select: there is no rule 'lr-to-small'; did you mean lr-too-small"),
    (["fix"], "name a script to run, such as train.py"),
    (["fix", "--run", "."], "'.' is not the folder of a run"),
    (["fix", "--seeds", "0", "train.py"], "--seeds: 0 is not in the range x>=1"),
    (["explain"], "NAME|CODE is missing; see `unstuck explain --help`"),
    (["explain", "O999"], "there is no rule 'O999'; "),
    (["case", "show", "xnr"], "there is no case 'xnr'; did you mean xnor?"),
    (["case", "run"], "name a case: "),
    (["report"], "there are no runs in '.unstuck/runs'; name the folder of one"),
    (["report", "train.py"], "'train.py' is not the folder of a run"),
    (["report", "--html", "no/out.html"], "--html: there is no folder 'no' to write 'out.html' in"),
    (["report", "--with-data"], "--with-data is about the HTML report: add --html FILE or --open"),
    (["report", "--format", "sarif", "--open"], "--format sarif and a report with pictures contradict each other"),
    (["run", "--report", "no/out.html", "train.py"], "--report: there is no folder 'no' to write 'out.html' in"),
    (["rules", "--format", "xml"], "--format: 'xml' is not one of 'text', 'markdown', 'json'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "sentence"),
    MISTAKES,
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_a_mistake_is_answered_with_one_sentence(
    folder: Path, here: Here, args: list[str], sentence: str
) -> None:
    answer = here(*args)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"unstuck: {sentence}")
    assert answer.err.count("\n") == 1
    assert not answer.err.endswith(".\n")
    assert not (folder / ".unstuck").exists()


def test_a_bad_value_in_the_environment_is_named_as_such(
    folder: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSTUCK_BUDGET", "soon")
    answer = here("run", "train.py")
    assert answer.code == 2
    assert answer.err.startswith("unstuck: UNSTUCK_BUDGET: a budget reads like")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_script_that_may_not_be_read_is_refused(folder: Path, here: Here) -> None:
    (folder / "train.py").chmod(0)
    assert here("run", "train.py").err == "unstuck: 'train.py' cannot be read\n"


def test_a_group_of_commands_alone_shows_its_help(folder: Path) -> None:
    answer = unstuck("case", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Usage: unstuck case ")
