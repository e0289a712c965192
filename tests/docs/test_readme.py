"""What README.md shows is what happens: commands, options, output and the diff of the XNOR network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from unstuck.casebook import case
from unstuck.cli import fix, group, run
from unstuck.core.options import Options
from unstuck.rules import rule

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"^([A-Z]\d{3}) ([a-z-]+):", re.MULTILINE)
ROW = re.compile(r"^\| (`--?.*?) \| ([^|]+) \|", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")

CONTEXT = click.Context(group.unstuck)


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(README) if found == kind]


def options_of(name: str) -> set[str]:
    command = group.unstuck.get_command(CONTEXT, name)
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def test_the_script_that_is_shown_is_the_case() -> None:
    script = case("xnor").script.read_text(encoding="utf-8").splitlines()
    shown = [line for line in blocks("python")[0].splitlines() if line]
    places = [script.index(line) for line in shown if script.count(line) == 1]
    assert not set(shown) - set(script)
    assert places == sorted(places)
    hidden = [line for line in script if line and line not in shown]
    assert [
        line for line in hidden if "optimizer" in line or "loss" in line or "def " in line
    ] == []


def test_every_command_that_is_named_exists() -> None:
    inline = re.findall(r"`unstuck ([a-z-]+)", README)
    assert {"run", "fix", "explain", "rules", "case", "report"} <= set(inline)
    for word in inline:
        assert group.unstuck.get_command(CONTEXT, word) is not None, word


def test_every_subcommand_of_case_that_is_named_exists() -> None:
    command = group.unstuck.get_command(CONTEXT, "case")
    assert isinstance(command, click.Group)
    named = set(re.findall(r"`(?:unstuck )?case ([a-z]+)", README))
    assert named and named <= set(command.commands)


def test_every_option_in_the_table_is_one_of_its_commands() -> None:
    rows = ROW.findall(README)
    assert len(rows) > 10
    for options, commands in rows:
        for name in re.findall(r"`([a-z]+)`", commands):
            assert set(re.findall(r"`(--?[a-z-]+)", options)) <= options_of(name), options


def test_the_defaults_are_those_of_the_options() -> None:
    defaults = Options()
    assert f"({defaults.seconds:.0f} s of computing unless given)" in README
    assert (
        f"in a trial ({defaults.members}), and the seed of all trials ({defaults.random_state})"
        in README
    )
    assert f"patched script is run ({defaults.seeds})" in README


def test_the_exit_codes_are_those_of_the_commands() -> None:
    rows = dict(re.findall(r"^\| (\d) \| .* \| (.*) \|$", README, re.MULTILINE))
    assert set(rows) == {str(code) for code in (fix.HEALTHY, fix.PATCHED, fix.ERROR, fix.UNCURED)}
    assert "verified diff was printed" in rows[str(fix.PATCHED)]
    assert "no verified diff" in rows[str(fix.UNCURED)]
    assert "fails" in rows[str(fix.ERROR)]
    assert re.search(rf"^\| {run.FAILED_ON} \| `--fail-on`", README, re.MULTILINE)


def test_every_finding_that_is_quoted_is_a_rule() -> None:
    quoted = QUOTED.findall(README)
    assert quoted
    for code, name in quoted:
        assert rule(code).name == name


def test_the_report_that_is_shown_is_of_the_case() -> None:
    causes = frozenset(name for _, name in QUOTED.findall(README))
    assert causes in case("xnor").causes
    assert "Stuck:" in blocks("text")[0]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What `unstuck fix` says of the case; it is asked again where a run of one start in 100 failed."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copy(case("xnor").script, folder)
    words = [sys.executable, "-m", "unstuck", "fix", "--yes", "--seeds", "1", "--budget", "300"]
    for _ in range(2):
        done = subprocess.run(
            [*words, "xnor.py"],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode != fix.UNCURED:
            break
    return done


def without_numbers(diff: str) -> list[str]:
    """The lines of a diff, with any number where one was searched for."""
    return [
        NUMBER.sub("N", line) if line.startswith(("+", "@@")) else line
        for line in diff.splitlines()
    ]


def test_fix_prints_the_diff_that_is_shown(fixed: subprocess.CompletedProcess[str]) -> None:
    assert fixed.returncode == fix.PATCHED, fixed.stderr
    assert without_numbers(fixed.stdout) == without_numbers(blocks("diff")[0])


def test_fix_names_the_causes_that_are_shown(fixed: subprocess.CompletedProcess[str]) -> None:
    assert set(QUOTED.findall(fixed.stderr)) == set(QUOTED.findall(README))
