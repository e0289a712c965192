"""The casebook as a gallery: a card and a page for each case, with pictures of a run that the build made."""

from __future__ import annotations

import html
from collections.abc import Mapping

from unstuck.casebook import Case, cases
from unstuck.core.diagnosis import Diagnosis
from unstuck.report.cause import outcome
from unstuck.report.cure import effect, proof
from unstuck.report.markdown import fenced, plain
from website.figures import diagnosis, figure, measured, thumbnail
from website.kept import kept
from website.rule_pages import NOT_RUN
from website.runs import Made
from website.shown import BRIEFLY, of_case

TOLD = ("along", "surface", "against", "bends", "units", "embedding")
Runs = Mapping[str, Made]


def casebook_pages(runs: Runs) -> dict[str, str]:
    """Return the pages by their place: the gallery, and one for each case."""
    found = {f"casebook/{one.name}.md": case_page(one, _run(one, runs)) for one in cases()}
    return {"casebook/index.md": _gallery(runs), **found}


def reports(runs: Runs) -> dict[str, Made]:
    """Return the runs whose full reports lie beside the cases' pages, by their place."""
    return {
        f"casebook/{one.name}-report.html": run
        for one in cases()
        if (run := _run(one, runs)) is not None
    }


def _run(one: Case, runs: Runs) -> Made | None:
    return runs.get(of_case(one).name)


def _gallery(runs: Runs) -> str:
    cards = "".join(_card(one, _run(one, runs)) for one in cases())
    return (
        "# The casebook\n\nNetworks that did not learn, written as their authors would have written them. Each picture is of"
        " a run that the build of this site has made: the loss, on the ladder of what simple predictors score."
        " In a terminal: `unstuck case run NAME`.\n\n"
        f'<div class="gallery">{cards}</div>\n'
    )


def _card(one: Case, run: Made | None) -> str:
    shown = "" if run is None else kept(run, "card", lambda: thumbnail(measured(run)["loss"]))
    named = "" if run is None else ", ".join(cause.name for cause in diagnosis(run).causes)
    told = html.escape(f"{one.verdict}{': ' * bool(named)}{named}")
    return (
        f'<article><a href="{one.name}.html"><h2>{html.escape(one.title)}</h2></a>{shown}'
        f"<p>{told}</p></article>"
    )


def case_page(one: Case, run: Made | None) -> str:
    """Return a case's page as Markdown."""
    parts = [f"# {plain(one.title)}", plain(one.story)]
    parts.append(NOT_RUN if run is None else kept(run, "told", lambda: _told(one, run)))
    script = one.script.read_text(encoding="utf-8")
    parts += ["## The script", fenced(script, "python")]
    parts.append(f"`unstuck case copy {one.name}` writes it into your folder.")
    return "\n\n".join(parts) + "\n"


def _told(one: Case, run: Made) -> str:
    found, drawn = diagnosis(run), measured(run)
    briefly = BRIEFLY.get(one.name)
    parts = [
        f"**{plain(found.sentence)}** [The full report]({one.name}-report.html)",
        f"Run as `python {one.script.name} {' '.join(briefly)}`." if briefly else "",
        figure(drawn["loss"]) if "loss" in drawn else "",
        *_causes(found),
        figure(drawn["cure-tried"]) if "cure-tried" in drawn else "",
        *_single(found, drawn),
        *_cure(found),
        *(f"## {plain(drawn[key].title)}\n\n{figure(drawn[key])}" for key in TOLD if key in drawn),
    ]
    return "\n\n".join(part for part in parts if part)


def _single(found: Diagnosis, drawn: Mapping[str, object]) -> list[str]:
    """The trial of a cure that is one change."""
    keys = [f"trial-{cause.name}" for cause in found.causes]
    return [figure(drawn[keys[0]])] if len(keys) == 1 and keys[0] in drawn else []  # type: ignore[arg-type]


def _causes(found: Diagnosis) -> list[str]:
    if not found.causes:
        told = [one for one in found.findings if one.answer]
        rows = [f"- [{one.name}](../rules/{one.name}.md): {plain(one.message)}" for one in told]
        return ["## What was found", "\n".join(rows) or "No cause."]
    rows = []
    for one in found.causes:
        trial = found.trials.get(one.name)
        shown = "" if trial is None else f" ({plain(outcome(trial))})"
        rows.append(f"- [{one.name}](../rules/{one.name}.md): {plain(one.message)}{shown}")
    return ["## The causes, each proved by leaving it out", "\n".join(rows)]


def _cure(found: Diagnosis) -> list[str]:
    chosen = found.prescription
    if chosen is None:
        return []
    steps = "\n".join(f"{number}. {plain(say)}" for number, say in enumerate(chosen.say, 1))
    told = f"{plain(effect(chosen)[0].upper() + effect(chosen)[1:])}. {plain(proof(chosen))}"
    diff = [] if chosen.patch is None else [fenced(chosen.patch.diff, "diff")]
    return ["## The cure", steps, told, *diff]
