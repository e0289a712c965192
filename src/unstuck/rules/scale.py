"""Whether the inputs' centre and spread suit a network: shared by the fault and its mechanisms."""

from __future__ import annotations

import math

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

OFFSET = 5.0  # spreads away from zero: healthy controls have at most 1.9, the sick ones 12 to 590
NARROW = 0.03  # a unit with weight one moves by this over the data: far less than its bend is wide
WIDE = 30.0  # sigmoid and tanh are flat beyond about 5: six times less than one spread of such data
UNLIKE = 100.0  # widest over narrowest: the curvature's condition number is at least its square

NORMALISES = frozenset({"batch_norm", "layer_norm", "instance_norm", "group_norm"})
"""Operations after which the scale of the inputs no longer matters."""


def unscaled(view: View) -> tuple[Evidence, ...]:
    """Return what is wrong with the scale of the inputs, the worst feature for each complaint.

    Needs ``input_offset`` and ``input_spread``. Features that never vary say nothing about scale.
    """
    table = view.table("input_spread")
    spreads = {site: table.at(site) for site in table.sites}
    spreads = {site: one for site, one in spreads.items() if math.isfinite(one) and one > 0}
    if not spreads:
        return ()
    offsets = {site: view.value("input_offset", site) for site in spreads}
    far = max(offsets, key=lambda site: offsets[site])
    wide, narrow = (
        max(spreads, key=lambda site: spreads[site]),
        min(spreads, key=lambda site: spreads[site]),
    )
    ratio = spreads[wide] / spreads[narrow]
    found = (
        Evidence("input_offset", offsets[far], OFFSET, "spreads", far),
        Evidence("input_spread", spreads[wide], WIDE, "input", wide),
        Evidence("input_spread", spreads[narrow], NARROW, "input", narrow, above=False),
        Evidence("input_spread", ratio, UNLIKE, "ratio", wide),
    )
    return tuple(one for one in found if _crossed(one))


def _crossed(one: Evidence) -> bool:
    return one.measured > one.threshold if one.above else one.measured < one.threshold
