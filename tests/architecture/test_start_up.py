"""What an import and a command bring into the process."""

import subprocess
import sys

import pytest

FRAMEWORKS = {"torch", "keras", "tensorflow", "jax", "lightning"}
HEAVY = {"numpy", "scipy", "sklearn", "libcst", "rich", "msgspec"}

COMMAND = """
import sys
from unstuck.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sys.modules)
"""


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The top names of the modules that are loaded when the code has ended."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "LOADED"
    return {name.partition(".")[0] for name in last[1:]}


def test_importing_unstuck_brings_no_framework() -> None:
    loaded = loaded_by("import sys, unstuck; print('LOADED', *sys.modules)")
    assert "unstuck" in loaded
    assert not loaded & (FRAMEWORKS | HEAVY)


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "run --help",
        "fix --help",
        "lab run --help",
        "case list",
        "case show xnor",
    ],
)
def test_a_command_that_only_tells_brings_nothing_heavy(words: str) -> None:
    loaded = loaded_by(COMMAND, *words.split())
    assert "click" in loaded
    assert not loaded & (FRAMEWORKS | HEAVY)


@pytest.mark.parametrize("words", ["rules", "explain missing-zero-grad"])
def test_rules_are_listed_and_explained_without_a_framework(words: str) -> None:
    loaded = loaded_by(COMMAND, *words.split())
    assert not loaded & (FRAMEWORKS | {"libcst", "sklearn"})


def test_the_supervisor_brings_nothing_but_the_standard_library() -> None:
    loaded = loaded_by(
        "import sys, unstuck.runner.supervisor, unstuck.runner.scratch; print('LOADED', *sys.modules)"
    )
    assert not loaded & (FRAMEWORKS | HEAVY | {"click"})


def test_the_observer_waits_for_the_script_to_import_its_framework() -> None:
    loaded = loaded_by("import sys, unstuck.record.observer; print('LOADED', *sys.modules)")
    assert not loaded & (FRAMEWORKS | HEAVY | {"click"})
