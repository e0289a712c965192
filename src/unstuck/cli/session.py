"""One run from the start of the script to the report: what `run`, `fix` and `case run` share.

Nothing of ours is printed before the script has ended, and no failure of ours changes its exit code.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unstuck.cli import run_folder
from unstuck.cli.options import Wishes
from unstuck.cli.progress import progress
from unstuck.cli.source_files import Snapshot, snapshot
from unstuck.cli.target import Target
from unstuck.runner import supervisor, trouble
from unstuck.runner.job import Job, Sink
from unstuck.runner.supervisor import Outcome

if TYPE_CHECKING:
    from unstuck.core.diagnosis import Diagnosis
    from unstuck.core.options import Options, Progress
    from unstuck.report.source import Source

OBSERVER = "unstuck.record.observer:start"
INTERRUPTED = 130

Step = Callable[["Options", "Progress"], "Diagnosis"]


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """A script that was run: what was asked, where its recording lies, how it ended."""

    target: Target
    folder: Path
    wishes: Wishes
    outcome: Outcome
    sources: Snapshot

    @property
    def failed(self) -> bool:
        """Whether the script came to a bad end of its own (not ours, nor by Ctrl-C)."""
        return self.outcome.code != 0 and self.outcome.how not in {"stopped", "interrupted"}


def record(target: Target, wishes: Wishes, *, stdout: Sink = "inherit") -> Session:
    """Run the script under observation, to its end or as far as the user wished."""
    folder = run_folder.make(target, output=wishes.output)
    job = Job(
        kind=target.kind,
        target=target.target,
        argv=target.argv,
        observer=OBSERVER,
        options={"no_data": wishes.no_data, "stop_after_steps": wishes.stop_after.steps},
        stdout=stdout,
    )
    script = [Path(target.target)] if target.kind == "script" else []
    sources = snapshot(script, time=time.time())
    outcome = supervisor.run(job, folder, stop_after=wishes.stop_after.seconds)
    run_folder.write_outcome(outcome, folder, sources)
    return Session(target, folder, wishes, outcome, sources)


def diagnose(session: Session) -> Diagnosis:
    """Say what was wrong. Ctrl-C ends the proofs; what is known without them is still told."""

    def proved(options: Options, report: Progress) -> Diagnosis:
        from unstuck import doctor

        return doctor.diagnose(session.folder, options, report)

    options = session.wishes.options
    try:
        return _guarded(session, proved, options)
    except KeyboardInterrupt:
        if session.outcome.how == "interrupted" or not options.prove:
            raise
        return _guarded(session, proved, dataclasses.replace(options, prove=False))


def verify(session: Session, diagnosis: Diagnosis) -> Diagnosis:
    """Run the patched script again, over several seeds."""

    def verified(options: Options, report: Progress) -> Diagnosis:
        from unstuck import verify

        return verify.verify(diagnosis, session.folder, options, report)

    return _guarded(session, verified, session.wishes.options, otherwise=diagnosis)


def prove(session: Session, diagnosis: Diagnosis) -> Diagnosis:
    """Run the script again with one set of changes after another, where memory could not tell."""

    def proved(options: Options, report: Progress) -> Diagnosis:
        from unstuck import doctor, verify

        return doctor.with_roles(verify.prove(diagnosis, session.folder, options, report))

    return _guarded(session, proved, session.wishes.options, otherwise=diagnosis)


def only_running_can_tell(diagnosis: Diagnosis) -> bool:
    """Whether running the script again could prove what memory could not."""
    from unstuck import verify

    return verify.provable(diagnosis)


def _guarded(
    session: Session, step: Step, options: Options, *, otherwise: Diagnosis | None = None
) -> Diagnosis:
    """Return what a step finds; a failure of ours becomes a diagnosis that says so."""
    try:
        with progress(quiet=session.wishes.verbosity < 0) as report:
            return step(options, report)
    except Exception as error:
        if trouble.raising():
            raise
        with open(session.folder / trouble.FILE, "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        return _failed(session, error, otherwise)


def _failed(session: Session, error: Exception, otherwise: Diagnosis | None) -> Diagnosis:
    from unstuck.core.diagnosis import Diagnosis
    from unstuck.core.finding import NotRun

    because = f"{type(error).__name__}: {error}; see {session.folder / trouble.FILE}"
    if otherwise is not None:
        gap = NotRun("patch", "verification", because)
        return dataclasses.replace(otherwise, not_run=(*otherwise.not_run, gap))
    return Diagnosis(
        script=session.target.target,
        verdict="unknown",
        sentence="the diagnosis itself failed, which is a fault of unstuck's",
        loss=None,
        ladder=None,
        findings=(),
        trials={},
        not_run=(NotRun("rule", "all", because),),
        prescription=None,
        tried=(),
        took={},
        run_folder=str(session.folder),
    )


def keep(session: Session, diagnosis: Diagnosis) -> None:
    """Write the diagnosis into the run folder, and where the user asked for it."""
    from unstuck.report import curves, json, saved

    source = _source(session.target)
    json.write(diagnosis, session.folder / run_folder.DIAGNOSIS, source=source)
    curves.write_curves(diagnosis, session.folder)
    if diagnosis.prescription is not None and diagnosis.prescription.patch is not None:
        saved.write_patch(diagnosis.prescription.patch, session.folder)
    if session.wishes.json is not None:
        try:
            json.write(diagnosis, session.wishes.json, source=source)
        except OSError as error:
            click.echo(f"unstuck: {session.wishes.json} was not written: {error}", err=True)


def write_page(session: Session, diagnosis: Diagnosis) -> None:
    """Write the HTML report where the user asked for one; no failure of it changes anything else."""
    from unstuck.cli import page

    file = session.wishes.report
    if file is None:
        return
    try:
        page.write(diagnosis, session.folder, file)
    except Exception as error:
        if trouble.raising():
            raise
        with open(session.folder / trouble.FILE, "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        click.echo(f"unstuck: {file} was not written: {error}", err=True)
    else:
        click.echo(f"\nunstuck: the report is in {file}", err=True)


def show(session: Session, diagnosis: Diagnosis, *, next_: bool = True) -> None:
    """Write the report to stderr, after an empty line that parts it from the script's output."""
    from unstuck.report.terminal import show as write

    click.echo(err=True)
    for line in session.outcome.trouble if session.wishes.verbosity >= 0 else ():
        click.echo(line, err=True)
    write(
        diagnosis,
        sys.stderr,
        source=_source(session.target),
        colour=session.wishes.color,
        verbosity=session.wishes.verbosity,
        next_=next_,
    )


def show_proof(session: Session, diagnosis: Diagnosis, *, told: Diagnosis) -> None:
    """Say how far the patch was verified, and what hindered that; `told`: what was said before."""
    from unstuck.report.cure import proof

    if diagnosis.prescription is not None:
        say(session, proof(diagnosis.prescription))
    for gap in diagnosis.not_run[len(told.not_run) :]:
        say(session, f"About the {gap.name} of the {gap.kind}: {gap.because}.")


def say(session: Session, text: str) -> None:
    """Write a paragraph to stderr, after an empty line."""
    from unstuck.report.lines import EMPTY, paragraph
    from unstuck.report.terminal import page, paint

    lines = [EMPTY, *paragraph(page(sys.stderr), text)]
    paint(lines, sys.stderr, colour=session.wishes.color)


def _source(target: Target) -> Source:
    from unstuck.report.source import Source

    return Source(target.words, Path(os.getcwd()))
