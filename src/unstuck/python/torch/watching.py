"""The recorder of torch in the user's own process, and what it has seen so far."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from unstuck.core.recording import Recording
from unstuck.record.torch.guard import Guard
from unstuck.record.torch.recorder import Recorder
from unstuck.record.torch.session import main_training, recording
from unstuck.replay import functions
from unstuck.runner.imports import when_imported


def attached() -> Recorder:
    """Return a recorder whose hooks are in place."""
    functions.learn()  # before anything is replaced
    recorder = Recorder(lambda _: None)
    try:
        recorder.attach()
    except BaseException:
        recorder.detach()
        raise
    when_imported("keras", _keras(recorder))
    return recorder


def _keras(recorder: Recorder) -> Callable[[ModuleType], None]:
    """Return what lets a recorder that still records hear of Keras."""

    def came(module: ModuleType) -> None:
        if not recorder.ended:
            from unstuck.record.keras import begin_in

            begin_in(module, recorder)

    return came


def so_far(recorder: Recorder, how: str) -> Recording | None:
    """Return what was recorded, None where nothing was trained."""
    made: Recording | None = None
    if main_training(recorder) is not None:
        with Guard(recorder, spoils=False):
            made = recording(recorder, {"how": how}, keep_data=True)
    return made
