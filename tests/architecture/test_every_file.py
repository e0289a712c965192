"""What every file of the repository owes to its readers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "unstuck"
SCRIPTS = PACKAGE / "casebook" / "scripts"
LONGEST = 450
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "handler"}
PRINTERS = ("cli/", "report/terminal.py")
HOMES = re.compile("|".join(rf"(?<![\w.])/{home}/\w" for home in ("work", "root", "home", "Users")))

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != SCRIPTS)
CACHE = re.compile(r"/(\.|__pycache__/)")
TEXTS = sorted(
    path
    for place in ("src", "tests", "docs", "benchmarks", "website", ".ci")
    for path in (ROOT / place).rglob("*")
    if path.is_file() and not CACHE.search(path.as_posix().removeprefix(str(ROOT / place)))
) + sorted(path for path in ROOT.iterdir() if path.suffix in {".md", ".toml"})
USERS = sorted(
    path
    for place in (SCRIPTS, ROOT / "tests" / "healthy", ROOT / "tests" / "sick")
    for path in place.glob("*.py")
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def first_sentence(path: Path) -> str:
    return (ast.get_docstring(ast.parse(text(path))) or "").partition("\n")[0]


def prints(path: Path) -> bool:
    calls = [node.func for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id == "print" for call in calls)


def local_places() -> Iterator[str]:
    for path in TEXTS:
        for number, line in enumerate(text(path).splitlines(), start=1):
            if HOMES.search(line):
                yield f"{named(path)}:{number}: {line.strip()}"


def test_the_files_looked_at_are_there() -> None:
    assert len(MODULES) > 100
    assert len(TEXTS) > len(MODULES)
    assert len(USERS) > 10


def test_every_module_begins_with_a_sentence_that_says_what_belongs_in_it() -> None:
    assert [named(path) for path in MODULES if len(first_sentence(path).split()) < 3] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [named(p) for p in MODULES if VAGUE & set(re.split(r"[_.]", p.stem.lower()))] == []


def test_every_module_is_short_enough_to_be_read() -> None:
    lengths = {named(path): len(text(path).splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length >= LONGEST} == {}


def test_nothing_below_the_command_line_prints() -> None:
    below = [p for p in MODULES if not p.relative_to(PACKAGE).as_posix().startswith(PRINTERS)]
    assert [named(path) for path in below if prints(path)] == []


def test_no_text_names_a_place_on_somebodys_machine() -> None:
    assert list(local_places()) == []


def test_no_users_script_knows_of_unstuck() -> None:
    assert [named(path) for path in USERS if "unstuck" in text(path)] == []
