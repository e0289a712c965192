"""All families of probes, one after another, over a recording."""

from __future__ import annotations

import dataclasses
import warnings

import torch

from unstuck.core.diagnosis import Verdict
from unstuck.core.recording import Recording, Table
from unstuck.probe import (
    beyond,
    breakdown,
    collisions,
    compared,
    curvature,
    curve,
    dropped_answers,
    dropping,
    fractions,
    held,
    hidden,
    holes,
    inputs,
    ladder,
    meant,
    mixing,
    norms,
    operands,
    passed,
    planned,
    predictions,
    rare,
    reach,
    rereading,
    shuffled,
    squashed,
    starts,
    tail,
    tangent,
    targets,
    units,
    waves,
)
from unstuck.probe.measured import Family, Measured
from unstuck.probe.ready import ready
from unstuck.probe.subject import Subject, Unmeasurable
from unstuck.theory import outcome

FAMILIES: dict[Family, tuple[str, ...]] = {
    inputs.measure: ("rows", "input_mean", "input_spread", "input_offset"),
    targets.measure: ("target_mean", "target_spread", "target_offset"),
    tail.measure: ("tail",),
    fractions.measure: ("fractions_lost",),
    held.measure: ("same_batch",),
    holes.measure: ("holes",),
    operands.measure: ("loss_pairs",),
    meant.measure: ("loss_fit",),
    ladder.measure: ("ladder", "signal_r2"),
    rereading.measure: ("reread_r2",),
    hidden.measure: ("aligned_r2", "parity_r2"),
    units.measure: ("units_off", "units_saturated", "units_bending"),
    predictions.measure: ("nonlinear_share", "sigmoid_exact", "prediction_constancy"),
    mixing.measure: ("rows_mixed",),
    rare.measure: ("rare_class",),
    squashed.measure: ("squashed_floor",),
    reach.measure: ("out_of_reach",),
    starts.measure: ("signal", "signal_spread", "units_equal"),
    passed.measure: ("gradient_kept",),
    dropping.measure: ("dropout_noise",),
    norms.measure: ("norms",),
    collisions.measure: ("collision_floor",),
    curvature.measure: ("rate_over_edge",),
    tangent.measure: ("foreseen",),
    breakdown.measure: ("breakdown",),
    planned.measure: ("planned_steps",),
    shuffled.measure: ("shuffled_apart",),
    compared.measure: ("compared",),
    dropped_answers.measure: ("dropped_answers",),
    beyond.measure: ("asked_beyond",),
    waves.measure: ("waves",),
}
"""What measures which quantities, in this order; `curve` comes last, and needs no setup."""

CURVE = ("descent", "progress", "swing")


@dataclasses.dataclass(frozen=True, slots=True)
class Probed:
    """The recording with its measures, whether the run learned, and where the goal comes from."""

    recording: Recording
    verdict: Verdict
    sentence: str
    why: str


def probe(recording: Recording) -> Probed:
    """Measure every quantity that can be computed from the recording, and give the verdict."""
    measured = tables(recording)
    found = outcome(measured)
    return Probed(
        measured, found.verdict, found.sentence, found.ladder.why_goal if found.ladder else ""
    )


def tables(recording: Recording) -> Recording:
    """Return the recording with every quantity that can be computed from it; the others are gaps."""
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        found = _subject(recording)
        for family, names in FAMILIES.items():
            recording = _merged(recording, _measured(family, names, found, recording))
        try:
            last = curve.measure(recording)
        except Exception as error:
            last = dict.fromkeys(CURVE, _because(error))
        return _merged(recording, last)


def _subject(recording: Recording) -> Subject | str:
    if recording.setup is None:
        return recording.gaps.get("setup", "the training procedure was not recorded")
    try:
        return ready(recording.setup)
    except Unmeasurable as error:
        return recording.gaps.get("data", str(error))
    except Exception as error:
        return f"the network could not be run again: {_because(error)}"


def _measured(
    family: Family, names: tuple[str, ...], ready: Subject | str, recording: Recording
) -> Measured:
    """Return what a family measured; whatever goes wrong in it is the reason why there is nothing."""
    if isinstance(ready, str):
        return dict.fromkeys(names, ready)
    try:
        return family(ready, recording)
    except Exception as error:
        return dict.fromkeys(names, _because(error))


def _because(error: Exception) -> str:
    first = str(error).strip().splitlines()
    return f"{first[0]} ({type(error).__name__})" if first else type(error).__name__


def _merged(recording: Recording, measured: Measured) -> Recording:
    tables = [found for found in measured.values() if isinstance(found, Table)]
    gaps = {name: found for name, found in measured.items() if isinstance(found, str)}
    return recording.with_tables(*tables).with_gaps(gaps)
