"""The magic `%%unstuck`, with the options of `unstuck run` that make sense in a cell."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
from typing import Any, NoReturn

from IPython.core.error import UsageError

from unstuck.core.options import Options
from unstuck.notebook.cells import Cells, cells, known, renamed, shown
from unstuck.python.diagnosis import Diagnosis
from unstuck.python.fresh import diagnosed
from unstuck.python.options import options
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.python.watch import Watch, watch

NAME = "unstuck"

TOLD = "Run the cell as it is, and say whether what it trains learns, and if not, why."


def load(shell: Any) -> None:
    """Give an IPython shell the magic: what ``%load_ext unstuck`` asks for."""

    def run(line: str, cell: str) -> Diagnosis | None:
        return _run(shell, line, cell)

    run.__doc__ = parser().format_help()
    shell.register_magic_function(run, magic_kind="cell", magic_name=NAME)


class _Parser(argparse.ArgumentParser):
    """A parser that raises where argparse would end the process, which is the kernel."""

    def error(self, message: str) -> NoReturn:
        raise Undiagnosable(f"%%{NAME}: {message}; %%{NAME} --help tells what there is.")


def parser() -> argparse.ArgumentParser:
    """Return what reads the options behind the magic."""
    made = _Parser(prog=f"%%{NAME}", description=TOLD, add_help=False)
    made.add_argument("--help", action="store_true", help="tell this, and run nothing")
    made.add_argument("--budget", default="60s", help="what the search for a cure may cost")
    made.add_argument("--members", type=int, default=64, help="networks in a trial")
    made.add_argument("--random-state", type=int, default=0, help="the seed of all trials")
    made.add_argument("--no-prove", action="store_true", help="name suspects, train nothing")
    made.add_argument("--select", action="append", default=[], help="look for this fault only")
    made.add_argument("--ignore", action="append", default=[], help="do not look for this fault")
    made.add_argument("--json", help="write the diagnosis into this file, too")
    made.add_argument("--report", help="write the report with pictures into this file, too")
    return made


def _run(shell: Any, line: str, cell: str) -> Diagnosis | None:
    """Run a cell under a watch; return its diagnosis, None where nothing was trained."""
    try:
        asked = parser().parse_args(shlex.split(line))
        if asked.help:
            sys.stdout.write(parser().format_help())
            return None
        wanted = _options(asked)
        with watch() as watched:
            shell.run_cell(f"#%%{NAME}\n{cell}")  # the line of the magic counts
    except Undiagnosable as reason:
        raise UsageError(str(reason)) from None
    diagnosis = _diagnosed(watched, wanted, cells(shell))
    for file in (asked.json, asked.report):
        if file and diagnosis is not None:
            diagnosis.save(file)
    return diagnosis


def _options(asked: argparse.Namespace) -> Options:
    return dataclasses.replace(
        options(asked.budget, asked.members, asked.random_state),
        prove=not asked.no_prove,
        select=tuple(asked.select),
        ignore=tuple(asked.ignore),
    )


def _diagnosed(watched: Watch, wanted: Options, found: Cells) -> Diagnosis | None:
    try:
        recording = watched.recorded()
    except Undiagnosable:
        sys.stderr.write("unstuck: nothing was trained in this cell.\n")
        return None
    known(found)
    recording = dataclasses.replace(renamed(recording, found), script=found.latest, argv=())
    diagnosis = diagnosed(recording, wanted, sources=found.sources)
    chosen = diagnosis.prescription
    if chosen is None or chosen.patch is None:
        return diagnosis
    patch = dataclasses.replace(chosen.patch, diff=shown(chosen.patch.diff))
    return dataclasses.replace(diagnosis, prescription=dataclasses.replace(chosen, patch=patch))
