"""A recording's outcome: its place on the ladder, the verdict and the sentence, from saved tables."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core import diagnosis
from unstuck.core.recording import Array, Recording, Table
from unstuck.theory.forecast import smoothed_end
from unstuck.theory.goal import ENOUGH_ROWS, WHAT, Basis, Goal, measured, standing
from unstuck.theory.verdict import number, verdict, waited

POINTS = 200  # of the curve that a summary keeps


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What a diagnosis says first; ladder and loss are None where they could not be measured."""

    verdict: diagnosis.Verdict
    sentence: str
    ladder: diagnosis.Ladder | None
    loss: diagnosis.LossSummary | None


def outcome(recording: Recording) -> Outcome:
    """Return whether the recorded run learned, in words and numbers."""
    steps, losses = _curve(recording.tables.get("loss"))
    table = recording.tables.get("ladder")
    rungs = _rungs(table)
    rungs.setdefault("start", float(losses[0]) if len(losses) else None)
    if rungs.get("end") is None and len(losses):
        rungs["end"] = smoothed_end(losses)
    rows = int(recording.tables["rows"].at("rows")) if "rows" in recording.tables else 0
    aim = read_goal(rungs, rows, because=recording.gaps.get("ladder.goal", ""))
    if judged_otherwise(recording):
        losses = np.full_like(losses, rungs.get("end") or np.nan)  # a curve of another loss
    told = (
        rungs | {"start": None} if _by_others(recording) else rungs
    )  # it was drawn from the others to the few
    word, sentence = verdict(told, aim, steps=steps, losses=losses, rows=rows)
    if judged_otherwise(recording):
        sentence += f" {_unlike(recording)}"
    elif word in {"slow", "stuck"}:
        to_come, falls = _to_come(recording.tables.get("foreseen"))
        if falls and word == "stuck":
            word, sentence = "slow", sentence.replace("Stuck: ", "Slow: ", 1)
        sentence += to_come
    losses = _curve(recording.tables.get("loss"))[1]
    return Outcome(word, sentence, _ladder(rungs, aim, table), _summary(recording, steps, losses))


def _to_come(foreseen: Table | None) -> tuple[str, bool]:
    """Return what theory says of the steps to come, in a sentence after a space, and whether they suffice.

    Nothing, and no, where it is silent.
    """
    if foreseen is None:
        return "", False
    for how, name in (("frozen", "tangent kernel"), ("lapse", "renewed tangent kernels")):
        low, middle, high = (foreseen.at(f"{how} {end}") for end in ("low", "median", "high"))
        if math.isfinite(middle):
            needs = f" Gradient descent as it is would need {waited(low, high)} (by its {name})."
            return needs, math.isfinite(high)
    if math.isfinite(rest := foreseen.at("plateau")):
        return f" Gradient descent as it is comes to rest at {number(rest)} (by {name}).", False
    return "", False


def _unlike(recording: Recording) -> str:
    """Return why the recorded loss is not the one that is told."""
    if _by_logarithms(recording):
        return "That is the loss of logarithms; the script's own lies in a few rows."
    if _by_others(recording):
        return "That is the loss of all rows but a few, in which the script's own lies."
    if _one_batch(recording):
        return (
            "That is the loss over all rows of the loader; the script's own is that of one batch."
        )
    return "That is the loss which was meant; the script's own does not measure it."


def _by_logarithms(recording: Recording) -> bool:
    tail = recording.tables.get("tail")
    return tail is not None and tail.at("logarithms") == 1


def _by_others(recording: Recording) -> bool:
    tail = recording.tables.get("tail")
    return tail is not None and tail.at("far") > 0


def _one_batch(recording: Recording) -> bool:
    return recording.setup is not None and bool(recording.setup.data.unseen)


def judged_otherwise(recording: Recording) -> bool:
    """Whether the loss that was recorded is not the one that was meant."""
    cast = recording.tables.get("fractions_lost")
    if _by_logarithms(recording) or _by_others(recording) or _one_batch(recording):
        return True
    if cast is not None and math.isfinite(cast.at("targets")):
        return True
    fit = recording.tables.get("loss_fit")
    if fit is None:
        return False
    logs, outside, classes = fit.at("logs"), fit.at("targets"), fit.at("classes")
    groups = recording.setup.optimizer.groups if recording.setup else ()
    turned = fit.at("sign") < 0 and not any(group.get("maximize") for group in groups)
    raw = fit.at("raw") > 0 if "raw" in fit.sites else False
    return (
        raw
        or turned
        or outside > 1e-3
        or math.isfinite(logs)
        or classes <= 1
        or fit.at("outputs") > 1
    )


def read_goal(rungs: dict[str, float | None], rows: int, *, because: str = "") -> Goal:
    """Return the goal that a saved ladder holds; because: why there is none."""
    loss, constant = rungs.get("goal"), rungs.get("constant")
    reference = rungs.get("reference")
    if loss is None or constant is None or reference is None:
        return Goal(None, None, "nothing", because or "nothing that is known to be achievable")
    if loss >= constant:
        return standing(constant)
    learner = rungs.get("learner")
    basis: Basis = "memorising" if rows < ENOUGH_ROWS else "floor"
    if learner is not None and math.isclose(reference, learner, rel_tol=1e-6, abs_tol=1e-9):
        basis = "learner"
    found = measured(constant, None, reference, basis, WHAT[basis])
    if found.loss is not None and not math.isclose(found.loss, loss, rel_tol=1e-6):
        found = measured(constant, rungs.get("linear"), reference, basis, WHAT[basis])
    return dataclasses.replace(found, loss=loss)


def _rungs(table: Table | None) -> dict[str, float | None]:
    if table is None:
        return {}
    return {
        site: float(value) if math.isfinite(value) else None
        for site, value in zip(table.sites, table.values[-1], strict=True)
    }


def _curve(table: Table | None) -> tuple[Array, Array]:
    if table is None:
        return np.empty(0), np.empty(0)
    return np.array(table.steps, float), table.values[:, 0]


def _ladder(
    rungs: dict[str, float | None], aim: Goal, table: Table | None
) -> diagnosis.Ladder | None:
    if table is None:
        return None
    end = rungs.get("end")
    kept = {name: rungs.get(name) for name in diagnosis.RUNGS}
    return diagnosis.Ladder(kept, float("nan") if end is None else end, aim.loss, aim.why)


def _summary(recording: Recording, steps: Array, losses: Array) -> diagnosis.LossSummary | None:
    if len(losses) == 0:
        return None
    chosen = np.unique(np.linspace(0, len(steps) - 1, POINTS).round().astype(int))
    curve = tuple((int(steps[i]), float(losses[i])) for i in chosen)
    return diagnosis.LossSummary(
        _name(recording), float(losses[0]), float(losses[-1]), int(steps[-1]) + 1, curve
    )


def _name(recording: Recording) -> str:
    """Return the name of the operation that made the loss."""
    if recording.setup is None:
        return "loss"
    program = recording.setup.program
    made = (op.short for op in program.ops if program.loss in op.outs)
    return next(made, "loss")
