"""Pictures of a run as markup that follows the site's theme, and the full report beside them."""

from __future__ import annotations

import contextlib
import functools
import html

from unstuck.cli import page as pages
from unstuck.cli import report as reports
from unstuck.core.diagnosis import Diagnosis
from unstuck.core.pictures import Pictures
from unstuck.report.chart.paint import PAGE
from unstuck.report.page.page import page
from unstuck.report.picture.drawn import every
from unstuck.report.picture.picture import PHONE, Picture
from unstuck.rules.reasons import reasons
from website.runs import Made


@functools.cache
def diagnosis(run: Made) -> Diagnosis:
    """Return what was found, with the curves of its trials."""
    return reports.read(run.folder / run.run)


@functools.cache
def pictures(run: Made) -> dict[str, Picture]:
    """Return the pictures that need nothing but the diagnosis, by key: the loss, the cure, the trials."""
    return {one.key: one for one in every(diagnosis(run), None)}


@functools.cache
def found(run: Made) -> Pictures | None:
    """Return what is measured of a run's recording for pictures."""
    with contextlib.chdir(run.folder):
        return pages.pictures(diagnosis(run), run.run, pages.Asked())


@functools.cache
def measured(run: Made) -> dict[str, Picture]:
    """Return all pictures of a run, those that are measured of its recording among them."""
    return {one.key: one for one in every(diagnosis(run), found(run))}


def report(run: Made) -> str:
    """Return the full HTML report of a run."""
    told = diagnosis(run)
    why = reasons(finding.name for finding in told.findings)
    with contextlib.chdir(run.folder):
        quoted = pages.source(told, run.run)
        return page(told, quoted, pictures=found(run), why=why)


def figure(one: Picture, *, caption: bool = True) -> str:
    """Return a picture as an HTML figure in two widths, on one line so that Markdown leaves it alone."""
    said = f"<figcaption>{html.escape(one.caption)}</figcaption>" if caption else ""
    drawn = (
        f'<div class="wide">{one.draw(one.width, PAGE)}</div>'
        f'<div class="phone">{one.draw(PHONE, PAGE)}</div>'
    )
    return f'<figure class="chart">{drawn}{said}</figure>'.replace("\n", " ")


def thumbnail(one: Picture) -> str:
    """Return a picture as it stands on a card."""
    return f'<div class="chart">{one.draw(PHONE, PAGE)}</div>'.replace("\n", " ")
