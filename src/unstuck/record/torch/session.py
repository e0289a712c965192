"""From hooks to a saved Recording: begins with torch's import, ends with the script."""

from __future__ import annotations

import collections
import dataclasses
import math
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from unstuck.core.recording import SCHEMA, Call, Recording, Site, Table, Where
from unstuck.core.setup import Setup
from unstuck.record import frames
from unstuck.record.folder import save
from unstuck.record.torch import trainer
from unstuck.record.torch.guard import Guard
from unstuck.record.torch.recorder import Recorder
from unstuck.record.torch.training import Training
from unstuck.replay import functions
from unstuck.runner import trouble
from unstuck.runner.imports import when_imported

frames.is_foreign(torch.__file__)


def begin(folder: Path, options: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    """Attach a recorder; return what to call with the outcome when the script has ended.

    That saves the recording, and says whether anything was trained.
    """
    functions.learn()  # before anything is replaced
    keep = not options.get("no_data", False)

    def save_now(recorder: Recorder) -> None:
        save(recording(recorder, {"how": "killed"}, keep_data=keep), folder)

    recorder = Recorder(save_now, stop_after=options.get("stop_after_steps"), trouble=trouble.note)
    try:
        recorder.attach()
    except BaseException:
        recorder.detach()
        raise

    def keras_came(module: Any) -> None:
        from unstuck.record.keras import begin_in

        begin_in(module, recorder)

    when_imported("keras", keras_came)
    for name in trainer.STOPPING:
        when_imported(name, partial(trainer.watch, recorder=recorder))

    def finish(outcome: dict[str, Any]) -> bool:
        recorder.finish()
        save(recording(recorder, outcome, keep_data=keep), folder)
        return main_training(recorder) is not None

    return finish


def main_training(recorder: Recorder) -> Training | None:
    """Return the training to diagnose: the longest one, the last of equals."""
    trainings = [t for t in recorder.trainings.values() if t.loss.last is not None]
    return max(reversed(trainings), key=lambda t: t.step, default=None)


def recording(recorder: Recorder, outcome: dict[str, Any], *, keep_data: bool) -> Recording:
    """Return what was seen as a value."""
    training = main_training(recorder)
    gaps = dict(recorder.gaps)
    setup = None
    tables: list[Table] = []
    calls: tuple[Call, ...] = ()
    lines: dict[str, Where] = {}
    if training is None:
        none = "no training was seen: nothing was differentiated and then updated"
        if recorder.elsewhere:
            none = "the training runs in a thread of its own, which is not watched"
        gaps.setdefault("setup", none)
    else:
        gaps = {**training.gaps, **gaps}
        if "setup" not in recorder.gaps:
            setup = _setup(training, gaps, keep_data=keep_data)
            setup = _whole_numbers(recorder, training, setup)
            setup = None if setup is None else recorder.above.relined(setup)
        if setup is None and "setup" not in gaps:
            gaps["setup"] = "no update of the parameters was seen"
        if not keep_data:
            gaps["data"] = "rows were not stored (--no-data)"
        tables, calls, lines = (
            _tables(training),
            tuple(training.calls),
            recorder.above.retold(dict(training.lines)),
        )
        _loss_built(recorder, training, lines)
    if recorder.above.planned is not None:
        steps, where = recorder.above.planned
        tables.append(Table("planned_steps", (0,), (str(where),), np.array([[float(steps)]])))
    if recorder.seed is not None:
        lines["seed"] = recorder.seed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Recording(
        SCHEMA,
        recorder.above.framework,
        {**recorder.above.versions, "python": sys.version.split()[0]},
        str(sys.argv[0]) if sys.argv else "",
        tuple(sys.argv[1:]),
        outcome.get("how", "finished"),
        calls,
        _sites(recorder, training),
        {table.quantity: table for table in tables},
        setup,
        lines,
        gaps,
        {
            "recorder_seconds": recorder.seconds,
            "training_seconds": training.ended - training.began if training else 0.0,
            "peak_kilobytes": float(peak),
        },
        max(recorder.trained, 1),
        training.compared.all() if training is not None and keep_data else (),
        training.evaluated.all() if training is not None and keep_data else (),
    )


def _setup(training: Training, gaps: dict[str, str], *, keep_data: bool) -> Setup | None:
    try:
        return training.setup(keep_data=keep_data, end=True)
    except Exception as error:
        gaps["setup"] = f"the recorder failed: {type(error).__name__}: {error}"
        trouble.note("the training could not be written down", error)
        return None


def _whole_numbers(recorder: Recorder, training: Training, setup: Setup | None) -> Setup | None:
    """Add what rows were before they became whole numbers, and note the lines where they did."""
    if setup is None:
        return None
    with Guard(recorder, spoils=False):
        data, lines = recorder.tape.casts.told(setup)
        training.lines.update(lines)
        return dataclasses.replace(setup, data=data)
    return setup


def _tables(training: Training) -> list[Table]:
    losses = dict(zip(*training.loss.points(), strict=True))
    if training.step:  # what is differentiated after the last update is no step
        losses.pop(training.step, None)
    tables = [_table("loss", "loss", losses)]
    seen = {
        "stale_gradient": training.stale,
        "gradient_at_step": training.at_step,
        "gradient_after_backward": training.after_backward,
    }
    return tables + [_table(name, "gradient", values) for name, values in seen.items() if values]


def _table(quantity: str, site: str, values: dict[int, float]) -> Table:
    steps = tuple(sorted(values))
    column = np.array([[values[step]] for step in steps], dtype=np.float64).reshape(len(steps), 1)
    return Table(quantity, steps, (site,), column)


def _sites(recorder: Recorder, training: Training | None) -> tuple[Site, ...]:
    sites = []
    known, aside = set(map(id, training.leaves if training else ())), recorder.modules.aside
    roots = [
        root
        for root in recorder.modules.roots
        if root not in aside
        or any(id(p) in known for _, p, _ in recorder.modules.parts(root).parameters)
    ]
    for root in roots:
        parts, held = recorder.modules.parts(root), collections.defaultdict(list)
        for _, parameter, owner in parts.parameters:
            held[owner].append(parameter)
        sites += [_site(recorder, path, module, held[module]) for path, module in parts.modules]
    for path, module in recorder.modules.strays.items():
        sites.append(_site(recorder, path, module, list(module.parameters(recurse=False))))
    if training is not None:
        for leaf, name in zip(training.leaves, training.names, strict=True):
            if id(leaf) not in recorder.modules.owners:
                where = recorder.births.line(leaf)
                sites.append(Site(name, "tensor", (), tuple(leaf.shape), leaf.numel(), True, where))
    return tuple(sites)


def _site(recorder: Recorder, path: str, module: Any, own: list[torch.Tensor]) -> Site:
    count = sum(math.prod(p.shape) for p in own)
    where = recorder.modules.built.get(module)
    trainable = all(p.requires_grad for p in own)
    return Site(path, type(module).__name__, (), (), count, trainable, where)


def _loss_built(recorder: Recorder, training: Training, lines: dict[str, Where]) -> None:
    """Find where the loss module was built: the loss is computed by a call of it."""
    if recorder.modules.loss is not None:
        where = recorder.modules.built.get(recorder.modules.loss)
        if where is not None:
            lines.setdefault("loss_built", where)
