"""`unstuck run`: the script as it is, then the report; the exit code stays the script's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from unstuck.cli import session as sessions
from unstuck.cli.options import Command, FailOn, Wishes, shared, wishes
from unstuck.cli.target import Target, TargetCommand, target_of, words

if TYPE_CHECKING:
    from unstuck.cli.session import Session
    from unstuck.core.diagnosis import Diagnosis

FAILED_ON = 3


def own(command: Command) -> Command:
    """Add the options that `fix` does not have."""
    rerun = click.option(
        "--rerun",
        is_flag=True,
        envvar="UNSTUCK_RERUN",
        help="Run the script again where that proves more: to verify the patch, and to try"
        " changes where memory alone cannot follow the training.",
    )
    fail_on = click.option(
        "--fail-on",
        type=click.Choice(["never", "cause", "suspect"]),
        default="never",
        envvar="UNSTUCK_FAIL_ON",
        show_default=True,
        help="Exit with 3 if the script succeeds and this is found.",
    )
    return rerun(fail_on(command))


@click.command(
    "run",
    cls=TargetCommand,
    epilog="""\b
Examples:
  unstuck run train.py --epochs 5          what follows the script is the script's
  unstuck run --budget 5m -v train.py      prove longer, tell everything
  unstuck run -m my_package.train          as python -m my_package.train
  unstuck run --stop-after 90s train.py    diagnose the first 90 seconds
  unstuck run --report report.html train.py    pictures, in one file for a browser
  unstuck run --json out.json --fail-on cause train.py    in continuous integration

\b
Settings may also stand in pyproject.toml, as [tool.unstuck] budget = "5m",
or in the environment, as UNSTUCK_BUDGET=5m. The command line wins.""",
)
@shared
@own
@click.pass_context
def command(ctx: click.Context, /, *, rerun: bool, fail_on: FailOn, **given: Any) -> None:
    """Run a training script as python would, and say whether it is stuck, and why.

    The script is not changed, and is run once. Its output is its own; the report follows on
    stderr when it has ended. The exit code is the script's.
    """
    wished = wishes(**given)
    sys.exit(run(target_of(words(ctx)), wished, rerun=rerun, fail_on=fail_on))


def run(target: Target, wished: Wishes, *, rerun: bool, fail_on: FailOn) -> int:
    """Run, diagnose, report; return the exit code."""
    session = sessions.record(target, wished)
    try:
        diagnosis = sessions.diagnose(session)
        if rerun:
            diagnosis = _rerun(session, diagnosis)
    except KeyboardInterrupt:
        click.echo(f"unstuck: stopped; the recording is in {session.folder}", err=True)
        return session.outcome.code or sessions.INTERRUPTED
    sessions.keep(session, diagnosis)
    sessions.show(session, diagnosis)
    sessions.write_page(session, diagnosis)
    return session.outcome.code or (FAILED_ON if _fails(diagnosis, fail_on) else 0)


def _rerun(session: Session, diagnosis: Diagnosis) -> Diagnosis:
    """Verify the patch; where there is none since memory could not follow, prove by running."""
    if diagnosis.prescription is not None:
        return sessions.verify(session, diagnosis)
    if session.wishes.options.prove and sessions.only_running_can_tell(diagnosis):
        return sessions.prove(session, diagnosis)
    return diagnosis


def _fails(diagnosis: Diagnosis, fail_on: FailOn) -> bool:
    counted = {"never": set(), "cause": {"cause"}, "suspect": {"cause", "suspect"}}[fail_on]
    return any(finding.role in counted for finding in diagnosis.findings)
