"""Changes of a fit by scikit-learn in the words of its estimator's constructor.

Rules speak of a training as such. What one of their changes does to a Setup is read off here, and said,
and written, as the argument that does the same; what no argument does is no remedy here.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import Edit, SetArgument, SetSteps, WrapEstimator
from unstuck.core.finding import Finding
from unstuck.core.layers import layers
from unstuck.core.recording import Recording, Where
from unstuck.core.setup import Json, Setup, Tensor
from unstuck.core.transform import (
    Unchangeable,
    redrawn,
    replaced_activation,
    standardised_inputs,
    standardised_targets,
    unscheduled,
    wider,
    with_activation,
    with_batch,
    with_decay,
    with_rate,
    with_steps,
    without_patience,
)
from unstuck.rules.rate import tidy

SKLEARN = "sklearn"

NAMES = {"sigmoid": "logistic", "": "identity"}
"""Activations that scikit-learn calls otherwise."""

KNOWN = frozenset({"relu", "tanh", "logistic", "identity"})


@dataclasses.dataclass(frozen=True, slots=True)
class Estimator:
    """The estimator that was fitted. built: where it is constructed; fitted: where its fit is called."""

    kind: str
    settings: dict[str, Json]
    built: Where | None
    fitted: Where | None


Said = tuple[str, tuple[Edit, ...]]
"""What people read, and what is written."""


def in_its_words(findings: list[Finding], recording: Recording) -> list[Finding]:
    """Return the findings with their changes as arguments of the estimator, if it was one."""
    if recording.framework != SKLEARN or recording.setup is None:
        return findings
    estimator = Estimator(
        str(recording.estimator["kind"]),
        recording.estimator,
        recording.lines.get("optimizer"),
        recording.lines.get("forward"),
    )
    kept = (f for f in findings if not (f.name == "batch-size-unfit" and _automatic(estimator)))
    return [_finding(finding, recording.setup, estimator) for finding in kept]


def _automatic(estimator: Estimator) -> bool:
    """Whether scikit-learn chose the batches, as it does for nearly everybody."""
    return estimator.settings.get("batch_size") == "auto"


def _finding(finding: Finding, setup: Setup, estimator: Estimator) -> Finding:
    changes = [*finding.remedies, *_more(finding, setup)]
    told = [_told(change, setup, estimator) for change in changes]
    remedies = {change.say: change for change in told if change is not None}
    return dataclasses.replace(
        finding,
        message=_worded(finding, estimator),
        where=finding.where or (estimator.built if finding.remedies else None),
        remedies=tuple(remedies.values()),
    )


def _worded(finding: Finding, estimator: Estimator) -> str:
    """Return the message with the name of the setting that scikit-learn has for it."""
    alpha = float(estimator.settings.get("alpha") or 0.0)
    if finding.name != "weight-decay-too-strong":
        return finding.message
    return f"alpha={alpha:g} may be too strong{finding.message.partition('too strong')[2]}"


def _more(finding: Finding, setup: Setup) -> list[Change]:
    """Return what scikit-learn has instead of the activations that it lacks."""
    if finding.name != "dying-relu":
        return []

    def bent(before: Setup) -> Setup:
        return replaced_activation(before, "relu", "tanh")

    return [Change(finding.name, "", bent, kind=Kind.ARCHITECTURE, size=9)]


def _told(change: Change, setup: Setup, estimator: Estimator) -> Change | None:
    """Return the change in the estimator's words, None where it has none for it."""
    if change.name == "unlucky-init":
        return _as(change, [_seed(estimator)])
    change = _tidied(change, setup, estimator)
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return change
    found = [ask(setup, changed, estimator) for ask in QUESTIONS]
    said = [one for one in found if one is not None]
    if not said or _otherwise(setup, changed):
        return None
    return _as(change, said)


def _tidied(change: Change, setup: Setup, estimator: Estimator) -> Change:
    """Return a change of the penalty to a number for `alpha` that people write."""
    alpha = float(estimator.settings.get("alpha") or 0.0)
    if change.name != "weight-decay-too-strong" or not alpha:
        return change
    old, new = (s.optimizer.groups[0]["weight_decay"] for s in (setup, change.setup(setup)))
    if not new:
        return change
    factor = tidy(alpha * new / old) / alpha
    return dataclasses.replace(change, setup=functools.partial(with_decay, factor=factor))


def _as(change: Change, said: list[Said]) -> Change:
    edits = tuple(edit for _, more in said for edit in more)
    known = all(more for _, more in said)
    safety = Safety.SAFE  # predictions keep their meaning: scalers turn them back
    return dataclasses.replace(
        change,
        say=" and ".join(say for say, _ in said),
        edits=edits if known else (),
        safety=safety if known else Safety.SHOW,
    )


def _set(estimator: Estimator, name: str, value: Json, old: Json) -> Said:
    """Return another value for an argument; old: the one that was seen."""
    say = f"set {name}={_spoken(value)} (it is {_spoken(old)})"
    if estimator.built is None or name in estimator.settings["otherwise"]:
        return say, ()
    places = estimator.settings["places"]
    place = places.index(name) if name in places else None
    return say, (SetArgument(estimator.built, estimator.kind, name, place, value, old),)


def _spoken(value: Json) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return repr(value)


