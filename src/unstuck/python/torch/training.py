"""A copy of the user's model trained in this process, under the recorder that watches scripts, too."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import nn

from unstuck.core.recording import Recording
from unstuck.python.aside import aside
from unstuck.python.torch.given import Given, given
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.record import frames
from unstuck.record.torch.recorder import Recorder
from unstuck.record.torch.session import recording
from unstuck.replay import functions

LOOP = "the loop was unstuck's own, so yours was not seen: record it with unstuck.watch()"

LOOPS = (
    "missing-zero-grad",
    "zero-grad-misplaced",
    "missing-step",
    "optimizer-recreated",
    "schedule-kills-lr",
    "clip-too-tight",
    "early-stopping-too-soon",
    "train-eval-mode",
)
"""The rules that ask what a loop does; that one of ours has no such fault tells nothing."""

METRIC = "no metric was given (metric=)"

METRIC_LOOKS = 3
"""How often the metric is asked for: the recorder wants to see a comparison more than once."""


def recorded(
    model: nn.Module,
    X: Any,
    y: Any,
    *,
    loss: Any,
    optimizer: Any,
    metric: Any,
    epochs: int,
    batch_size: int,
    random_state: int,
) -> tuple[Recording, tuple[str, ...]]:
    """Return the recording of a training of a copy, and what was chosen for want of being given.

    The model stays as it is. Raises Undiagnosable.
    """
    functions.learn()  # before anything is replaced
    recorder = Recorder(lambda _: None)
    with aside(random_state), torch.inference_mode(False), torch.enable_grad():
        things = given(model, X, y, loss, optimizer)
        try:
            recorder.attach()
            _train(things, epochs, batch_size, metric)
        except Undiagnosable:
            raise
        except Exception as error:
            why = " ".join(str(error).split())[:300]
            raise Undiagnosable(
                f"the training of a copy fails with {type(error).__name__}: {why}"
            ) from error
        finally:
            recorder.finish()
        made = recording(recorder, {"how": "finished"}, keep_data=True)
    gaps = {**made.gaps, **things.taken, **dict.fromkeys(LOOPS, LOOP)}
    if metric is None:
        gaps["metric-bug"] = METRIC
    return dataclasses.replace(made, script="", argv=(), lines={}, gaps=gaps), tuple(
        things.taken.values()
    )


def _train(things: Given, epochs: int, batch_size: int, metric: Any) -> None:
    """Train as the plainest loop does: a new order for each pass, the last batch may be smaller.

    Where all rows make one batch, they are not shuffled.
    """
    model, optimizer, X, y = things.model, things.optimizer, things.X, things.y
    looks = {epochs - 1 - place for place in range(METRIC_LOOKS)} if metric is not None else set()
    for epoch in range(epochs):
        whole = batch_size >= len(X)
        order = torch.randperm(len(X)) if not whole else None
        for begin in range(0, len(X), batch_size):
            index = order[begin : begin + batch_size] if order is not None else None
            batch, wanted = (X, y) if index is None else (X[index], y[index])
            optimizer.zero_grad()
            loss = things.compare(model(batch), wanted)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        if epoch in looks:
            _measured(things, metric)


def _measured(things: Given, metric: Any) -> None:
    """Ask for the metric, as a script does that prints it; the recorder sees what it compares."""
    things.model.eval()
    with torch.no_grad():
        metric(things.model(things.X), things.y)
    things.model.train()


frames.end_at(_train.__code__)
frames.end_at(_measured.__code__)
