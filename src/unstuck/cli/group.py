"""The command `unstuck`: its subcommands, its version, and how a mistake is answered."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from unstuck.cli.commands import Commands
from unstuck.cli.mistake import MISTAKE, sentence

COMMANDS = {
    "run": ("unstuck.cli.run", "Run a training script and say whether it is stuck, and why."),
    "fix": ("unstuck.cli.fix", "Find and verify the patch that makes a training script learn."),
    "explain": ("unstuck.cli.explain", "Explain a fault: what happens, why, how it is proved."),
    "rules": ("unstuck.cli.rules", "List the faults that are looked for."),
    "case": ("unstuck.cli.case", "Real networks that did not learn, to run and to study."),
    "report": ("unstuck.cli.report", "Show the diagnosis of an earlier run again."),
    "diff": ("unstuck.cli.diff", "Compare two runs, one of which learns, and find what matters."),
    "lab": ("unstuck.cli.lab", "How often do networks learn? Whole grids of them, at once."),
}


class _Lazy(Commands):
    """Subcommands that are imported when they are named; mistakes are one sentence and exit 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            code = MISTAKE
        except click.ClickException as error:
            click.echo(f"unstuck: {sentence(error)}", err=True)
            code = MISTAKE
        except (click.Abort, KeyboardInterrupt):
            code = 130
        except BrokenPipeError:  # the reader of our output has gone; python must not complain of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 1
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog="Start with: unstuck run train.py",
)
@click.version_option(package_name="unstuck", message="unstuck %(version)s")
def unstuck() -> None:
    """Say why a network will not learn, prove it, and find the patch that cures it.

    \b
    Examples:
      unstuck run train.py --lr 0.1    run the script as it is; the report follows
      unstuck fix train.py --lr 0.1    the verified patch as a diff
      unstuck case run xnor            see it at work on a network that is stuck
    """
