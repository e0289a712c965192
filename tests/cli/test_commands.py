"""The other commands, their help, and what starting costs."""

from __future__ import annotations

import json
import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import jsonschema
import pytest
from made import diagnosis
from stand_in import Doctor
from typed import Answer, environment, unstuck

from unstuck.casebook import cases
from unstuck.cli.group import COMMANDS
from unstuck.cli.group import unstuck as group
from unstuck.report.json import SCHEMA_FILE, dumps

Here = Callable[..., Answer]

PROMISED = 0.3  # seconds of work until --help is on the screen; a busy machine does not count


def _commands() -> dict[str, click.Command]:
    """Every command by the words that call it."""
    context = click.Context(group, info_name="unstuck")
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": one for inner, one in command.commands.items()}
    return found


def _examples() -> list[str]:
    """Every command line that a help page shows."""
    pages = [group, *_commands().values()]
    text = "\n".join(f"{page.help}\n{page.epilog or ''}" for page in pages)
    found = re.findall(r"^\s*(?:Start with: )?(unstuck .*)$", text, re.MULTILINE)
    return [re.split(r"\s{2,}| && | \| ", line)[0] for line in found]


def test_the_help_shows_examples() -> None:
    assert len(_examples()) >= 15


@pytest.mark.parametrize("example", _examples())
def test_every_example_in_the_help_is_understood(example: str) -> None:
    words = shlex.split(example.replace("<run>", "latest").split(" > ")[0])[1:]
    called = max((n for n in _commands() if words[: len(n.split())] == n.split()), key=len)
    args = words[len(called.split()) :]
    with _commands()[called].make_context(called, args) as context:
        assert context.params is not None


@pytest.mark.parametrize("name", ["", *_commands()])
def test_every_command_has_help(name: str, here: Here) -> None:
    answer = here(*name.split(), "--help")
    assert answer.code == 0
    assert answer.out.startswith("Usage: unstuck")
    assert max(map(len, answer.out.splitlines())) <= 100


def test_the_version_is_that_of_the_package(here: Here) -> None:
    from importlib.metadata import version

    assert here("--version").out == f"unstuck {version('unstuck')}\n"


def test_help_starts_without_the_heavy_packages(folder: Path) -> None:
    code = (
        "import sys\n"
        "from unstuck.cli import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'scipy', 'sklearn', 'libcst', 'msgspec', 'rich'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_help_is_quick(folder: Path) -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert unstuck("--help", cwd=folder).code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(seconds() for _ in range(3)) < PROMISED


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    line = f"{shlex.quote(sys.executable)} -m unstuck rules --format json | true"
    done = subprocess.run(line, shell=True, env=environment(), capture_output=True, check=False)
    assert done.stderr == b""


def test_rules_lists_every_rule(here: Here) -> None:
    from unstuck.rules import rules

    table = here("rules").out.split("\n\n")[0]
    assert [line.split()[:2] for line in table.splitlines()] == [
        [rule.code, rule.name] for rule in rules()
    ]


def test_rules_as_json_hold_the_pages(here: Here) -> None:
    found = {rule["code"]: rule for rule in json.loads(here("rules", "--format", "json").out)}
    assert found["O001"]["name"] == "missing-zero-grad"
    assert found["O001"]["fix"] is True
    told = {"torch": "patch", "keras": "proof", "lightning": "patch", "sklearn": "unseen"}
    assert found["O001"]["frameworks"] == told
    assert "## What happens" in found["O001"]["page"]


def test_an_answer_has_no_fix(here: Here) -> None:
    lines = here("rules").out.splitlines()
    assert ["fix" in line.split()[2] for line in lines if " noise-floor " in line] == [False]


@pytest.mark.parametrize("word", ["missing-zero-grad", "O001", "o001", "missing_zero_grad"])
def test_a_fault_is_explained_by_name_or_code(word: str, here: Here) -> None:
    out = here("explain", word).out
    assert out.startswith("# O001 missing-zero-grad\n\n")
    assert "\n## Example\n" in out
    assert "\x1b" not in out


def test_an_explanation_is_set_for_a_terminal(here: Here) -> None:
    out = here("explain", "--color", "always", "O001").out
    assert "\x1b[" in out
    assert "## Example" not in out


def test_an_unknown_fault_gets_the_nearest(here: Here) -> None:
    assert "did you mean missing-zero-grad" in here("explain", "missing-zero-grd").err


def test_cases_are_listed_with_their_titles(here: Here) -> None:
    lines = here("case", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [case.name for case in cases()]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_is_shown_with_its_story_and_script(case: object, here: Here) -> None:
    from unstuck.casebook import Case

    assert isinstance(case, Case)
    out = here("case", "show", case.name).out
    assert " ".join(case.story.split()) in " ".join(out.split())
    assert out.endswith(case.script.read_text())


def test_a_case_is_copied_and_never_over_something(folder: Path, here: Here) -> None:
    assert here("case", "copy", "xnor").out == "xnor.py\n"
    (folder / "xnor.py").write_text("mine")
    answer = here("case", "copy", "xnor")
    assert (answer.code, answer.err) == (
        2,
        "unstuck: 'xnor.py' exists already, and is not overwritten\n",
    )
    assert (folder / "xnor.py").read_text() == "mine"


def test_a_case_is_copied_into_a_new_folder(folder: Path, here: Here) -> None:
    here("case", "copy", "xnor", "a/b")
    assert (folder / "a" / "b" / "xnor.py").is_file()


def test_a_case_is_run_with_the_options_of_run(folder: Path, doctor: Doctor, here: Here) -> None:
    answer = here("case", "run", "--members", "8", "--fail-on", "cause", "xnor")
    assert answer.code == 3
    assert doctor.asked[0].members == 8
    assert "epoch 10 loss" in answer.out


def test_the_latest_run_is_reported_again(folder: Path, doctor: Doctor, here: Here) -> None:
    told = here("run", "train.py", "--lr", "1").err
    again = here("report")
    assert again.code == 0
    assert told.endswith("\n" + again.out)


def test_a_run_is_reported_as_the_document_that_it_wrote(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    here("run", "-o", "run", "--json", "out.json", "train.py")
    out = here("report", "--format", "json", "run").out
    assert out == (folder / "out.json").read_text() == dumps(diagnosis())
    jsonschema.validate(json.loads(out), json.loads(SCHEMA_FILE.read_text()))


def test_a_run_can_be_named_by_its_document(folder: Path, doctor: Doctor, here: Here) -> None:
    here("run", "-o", "run", "train.py")
    assert here("report", "run/diagnosis.json").out == here("report", "run").out


def test_a_verbose_report_shows_the_diff(folder: Path, doctor: Doctor, here: Here) -> None:
    here("run", "-o", "run", "train.py")
    assert "+rates = (rates - 92.6) / 5.5\n" in here("report", "-v", "run").out


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 99}'])
def test_a_document_that_is_none_is_refused(
    folder: Path, doctor: Doctor, here: Here, text: str
) -> None:
    here("run", "-o", "run", "train.py")
    (folder / "run" / "diagnosis.json").write_text(text)
    answer = here("report", "run")
    assert answer.code == 2
    assert "'run/diagnosis.json' cannot be read: it " in answer.err


def test_a_run_without_a_diagnosis_says_so(folder: Path, doctor: Doctor, here: Here) -> None:
    here("run", "-o", "run", "train.py")
    (folder / "run" / "diagnosis.json").unlink()
    assert (
        here("report", "run").err
        == "unstuck: 'run' holds no diagnosis: No such file or directory\n"
    )
