"""What Lightning's Trainer tells: how long a training was to be that a callback ended before."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol

from unstuck.core.recording import Where
from unstuck.record.frames import user_line
from unstuck.record.seams import Seams
from unstuck.record.torch.above import Above
from unstuck.record.torch.guard import Guard, Guarded

STOPPING = tuple(
    f"{name}.callbacks.early_stopping" for name in ("lightning.pytorch", "pytorch_lightning")
)
"""The modules of the callback that ends a training for want of gain."""


class Watching(Guarded, Protocol):
    """The recorder as it is seen from here."""

    seams: Seams
    above: Above
    ended: bool


def watch(module: ModuleType, recorder: Watching) -> None:
    """Put the hooks in, around the callback's making and the end of the training."""
    built: dict[int, Where] = {}

    def made(_: None, args: tuple[Any, ...], result: Any) -> None:
        with Guard(recorder, spoils=False):
            where = user_line()
            if where is not None:
                built[id(args[0])] = where

    def ends(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        with Guard(recorder, spoils=False):
            callback, trainer = args[0], args[1] if len(args) > 1 else kwargs["trainer"]
            where = built.get(id(callback))
            epochs, batches = trainer.max_epochs, trainer.num_training_batches
            told = isinstance(epochs, int) and isinstance(batches, int) and epochs > 0
            if callback.stopped_epoch > 0 and where is not None and told:
                updates = epochs * max(1, batches // max(1, trainer.accumulate_grad_batches))
                recorder.above.planned = updates, where

    if not recorder.ended:
        recorder.seams.around(module.EarlyStopping, "__init__", after=made)
        recorder.seams.around(module.EarlyStopping, "on_train_end", before=ends)
