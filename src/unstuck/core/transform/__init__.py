"""What-if: pure functions from one Setup to another, from which rules build their changes.

Each raises `Unchangeable`, with a sentence, where the network is of a make that it cannot follow.
"""

from unstuck.core.transform.axis import axis, classes_within_rows, with_axis
from unstuck.core.transform.draws import (
    default_draws,
    with_default_draws,
    with_fitting_draws,
)
from unstuck.core.transform.dropout import DROPS, dropped, with_dropout, without_dropout
from unstuck.core.transform.gradient import (
    attached,
    comparable,
    cuts,
    group,
    severed,
    unfrozen,
)
from unstuck.core.transform.guard import Guard, guard, guarded, operand
from unstuck.core.transform.holes import FEW, Mend, holes, mend, with_numbers
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
    without_patience,
)
from unstuck.core.transform.loss import matched_shapes, with_logits
from unstuck.core.transform.meant import (
    binary_targets,
    chosen,
    descending,
    logged,
    negated,
    over_classes,
    scored,
    with_log_shares,
    yes_or_no,
)
from unstuck.core.transform.network import (
    registered,
    replaced_activation,
    replaced_end,
    wider,
    widths,
    with_activation,
    without_end,
)
from unstuck.core.transform.norm import (
    by_batch,
    by_fixed,
    in_training_mode,
    norm_arguments,
    within_rows,
)
from unstuck.core.transform.reread import READ, readings, reread, with_rows_reread
from unstuck.core.transform.rows import (
    LOST,
    emptied,
    fractions_lost,
    moments,
    standardised_inputs,
    with_all_rows,
    with_batch,
    with_fractions,
)
from unstuck.core.transform.squash import ending, squasher, without_squash
from unstuck.core.transform.targets import (
    clipped_targets,
    judged_by_logarithms,
    judged_inside,
    logarithmic_targets,
    standardised_targets,
)
from unstuck.core.transform.unchangeable import Unchangeable
from unstuck.core.transform.waves import first_layer, with_waves
from unstuck.core.transform.weights import TAKES, unweighed, weighable, weighed

__all__ = [
    "DROPS",
    "FEW",
    "LOST",
    "READ",
    "TAKES",
    "Guard",
    "Mend",
    "Unchangeable",
    "all_held",
    "attached",
    "axis",
    "binary_targets",
    "by_batch",
    "by_fixed",
    "chosen",
    "classes_within_rows",
    "clearing",
    "clipped_targets",
    "comparable",
    "cuts",
    "default_draws",
    "descending",
    "dropped",
    "emptied",
    "ending",
    "first_layer",
    "fractions_lost",
    "group",
    "guard",
    "guarded",
    "holes",
    "in_training_mode",
    "judged_by_logarithms",
    "judged_inside",
    "kept_optimizer",
    "logarithmic_targets",
    "logged",
    "matched_shapes",
    "mend",
    "moments",
    "negated",
    "norm_arguments",
    "operand",
    "over_classes",
    "readings",
    "redrawn",
    "registered",
    "replaced_activation",
    "replaced_end",
    "reread",
    "scored",
    "severed",
    "squasher",
    "standardised_inputs",
    "standardised_targets",
    "stepping",
    "unfrozen",
    "unscheduled",
    "unweighed",
    "weighable",
    "weighed",
    "wider",
    "widths",
    "with_activation",
    "with_all_rows",
    "with_axis",
    "with_batch",
    "with_clip",
    "with_decay",
    "with_default_draws",
    "with_dropout",
    "with_fitting_draws",
    "with_fractions",
    "with_log_shares",
    "with_logits",
    "with_numbers",
    "with_rate",
    "with_rows_reread",
    "with_steps",
    "with_waves",
    "within_rows",
    "without_dropout",
    "without_end",
    "without_patience",
    "without_squash",
    "yes_or_no",
]
