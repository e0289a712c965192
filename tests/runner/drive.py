"""Stands for the command line: supervises one script, and leaves the outcome in the run folder."""

import json
import sys
from pathlib import Path

here = str(Path(__file__).parent)
sys.path[:] = [entry for entry in sys.path if entry != here]
sys.path.insert(0, str(Path(here).parents[1] / "src"))  # for python -S

from unstuck.runner import supervisor  # noqa: E402
from unstuck.runner.job import Job  # noqa: E402

if __name__ == "__main__":
    observer, env, run_folder, kind, target, *argv = sys.argv[1:]
    rest = {"observer": observer or None, "env": json.loads(env)}
    job = Job(kind=kind, target=target, argv=tuple(argv), **rest)
    outcome = supervisor.run(job, Path(run_folder))
    Path(run_folder, "outcome").write_text(repr(outcome))
