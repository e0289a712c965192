"""`unstuck fix`: the smallest verified patch as a diff on stdout, the story on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unstuck.cli import run_folder
from unstuck.cli import session as sessions
from unstuck.cli.mistake import MISTAKE
from unstuck.cli.options import Colour, Wishes, shared, wishes
from unstuck.cli.session import Session
from unstuck.cli.target import TargetCommand, target_of, words

if TYPE_CHECKING:
    from unstuck.core.diagnosis import Diagnosis
    from unstuck.core.trial import Prescription

HEALTHY, PATCHED, UNCURED, ERROR = 0, 1, 3, MISTAKE

NOT_CONTAINED = "What it does by absolute path or over the network is not contained."


@click.command(
    "fix",
    cls=TargetCommand,
    epilog="""\b
Examples:
  unstuck fix train.py --lr 0.1               run, diagnose, patch, run the patched copy
  unstuck fix train.py > cure.patch           keep the diff; the story goes to stderr
  unstuck fix --apply train.py                write the patch into the files
  unstuck fix --run .unstuck/runs/<run>       from an earlier run's recording

\b
Exit code: 0 learned or at the floor, 1 a verified diff, 3 not healthy but no
verified diff, 2 an error (also where the script itself fails).""",
)
@shared
@click.option(
    "--run",
    "run_",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Start from an earlier run's recording.",
)
@click.option("--apply", is_flag=True, help="Write the verified patch into the files.")
@click.option(
    "--unsafe",
    is_flag=True,
    envvar="UNSTUCK_UNSAFE",
    help="Also take changes to what targets or output mean, or to the interface.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    metavar="N",
    default=5,
    envvar="UNSTUCK_SEEDS",
    show_default=True,
    help="How often the patched script is run to verify it.",
)
@click.option("-y", "--yes", is_flag=True, help="Run the patched script without asking.")
@click.pass_context
def command(
    ctx: click.Context, /, *, run_: Path | None, apply: bool, yes: bool, **given: Any
) -> None:
    """Find the smallest change that makes a training script learn, verify it, and print the diff.

    The script is run once as it is, its output on stderr. Then the patched script is run several
    times, from other seeds, in a scratch folder. Effects by absolute path or over the network are
    not contained.
    """
    wished = wishes(**given)
    try:
        session = _earlier(run_, words(ctx), wished) if run_ else _recorded(words(ctx), wished)
        if session.failed:
            sys.exit(_refuse(session))
        sys.exit(fix(session, apply=apply, ask=not yes))
    except KeyboardInterrupt:
        click.echo("unstuck: stopped", err=True)
        sys.exit(sessions.INTERRUPTED)


def _recorded(found: tuple[str, ...], wished: Wishes) -> Session:
    return sessions.record(target_of(found), wished, stdout="stderr")


def _earlier(run: Path, found: tuple[str, ...], wished: Wishes) -> Session:
    """Return an earlier run's session; the script is known from its folder."""
    folder = run_folder.find(run)
    if found:
        raise click.UsageError("--run knows the script; name the one or the other")
    return Session(run_folder.target(folder), folder, wished, *run_folder.outcome(folder))


def _refuse(session: Session) -> int:
    why = session.outcome.exception or f"it ended with exit code {session.outcome.code}"
    click.echo(f"unstuck: the script itself fails ({why}); mend that first", err=True)
    return ERROR


def fix(session: Session, *, apply: bool, ask: bool) -> int:
    """Diagnose, tell, verify, print; return the exit code."""
    unsafe = session.wishes.options.unsafe
    diagnosis = sessions.diagnose(session)
    chosen = _candidate(diagnosis, unsafe=unsafe)
    runs = chosen is None and _only_runs_tell(session, diagnosis)
    sessions.keep(session, diagnosis)
    sessions.show(session, diagnosis, next_=chosen is None and not runs)
    if runs:
        diagnosis = _proved(session, diagnosis, ask=ask)
        chosen = _candidate(diagnosis, unsafe=unsafe)
    elif chosen is not None:
        if _changed(session, chosen):
            return ERROR
        diagnosis = _verified(session, diagnosis, ask=ask)
        chosen = _candidate(diagnosis, unsafe=unsafe)
        sessions.keep(session, diagnosis)
    sessions.write_page(session, diagnosis)
    if diagnosis.verdict in {"learned", "floor"}:
        return HEALTHY
    if chosen is None or chosen.patch is None or chosen.proof != "mends":
        return UNCURED
    _print(chosen.patch.diff, session.wishes.color)
    return _apply(session, chosen) if apply else PATCHED


