"""What-if: pure functions from one Setup to another, from which rules build their changes.

Each raises `Unchangeable`, with a sentence, where the network is of a make that it cannot follow.
"""

from unstuck.core.transform.loop import (
    all_held,
    clearing,
    kept_optimizer,
    redrawn,
    stepping,
    unscheduled,
    with_clip,
    with_decay,
    with_rate,
    with_steps,
)
from unstuck.core.transform.loss import matched_shapes, with_logits
from unstuck.core.transform.network import replaced_activation, wider, widths, with_activation
from unstuck.core.transform.rows import moments, standardised_inputs, with_batch
from unstuck.core.transform.unchangeable import Unchangeable

__all__ = [
    "Unchangeable",
    "all_held",
    "clearing",
    "kept_optimizer",
    "matched_shapes",
    "moments",
    "redrawn",
    "replaced_activation",
    "standardised_inputs",
    "stepping",
    "unscheduled",
    "wider",
    "widths",
    "with_activation",
    "with_batch",
    "with_clip",
    "with_decay",
    "with_logits",
    "with_rate",
    "with_steps",
]
