"""Observers for the tests."""

import json
import sys
import time
from pathlib import Path

from unstuck.runner import stop


def start(run_folder, options):
    """Writes down what it is told."""
    assert isinstance(run_folder, Path)
    assert "torch" not in sys.modules and "numpy" not in sys.modules

    def finish(outcome):
        names = sorted(vars(sys.modules["__main__"]))
        told = {"outcome": outcome, "options": options, "names": names}
        with open(run_folder / "ends", "a") as ends:
            ends.write("end\n")
        (run_folder / "told.json").write_text(json.dumps(told))

    return finish


def start_fails(run_folder, options):
    raise ValueError("no\nstart")


def finish_fails(run_folder, options):
    def finish(outcome):
        raise ValueError("no finish")

    return finish


def finish_exits(run_folder, options):
    def finish(outcome):
        sys.exit(9)

    return finish


def start_importing_later(run_folder, options):
    """Imports while the script runs, with its files in the way."""
    from unstuck.runner.imports import when_imported

    def callback(module):
        import colorsys
        import json

        module.seen = [json.dumps.__name__, colorsys.hls_to_rgb.__name__]

    when_imported("awaited", callback)
    return print if options.get("loud") else lambda outcome: None


def start_slowly(run_folder, options):
    """Leaves time to press Ctrl-C before the script begins."""
    (run_folder / "slow").touch()
    time.sleep(30)


def start_stopping(run_folder, options):
    """Stops the script when it calls `step` for the third time, or when its time is over."""
    steps = []

    def step():
        steps.append(1)
        if len(steps) == options.get("steps") or stop.due():
            stop.now()

    sys.step = step
    return start(run_folder, options)
