"""Whether the inputs' centre and spread suit a network: shared by the faults and their mechanisms."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ScaleInputs
from unstuck.core.finding import Evidence
from unstuck.core.rule import View
from unstuck.core.transform import standardised_inputs

OFFSET = 5.0  # spreads away from zero: healthy controls have at most 1.9, the sick ones 12 to 590
NARROW = 0.03  # a unit with weight one moves by this over the data: far less than its bend is wide
WIDE = 30.0  # sigmoid and tanh are flat beyond about 5: six times less than one spread of such data
UNLIKE = 100.0  # widest over narrowest: the curvature's condition number is at least its square

NORMALISES = frozenset({"batch_norm", "layer_norm", "instance_norm", "group_norm"})
"""Operations after which the scale of the inputs no longer matters."""


def unscaled(view: View) -> tuple[Evidence, ...]:
    """Return what is wrong with the scale of the inputs, the worst feature for each complaint.

    Needs ``input_offset`` and ``input_spread``. Features that never vary say nothing about scale.
    Inputs that are `tiny`, and nothing else, are another fault.
    """
    spreads = _spreads(view)
    if not spreads or tiny(view) is not None:
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


def tiny(view: View) -> Evidence | None:
    """Return the widest feature's spread where all of them are narrow and none lies far from zero.

    Needs ``input_offset`` and ``input_spread``.
    """
    spreads = _spreads(view)
    if not spreads or max(view.value("input_offset", site) for site in spreads) > OFFSET:
        return None
    wide = max(spreads, key=lambda site: spreads[site])
    found = Evidence("input_spread", spreads[wide], NARROW, "input", wide, above=False)
    return found if _crossed(found) else None


def _spreads(view: View) -> dict[str, float]:
    """Return the spread of each feature that varies."""
    table = view.table("input_spread")
    spreads = {site: table.at(site) for site in table.sites}
    return {site: one for site, one in spreads.items() if math.isfinite(one) and one > 0}


def normalised(view: View) -> bool:
    """Whether a normalisation is the first thing that the inputs meet; needs ``setup``."""
    program = view.setup.program
    first = next((op for op in program.ops if set(op.slots()) & set(program.inputs)), None)
    return first is not None and first.short in NORMALISES


def standardised(view: View, name: str) -> Change:
    """Return the change that standardises the inputs; needs ``input_mean`` and ``input_spread``."""
    mean, spread = (view.table(one).values[-1] for one in ("input_mean", "input_spread"))
    usable = np.where(np.isfinite(spread) & (spread > 0), spread, 1.0)
    forward = view.line("forward")
    edits = (ScaleInputs(forward, tuple(mean.tolist()), tuple(usable.tolist())),) if forward else ()
    return Change(
        name,
        "standardise the inputs: subtract each feature's mean, divide by its spread",
        standardised_inputs,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.DATA,
    )


def _crossed(one: Evidence) -> bool:
    return one.measured > one.threshold if one.above else one.measured < one.threshold
