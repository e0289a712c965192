"""Every page: its links lead somewhere, its commands exist, its decisions name what lost."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
HEADINGS = ["What was decided", "Why", "What lost", "What it costs"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def targets() -> set[str]:
    makefile = text(ROOT / "Makefile")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


every_page = pytest.mark.parametrize("path", PAGES, ids=named)
every_decision = pytest.mark.parametrize("path", DECISIONS, ids=named)


@every_page
def test_every_link_leads_to_a_file(path: Path) -> None:
    for link in LINK.findall(text(path)):
        if not link.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / link).exists(), link


@every_page
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text(path), re.MULTILINE)) <= targets()


@every_page
def test_every_file_of_the_source_that_is_named_exists(path: Path) -> None:
    for name in re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./-]+)`", text(path)):
        assert (ROOT / name).exists(), name


@every_decision
def test_a_decision_says_what_lost(path: Path) -> None:
    assert re.findall(r"^## (.*)$", text(path), re.MULTILINE) == HEADINGS


@every_decision
def test_a_decision_is_one_page(path: Path) -> None:
    assert len(text(path).splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_contributing_fits_one_screen() -> None:
    assert len(text(ROOT / "CONTRIBUTING.md").splitlines()) <= 70


def test_make_help_names_every_target() -> None:
    said = set(re.findall(r'@echo "make ([a-z]+) ', text(ROOT / "Makefile")))
    assert said == targets() - {"help"}
