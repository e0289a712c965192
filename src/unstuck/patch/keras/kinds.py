"""Which function writes which kind of edit in a script that speaks Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unstuck.core import edits
from unstuck.core.edits import Edit
from unstuck.patch.keras.arguments import insert_activations
from unstuck.patch.keras.scale_inputs import scale_inputs
from unstuck.patch.keras.set_argument import set_arguments
from unstuck.patch.keras.set_steps import set_steps
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files

WRITERS: dict[type[Edit], Callable[[Files, Sequence[Any]], Sequence[Splice | Demand]]] = {
    edits.SetArgument: set_arguments,
    edits.SetSteps: set_steps,
    edits.ScaleInputs: scale_inputs,
    edits.InsertActivation: insert_activations,
}
