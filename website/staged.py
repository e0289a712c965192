"""Gathers the pages of the site in one folder: the repository's own, the site's, and those that are made."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from website.casebook_pages import casebook_pages, reports
from website.command_pages import command_pages
from website.figures import figure, measured, report
from website.kept import kept
from website.rule_pages import rule_pages
from website.runs import ROOT, Made

HERE = Path(__file__).parent
DOCS = ROOT / "docs"
FIGURE = re.compile(r"^<!-- figure: ([\w-]+) ([\w-]+) -->$", re.MULTILINE)
PART = re.compile(r"^<!-- README: (.+) -->$", re.MULTILINE)
LINK = re.compile(r"\]\(docs/")
OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)*(?:[A-Z]+\.md|LICENSE)\)")
SCHEMA = "src/unstuck/report/diagnosis.schema.json"


def stage(place: Path, runs: Mapping[str, Made]) -> None:
    """Write every page and what belongs to it into a folder, which is emptied first."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(DOCS, place)
    shutil.copytree(HERE / "pages", place, dirs_exist_ok=True)
    shutil.copy(ROOT / SCHEMA, place / "reference")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (place / "changelog.md").write_text(LINK.sub("](", changes), encoding="utf-8")
    for name, text in {**rule_pages(runs), **casebook_pages(runs), **command_pages()}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    for name, run in reports(runs).items():
        (place / name).write_text(kept(run, "report", partial(report, run)), encoding="utf-8")
    for page in place.rglob("*.md"):
        page.write_text(_filled(page, place, runs), encoding="utf-8")


def _filled(page: Path, place: Path, runs: Mapping[str, Made]) -> str:
    """Return a page with its figures and its parts of the README in place."""
    up = "../" * (len(page.relative_to(place).parts) - 1)

    def part(found: re.Match[str]) -> str:
        return LINK.sub(
            f"]({up}", section((ROOT / "README.md").read_text(encoding="utf-8"), found[1])
        )

    def drawn(found: re.Match[str]) -> str:
        run = runs.get(found[1])
        if run is None:
            return ""
        return kept(run, f"figure-{found[2]}", lambda: figure(measured(run)[found[2]]))

    text = PART.sub(part, page.read_text(encoding="utf-8"))
    return OUTSIDE.sub(r"\1", FIGURE.sub(drawn, text))


def section(text: str, title: str) -> str:
    """Return what stands under a heading of the second order, without the heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"README.md has no section {title!r}")
    return found[1].strip()