def _only_runs_tell(session: Session, diagnosis: Diagnosis) -> bool:
    return session.wishes.options.prove and sessions.only_running_can_tell(diagnosis)


def _proved(session: Session, diagnosis: Diagnosis, *, ask: bool) -> Diagnosis:
    """Run the script with one change after another where the user agrees; report anew."""
    from unstuck.report.numbers import duration

    limit = duration(session.wishes.options.verify_seconds)
    sessions.say(
        session,
        "Memory alone cannot follow this training. To prove a cause, the script is run again with one"
        f" set of changes after another in a scratch folder, for {limit} at most. {NOT_CONTAINED}",
    )
    if not _confirmed(ask=ask):
        return diagnosis
    diagnosis = sessions.prove(session, diagnosis)
    sessions.keep(session, diagnosis)
    sessions.show(session, diagnosis, next_=diagnosis.prescription is None)
    return diagnosis


def _verified(session: Session, diagnosis: Diagnosis, *, ask: bool) -> Diagnosis:
    """Run the patched script where the user agrees, and say how that went."""
    if not _agreed(session, diagnosis, ask=ask):
        return diagnosis
    verified = sessions.verify(session, diagnosis)
    sessions.show_proof(session, verified, told=diagnosis)
    return verified


def _candidate(diagnosis: Diagnosis, *, unsafe: bool) -> Prescription | None:
    """Return the prescription if it may become a patch: an unsafe one only if the user said so."""
    chosen = diagnosis.prescription
    if diagnosis.verdict in {"learned", "floor"} or chosen is None or chosen.patch is None:
        return None
    allowed = {"safe", "unsafe"} if unsafe else {"safe"}
    return chosen if chosen.safety.value in allowed else None


def _changed(session: Session, chosen: Prescription) -> bool:
    """Say so where a file is not what was run any more: the patch would not fit it."""
    assert chosen.patch is not None
    changed = session.sources.changed(chosen.patch.files)
    if changed is not None:
        click.echo(f"unstuck: {changed} has changed since the run; run it again", err=True)
    return changed is not None


def _agreed(session: Session, diagnosis: Diagnosis, *, ask: bool) -> bool:
    """Say how often the script will be run again; on a terminal, ask."""
    from unstuck import verify
    from unstuck.report.numbers import duration

    rerun = verify.plan(diagnosis, session.folder, session.wishes.options)
    to = "" if rerun.steps is None else f" (each to its step {rerun.steps:,}, for want of time)"
    sessions.say(
        session,
        f"To verify the patch, the script is run {rerun.times} more times in a scratch folder{to}, about "
        f"{duration(rerun.seconds)} in all. {NOT_CONTAINED}",
    )
    return _confirmed(ask=ask)


def _confirmed(*, ask: bool) -> bool:
    if not ask or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    return click.confirm("Go on?", default=True, err=True)


def _print(diff: str, color: Colour) -> None:
    """Write the diff to stdout byte for byte, so that `patch` can read it; coloured for eyes only."""
    if color == "always" or (color == "auto" and sys.stdout.isatty()):
        from unstuck.report.cure import diff_lines
        from unstuck.report.terminal import paint

        paint(diff_lines(diff), sys.stdout, colour=color)
        return
    sys.stdout.buffer.write(diff.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _apply(session: Session, chosen: Prescription) -> int:
    """Write the patch into the files, unless one of them has changed since the run."""
    from unstuck.patch import apply

    assert chosen.patch is not None
    if _changed(session, chosen):
        return ERROR
    try:
        apply(chosen.patch, expected=session.sources.digests)
    except (OSError, ValueError) as error:
        click.echo(f"unstuck: nothing was written: {error}", err=True)
        return ERROR
    click.echo(f"unstuck: written to {', '.join(chosen.patch.files)}", err=True)
    return PATCHED
