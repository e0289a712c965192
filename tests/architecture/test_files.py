"""What every file of the repository owes to its readers."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "unstuck"
SCRIPTS = PACKAGE / "casebook" / "scripts"
LONGEST = 450
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "handler"}
PRINTS = {"cli", "report/terminal.py"}

MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.is_file() and path.parent != SCRIPTS
)
TEXTS = sorted(
    path
    for place in ("src", "tests", "docs", "benchmarks", ".ci")
    for path in (ROOT / place).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
) + sorted(path for path in ROOT.iterdir() if path.suffix in {".md", ".toml"})
USERS = [
    path
    for place in (SCRIPTS, ROOT / "tests" / "healthy", ROOT / "tests" / "sick")
    for path in sorted(place.glob("*.py"))
]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_module = pytest.mark.parametrize("path", MODULES, ids=named)


@every_module
def test_it_begins_with_a_sentence_that_says_what_belongs_in_it(path: Path) -> None:
    page = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert page, "no docstring"
    first = page.splitlines()[0]
    assert len(first.split()) >= 3


@every_module
def test_its_name_says_what_is_in_it(path: Path) -> None:
    assert not VAGUE & set(re.split(r"[_.]", path.stem.lower()))


@every_module
def test_it_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST


@every_module
def test_it_prints_nothing_unless_it_is_the_command_line(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    if any(place.startswith(printer) for printer in PRINTS):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]


def test_no_text_names_a_place_on_somebodys_machine() -> None:
    homes = re.compile(
        "|".join(["(?<![\\w.])/" + h + "/\\w" for h in ("work", "root", "home", "Users")])
    )
    found = []
    for path in TEXTS:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{named(path)}: {line.strip()}" for line in text.splitlines() if homes.search(line)
        ]
    assert found == []


@pytest.mark.parametrize("path", USERS, ids=named)
def test_a_users_script_knows_nothing_of_unstuck(path: Path) -> None:
    assert "unstuck" not in path.read_text(encoding="utf-8")


def test_the_files_looked_at_are_there() -> None:
    assert len(MODULES) > 100
    assert len(TEXTS) > len(MODULES)
    assert len(USERS) > 10
    assert any(path.name == "Makefile" for path in ROOT.iterdir())
