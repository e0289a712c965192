"""Observers for the tests."""

import json
import sys
from pathlib import Path


def start(run_folder, options):
    """Writes down what it is told."""
    assert isinstance(run_folder, Path)
    assert "torch" not in sys.modules and "numpy" not in sys.modules

    def finish(outcome):
        names = sorted(vars(sys.modules["__main__"]))
        told = {"outcome": outcome, "options": options, "names": names}
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
