"""From hooks to a Recording of a fit: begins with the import of the perceptrons, ends with the script."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import SCHEMA, Recording, Site, Table, Where
from unstuck.core.setup import Setup
from unstuck.record.folder import save
from unstuck.record.sklearn.fit import Fit
from unstuck.record.sklearn.watcher import Watcher
from unstuck.runner import trouble

OWN_LOOP = f"{INAPPLICABLE}the training loop is scikit-learn's own"

LOOPS = (
    "missing-zero-grad",
    "zero-grad-misplaced",
    "missing-step",
    "clip-too-tight",
    "train-eval-mode",
    "metric-bug",
    "stale_gradient",
)
"""Rules and quantities that ask what a loop of the user's does."""

STEPS = {"lbfgs": "solver='lbfgs' looks for its own steps: trials cannot repeat them"}


def begin(
    folder: Path, options: dict[str, Any], module: ModuleType
) -> Callable[[dict[str, Any]], Recording | None]:
    """Attach a watcher; return what gives the recording of the script's fits, None where it made none."""
    keep = not options.get("no_data", False)

    def save_now() -> None:
        made = recording(watcher, {"how": "killed"}, keep_data=keep)
        if made is not None:
            save(made, folder)

    watcher = Watcher(save_now, stop_after=options.get("stop_after_steps"), trouble=trouble.note)
    try:
        watcher.attach(module)
    except BaseException:
        watcher.detach()
        raise

    def finish(outcome: dict[str, Any]) -> Recording | None:
        watcher.detach()
        return recording(watcher, outcome, keep_data=keep)

    return finish


def recording(watcher: Watcher, outcome: dict[str, Any], *, keep_data: bool) -> Recording | None:
    """Return what was seen as a value, None where nothing was fitted."""
    fit = watcher.main()
    if fit is None:
        return None
    gaps = {**dict.fromkeys(LOOPS, OWN_LOOP), **watcher.gaps}
    setup = None
    if "setup" not in gaps:
        setup = fit.setup(fit.now(watcher.estimator(fit)), keep_data=keep_data)
    if setup is None:
        gaps.setdefault("setup", fit.gap or "no update of the parameters was seen")
    if not keep_data:
        gaps["data"] = "rows were not stored (--no-data)"
    if fit.settings.get("solver") in STEPS:
        gaps["static"] = STEPS[str(fit.settings["solver"])]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Recording(
        SCHEMA,
        "sklearn",
        {"sklearn": _version(), "python": sys.version.split()[0]},
        str(sys.argv[0]) if sys.argv else "",
        tuple(sys.argv[1:]),
        outcome.get("how", "finished"),
        (),
        _sites(fit, setup),
        {table.quantity: table for table in _tables(fit)},
        setup,
        _lines(fit),
        gaps,
        {
            "recorder_seconds": 0.0,
            "training_seconds": fit.ended - fit.began,
            "peak_kilobytes": float(peak),
        },
        max(watcher.fitted, 1),
        estimator={
            "kind": fit.kind,
            "how": fit.how,
            "stopped": fit.stopped,
            "passes": fit.passes,
            "otherwise": fit.otherwise,
            "places": fit.places,
            **fit.settings,
        },
    )


def _version() -> str:
    return str(getattr(sys.modules.get("sklearn"), "__version__", ""))


def _tables(fit: Fit) -> list[Table]:
    losses = dict(zip(*fit.loss.points(), strict=True))
    tables = {
        "loss": ("loss", losses),
        "gradient_at_step": ("gradient", fit.norms),
        "gradient_after_backward": ("gradient", fit.norms),
    }
    return [_table(name, site, values) for name, (site, values) in tables.items() if values]


def _table(quantity: str, site: str, values: dict[int, float]) -> Table:
    steps = tuple(sorted(values))
    column = np.array([[values[step]] for step in steps], dtype=np.float64).reshape(len(steps), 1)
    return Table(quantity, steps, (site,), column)


def _sites(fit: Fit, setup: Setup | None) -> tuple[Site, ...]:
    layers = zip(*fit.start, strict=True)
    return tuple(
        Site(
            str(number),
            "Linear",
            coef.shape[:1],
            coef.shape[1:],
            coef.size + intercept.size,
            True,
            fit.built,
        )
        for number, (coef, intercept) in enumerate(layers, 1)
    )


def _lines(fit: Fit) -> dict[str, Where]:
    """Return the lines: what sets the training stands where the estimator is built, the rest where it is fitted."""
    built = fit.built or fit.called
    by_loop = fit.how != "fit"
    roles = {
        "forward": fit.called,
        "loss": fit.called,
        "optimizer": built,
        "step": fit.called if by_loop else built,
    }
    return {role: where for role, where in roles.items() if where is not None}
