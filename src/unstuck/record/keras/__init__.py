"""What Keras does above torch, told to the recorder in torch's words; nothing of it is imported unasked."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unstuck.record.torch.recorder import Recorder


def begin_in(keras: ModuleType, recorder: Recorder) -> None:
    """Watch Keras too, now that the script has imported it, if it computes with torch."""
    if keras.config.backend() == "torch":
        from unstuck.record.keras.watch import Watch

        Watch(recorder).attach()
