"""The magic `%%unstuck`, with the options of `unstuck run` that make sense in a cell."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from unstuck.core.options import Options
from unstuck.notebook.cells import Cells, cells, known, renamed, shown
from unstuck.python.diagnosis import Diagnosis
from unstuck.python.fresh import diagnosed
from unstuck.python.options import options
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.python.watch import Watch, watch

NAME = "unstuck"


def load(shell: Any) -> None:
    """Give an IPython shell the magic: what ``%load_ext unstuck`` asks for."""

    def run(line: str, cell: str) -> Diagnosis | None:
        return _run(shell, line, cell)

    run.__doc__ = unstuck.__doc__
    shell.register_magic_function(run, magic_kind="cell", magic_name=NAME)


@magic_arguments(NAME)
@argument("--budget", default="60s", help="what the search for a cure may cost, such as 5m")
@argument("--members", type=int, default=64, help="networks in a trial")
@argument("--random-state", type=int, default=0, help="the seed of all trials")
@argument("--no-prove", action="store_true", help="name suspects only, train nothing")
@argument("--select", action="append", default=[], help="look for this fault only")
@argument("--ignore", action="append", default=[], help="do not look for this fault")
@argument("--json", help="write the diagnosis into this file, too")
@argument("--report", help="write the report with pictures into this file, too")
def unstuck(line: str) -> Any:
    """Run the cell as it is, and say whether what it trains learns, and if not, why."""
    return parse_argstring(unstuck, line)


def _run(shell: Any, line: str, cell: str) -> Diagnosis | None:
    """Run a cell under a watch; return its diagnosis, None where nothing was trained."""
    asked = unstuck(line)
    try:
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


def _options(asked: Any) -> Options:
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