def _rate(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    old, new = setup.optimizer.rate, changed.optimizer.rate
    if old == new or not math.isfinite(new):
        return None
    return _set(estimator, "learning_rate_init", float(f"{new:.6g}"), old)


def _penalty(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    old, new = (s.optimizer.groups[0].get("weight_decay", 0.0) for s in (setup, changed))
    if old == new:
        return None
    alpha = float(estimator.settings["alpha"])
    return _set(estimator, "alpha", float(f"{alpha * new / old:.3g}"), alpha)


def _length(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if setup.plan.steps == changed.plan.steps or setup.plan.batch != changed.plan.batch:
        return None
    factor = changed.plan.steps / setup.plan.steps
    if estimator.settings["how"] != "fit":
        return f"fit {factor:g} times as often", (
            (SetSteps(estimator.fitted, factor),) if estimator.fitted else ()
        )
    old = int(estimator.settings["max_iter"])
    if estimator.settings["stopped"] == "validation":
        return _not_stopped(estimator, math.ceil(estimator.settings["passes"] * factor), old)
    return _set(estimator, "max_iter", math.ceil(old * factor), old)


def _not_stopped(estimator: Estimator, passes: int, most: int) -> Said:
    """Return what lets a fit make so many passes that rows held back for a validation have stopped; most: `max_iter`."""
    said, edits = _set(estimator, "early_stopping", False, True)
    if passes <= most:
        return said, edits
    more, further = _set(estimator, "max_iter", passes, most)
    return f"{said} and {more}", (*edits, *further) if edits and further else ()


def _patience(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if setup.loop.patience is None or changed.loop.patience is not None:
        return None
    most, old = int(estimator.settings["max_iter"]), int(setup.loop.patience.passes)
    return _set(estimator, "n_iter_no_change", most, old)


def _schedule(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if not setup.optimizer.schedule or changed.optimizer.schedule:
        return None
    old = str(estimator.settings["learning_rate"])
    return _set(estimator, "learning_rate", "constant", old)


def _batches(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if setup.plan.batch == changed.plan.batch:
        return None
    old = estimator.settings["batch_size"]
    return _set(estimator, "batch_size", changed.plan.batch, old)


def _sizes(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    old, new = (tuple(layer.outputs for layer in layers(s)[:-1]) for s in (setup, changed))
    return _set(estimator, "hidden_layer_sizes", new, old) if old != new else None


def _bend(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    bends = [{layer.activation_name for layer in layers(s)[:-1]} for s in (setup, changed)]
    if bends[0] == bends[1]:
        return None
    names = [NAMES.get(name, name) for name in bends[1]]
    if len(names) != 1 or names[0] not in KNOWN:
        return None
    return _set(estimator, "activation", names[0], str(estimator.settings["activation"]))


def _inputs(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if _same_rows(setup, changed, setup.program.inputs):
        return None
    say = f"scale the inputs: make_pipeline(StandardScaler(), {estimator.kind}(...))"
    built = estimator.built
    return say, (WrapEstimator(built, estimator.kind, inputs=True),) if built else ()


def _targets(setup: Setup, changed: Setup, estimator: Estimator) -> Said | None:
    if changed.program.judged is None or setup.program.judged is not None:
        return None
    new = changed.data.rows[changed.program.targets[1]]
    if abs(float(new.mean())) > 1e-3 or not _standardised(setup, new):
        return None
    say = (
        f"scale the targets: TransformedTargetRegressor({estimator.kind}(...),"
        " transformer=StandardScaler())"
    )
    built = estimator.built
    return say, (WrapEstimator(built, estimator.kind, targets=True),) if built else ()


def _standardised(setup: Setup, new: Tensor) -> bool:
    """Whether these are the targets themselves (n, k), standardised, and no logarithms of theirs."""
    old = setup.data.rows[setup.program.targets[0]]
    spread = np.where(old.std(axis=0) > 0, old.std(axis=0), 1.0)
    return bool(np.allclose((old - old.mean(axis=0)) / spread, new, rtol=1e-3, atol=1e-3))


def _seed(estimator: Estimator) -> Said:
    seed = estimator.settings.get("random_state")
    if not isinstance(seed, int):
        return "fit again, from other random weights", ()
    return _set(estimator, "random_state", seed + 1, seed)


QUESTIONS: tuple[Callable[[Setup, Setup, Estimator], Said | None], ...] = (
    _rate,
    _schedule,
    _penalty,
    _length,
    _patience,
    _batches,
    _sizes,
    _bend,
    _inputs,
    _targets,
)
"""What may have been changed; each answers with the argument that does it."""


WORDED = (
    redrawn, replaced_activation, standardised_inputs, standardised_targets, unscheduled, wider,
    with_activation, with_batch, with_decay, with_rate, with_steps, without_patience,
)  # fmt: skip
"""What-ifs that an argument or a scaler can do, as the questions above ask for them."""


def _same_rows(setup: Setup, changed: Setup, slots: tuple[int, ...]) -> bool:
    return all(changed.data.rows.get(slot) is setup.data.rows.get(slot) for slot in slots)


def _otherwise(setup: Setup, changed: Setup) -> bool:
    """Whether something was changed, too, that no argument does: other draws, other operations."""
    before = {op.short for op in setup.program.ops}
    added = {op.short for op in changed.program.ops} - before
    draws = [p.draws and p.draws[0].how for p in changed.parameters]
    return bool(added - {"relu", "tanh", "sigmoid", "mul", "add", "mse_loss"}) or draws != [
        p.draws and p.draws[0].how for p in setup.parameters
    ]
