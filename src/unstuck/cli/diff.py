"""`unstuck diff`: two recorded runs, what is different, and which difference decides."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unstuck.cli import run_folder, values
from unstuck.cli.options import Colour, capped, color
from unstuck.cli.values import Budget
from unstuck.core.options import Options

if TYPE_CHECKING:
    from unstuck.compare import Compared, Side
    from unstuck.core.recording import Recording
    from unstuck.report.lines import Line, Page, Style


@click.command(
    "diff",
    epilog="""\b
Examples:
  unstuck run --output there keras_version.py
  unstuck run --output here torch_version.py
  unstuck diff here there""",
)
@click.argument("one", metavar="RUN_A", type=click.Path(path_type=Path))
@click.argument("other", metavar="RUN_B", type=click.Path(path_type=Path))
@click.option(
    "--budget",
    metavar="TIME|STEPS",
    callback=values.budget,
    help="What proofs may cost: 60, 2m, or 50Msteps of one network.  [default: 60s]",
)
@click.option(
    "--members",
    type=click.IntRange(2),
    metavar="N",
    default=64,
    show_default=True,
    help="Networks trained at once in a trial.",
)
@click.option(
    "--random-state",
    type=click.IntRange(0),
    metavar="N",
    default=0,
    show_default=True,
    help="Seed of the trials.",
)
@color
def command(
    *, one: Path, other: Path, budget: Budget, members: int, random_state: int, color: Colour
) -> None:
    """Compare two runs, also of two frameworks: one learns, the other does not.

    What differs in rows, network, starting weights, loss, optimizer and loop is listed, and each difference is
    transplanted: the run that does not learn is trained again with the other's value.
    """
    from unstuck.compare import compare
    from unstuck.report.terminal import page, paint

    wanted = Options(members=members, random_state=random_state, **capped(budget))
    compared = compare(_recording(one), _recording(other), wanted)
    paint(_told(compared, page(sys.stdout)), sys.stdout, colour=color)


def _recording(run: Path) -> Recording:
    from unstuck.record.folder import Unreadable, load

    try:
        return load(run_folder.find(run))
    except Unreadable as reason:
        raise click.UsageError(f"{str(run)!r} holds no recording: {reason}") from reason


def _told(compared: Compared, page: Page) -> list[Line]:
    from unstuck.report.lines import EMPTY, paragraph

    lines = [*_side("A", compared.a, page), *_side("B", compared.b, page)]
    if compared.turned:
        lines += paragraph(page, "They were turned round: A is the one that does not learn.")
    lines += [EMPTY, *_found(compared, page), EMPTY]
    for text in (*_matters(compared), *_idle(compared)):
        lines += paragraph(page, text)
    return lines


def _side(letter: str, side: Side, page: Page) -> list[Line]:
    from unstuck.report.lines import paragraph

    return paragraph(page, f"{letter}  {side.script} ({side.framework}): {side.sentence}", indent=3)


def _found(compared: Compared, page: Page) -> list[Line]:
    from unstuck.report.lines import Span, line, paragraph

    if not compared.found:
        return paragraph(page, "No difference was seen in rows, network, loss, optimizer or loop.")
    told: list[Line] = []
    for one in compared.found:
        style: Style = "bad" if one.name in compared.matters else "strong"
        named = one.part if one.part == one.name else f"{one.part}: {one.name}"
        told += [line(Span(named, style)), line(f"  A  {one.a}"), line(f"  B  {one.b}")]
        if one.because:
            told += paragraph(page, f"     not tried: {one.because}", indent=5)
    return told


def _matters(compared: Compared) -> list[str]:
    if not compared.matters or compared.untreated is None or compared.treated is None:
        return [f"{compared.because[:1].upper()}{compared.because[1:]}."]
    what = " and ".join(compared.matters)
    said = (
        f"What matters: {what}. A learns in {compared.treated.learned}/{compared.treated.members} starts with"
        f" B's, in {compared.untreated.learned}/{compared.untreated.members} as it is."
    )
    if len(compared.matters) == 1:
        return [said]
    each = [
        f"without {name}: {trial.without.learned}/{trial.without.members}"
        for name, trial in compared.trials.items()
        if name in compared.matters
    ]
    return [f"{said} All of these are needed ({'; '.join(each)})."]


def _idle(compared: Compared) -> list[str]:
    return [
        f"No difference by itself: {name} (with B's alone, A learns in {arm.learned}/{arm.members} starts)."
        for name, arm in compared.alone.items()
        if name not in compared.matters
    ]
