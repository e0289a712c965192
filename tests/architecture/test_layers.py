"""The layers hold, and a build in which they do not hold fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"


def lint(place: Path) -> tuple[int, str]:
    """Check the package under place/src by the contracts in place."""
    done = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "unstuck", tmp_path / "src" / "unstuck", ignore=ignored)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    code, said = lint(ROOT)
    assert code == 0, said
    assert "0 broken" in said


def test_a_copy_that_nobody_touched_is_kept(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said


PLANTED = {
    "the records import a layer above": ("core/finding.py", "import unstuck.theory.goal", "The layers"),
    "two layers of one row know each other": ("rules/goal.py", "import unstuck.report.json", "The layers"),
    "a rule imports torch": ("rules/goal.py", "import torch", "Records, theory, rules and reports"),
    "theory imports torch by a detour": ("theory/goal.py", "import unstuck.replay", "Records, theory"),
    "the command line imports torch": ("cli/run.py", "import torch", "torch is met"),
    "the command line imports LibCST": ("cli/run.py", "import libcst", "LibCST is met in patch only"),
    "the solver knows a layer above": ("solver/fit.py", "import unstuck.probe.probe", "The layers"),
    "the recorder imports LibCST": ("record/folder.py", "import libcst", "The recorded process"),
    "the runner imports numpy": ("runner/stop.py", "import numpy", "What runs inside the user's"),
    "the doctor prints with rich": ("doctor.py", "import rich", "rich is met"),
    "a probe imports scikit-learn": ("probe/units.py", "import sklearn", "scikit-learn is met"),
    "the doctor parses options": ("doctor.py", "import click", "click is met"),
    "a folder has no place in the layers": ("helpful/__init__.py", '"""Lost."""', "The layers"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_build_fails_where(name: str, copy: Path) -> None:
    file, line, contract = PLANTED[name]
    path = copy / "src" / "unstuck" / file
    path.parent.mkdir(exist_ok=True)
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    code, said = lint(copy)
    assert code != 0
    broken = [words for words in said.splitlines() if "BROKEN" in words]
    assert any(words.startswith(contract) for words in broken), said
