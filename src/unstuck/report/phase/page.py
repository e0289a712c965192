"""Puts what a study found into one offline HTML file: phase diagrams, and the table with its intervals."""

from __future__ import annotations

from importlib import metadata

from markupsafe import Markup

from unstuck.core.shares import Found
from unstuck.report.numbers import number
from unstuck.report.page.page import figure, policy, template, text_of
from unstuck.report.phase.diagram import by_share, by_steps, diagrams
from unstuck.report.phase.scatter import scatter
from unstuck.report.phase.words import rows, summary
from unstuck.report.picture.picture import Picture

ROWS = 3000  # cells of the table that a page holds; beyond it `lab export` is the better reader


def page(found: Found) -> str:
    """Return the whole HTML file."""
    style, script = text_of("style.css"), text_of("script.js")
    return template("phase.html").render(
        policy=policy(style, script),
        style=Markup(style),
        script=Markup(script),
        name=found.name,
        title=found.title,
        about=found.about,
        summary=summary(found),
        command=found.command,
        parts=[(key, title, said, [figure(one) for one in made])
               for key, title, said, made in _parts(found) if made],
        rows=rows(found)[: ROWS + 1],
        more=max(0, len(found.shares) - ROWS),
        version=metadata.version("unstuck"),
    )  # fmt: skip


def pictures(found: Found) -> list[Picture]:
    """Return every picture of a study, as `lab show --html` draws them."""
    return [one for _, _, _, made in _parts(found) for one in made]


def _parts(found: Found) -> list[tuple[str, str, str, list[Picture]]]:
    """Return key, title, a sentence and the pictures of each section."""
    shares = diagrams(found, by_share, "shares") or scatter(found)
    parts = [("shares", "Share of starts that learn", _said(found), shares)]
    if any(one.steps for one in found.shares):
        said = "The median of updates until the goal, among those that learned: the stronger the colour, the fewer."
        steps = diagrams(found, by_steps(found), "steps")
        parts.append(("steps", "Updates until the goal", said, steps))
    return parts


def _said(found: Found) -> str:
    goals = sorted({one.goal for one in found.shares})
    goal = number(goals[0]) if len(goals) == 1 else f"{number(goals[0])} to {number(goals[-1])}"
    most = max((one.high - one.low for one in found.shares if one.of), default=0.0)
    return (
        f"Learned: a final loss of at most {goal}. The stronger the colour, the larger the share; each is known to within"
        f" {100 * most:.1f} points at most (95 % interval, Clopper and Pearson), exactly as in the table below."
    )
