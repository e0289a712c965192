"""What-if: pure functions from one Setup to another, from which rules build their changes.

Each raises `Unchangeable`, with a sentence, where the network is of a make that it cannot follow.
"""

from unstuck.core.transform.draws import default_draws, with_default_draws
from unstuck.core.transform.loop import clearing, redrawn, with_rate, with_steps
from unstuck.core.transform.loss import matched_shapes, with_logits
from unstuck.core.transform.network import (
    registered,
    replaced_activation,
    replaced_end,
    wider,
    widths,
    with_activation,
    without_end,
)
from unstuck.core.transform.rows import moments, standardised_inputs
from unstuck.core.transform.unchangeable import Unchangeable

__all__ = [
    "Unchangeable",
    "clearing",
    "default_draws",
    "matched_shapes",
    "moments",
    "redrawn",
    "registered",
    "replaced_activation",
    "replaced_end",
    "standardised_inputs",
    "wider",
    "widths",
    "with_activation",
    "with_default_draws",
    "with_logits",
    "with_rate",
    "with_steps",
    "without_end",
]
