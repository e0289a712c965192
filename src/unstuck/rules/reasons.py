"""Why each fault keeps a network from learning, as its page has it: for reports that stand by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from unstuck.rules import rules
from unstuck.rules.example import sections

HEADING = "Why it stops learning"


def reasons(names: Iterable[str]) -> dict[str, str]:
    """Return name -> paragraphs on why, for those of these names that are rules."""
    asked = set(names)
    return {one.name: sections(one.page)[HEADING] for one in rules() if one.name in asked}
