"""The built site: MkDocs over the staged pages, with every warning an error and every link followed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from unstuck.casebook import cases
from unstuck.rules import rules
from website.links import broken
from website.rule_pages import FAMILIES
from website.runs import Made
from website.staged import stage

CONFIG = Path(__file__).parent / "mkdocs.yml"


class Broken(RuntimeError):
    """The site was built, and something on it leads nowhere."""


def build(place: Path, pages: Path, runs: Mapping[str, Made]) -> None:
    """Write the site into a folder, by way of another one for its pages; raises where anything is amiss."""
    os.environ.setdefault("DISABLE_MKDOCS_2_WARNING", "true")
    from mkdocs.commands.build import build as made
    from mkdocs.config import load_config

    stage(pages, runs)
    shutil.rmtree(place, ignore_errors=True)
    config = load_config(
        str(CONFIG), docs_dir=str(pages.absolute()), site_dir=str(place.absolute()), strict=True
    )
    config["nav"] = [_with_pages(part) for part in config["nav"]]
    made(config)
    if found := broken(place.resolve()):
        raise Broken("\n".join(found))


def _with_pages(part: object) -> object:
    """Return a part of the navigation; behind the casebook and the list of the faults come their pages."""
    if isinstance(part, dict) and "Casebook" in part:
        named = [{one.name: f"casebook/{one.name}.md"} for one in cases()]
        return {"Casebook": [*part["Casebook"], *named]}
    if not isinstance(part, dict) or "Faults" not in part:
        return part
    pages = [
        {family: [f"rules/{one.name}.md" for one in rules() if one.code.startswith(letter)]}
        for letter, family in FAMILIES.items()
    ]
    return {"Faults": [*part["Faults"], *pages]}
