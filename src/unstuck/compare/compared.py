"""The comparison itself: both runs measured, their differences, and a search among the transplants."""

from __future__ import annotations

import dataclasses

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from unstuck.compare.differences import Difference, differences
from unstuck.core.change import Change
from unstuck.core.diagnosis import Verdict
from unstuck.core.options import Options, Progress, silent
from unstuck.core.recording import Recording
from unstuck.core.trial import Arm, Trial

LEARNED = frozenset({"learned", "floor"})


@dataclasses.dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs. goal: the loss that counts as learned, None where none is known."""

    script: str
    framework: str
    verdict: Verdict
    sentence: str
    goal: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """Two runs, A the one that does not learn. turned: whether they were given the other way round.

    matters: names of the differences that A needs from B to learn; trials: of these and of those that were tried and
    make no difference; alone: name -> A with this difference only; untreated: A as it is; because: why nothing is proved.
    """

    a: Side
    b: Side
    turned: bool
    found: tuple[Difference, ...]
    matters: tuple[str, ...] = ()
    trials: dict[str, Trial] = dataclasses.field(default_factory=dict)
    alone: dict[str, Arm] = dataclasses.field(default_factory=dict)
    untreated: Arm | None = None
    treated: Arm | None = None
    because: str = ""


def compare(a: Recording, b: Recording, options: Options, progress: Progress = silent) -> Compared:
    """Return what is different between two recorded runs, and which difference decides. Never starts a script."""
    from unstuck.probe import probe

    progress("measuring", None)
    with threadpool_limits(1):
        probed = [probe(one) for one in (a, b)]
    sides = [_side(one.recording, one.verdict, one.sentence) for one in probed]
    recordings = [one.recording for one in probed]
    turned = sides[0].verdict in LEARNED and sides[1].verdict not in LEARNED
    if turned:
        sides, recordings = sides[::-1], recordings[::-1]
    one, other = recordings[0].setup, recordings[1].setup
    if one is None or other is None:
        because = next(r.gaps.get("setup", "") for r in recordings if r.setup is None)
        because = because or "one of the trainings could not be followed"
        return Compared(sides[0], sides[1], turned, (), because=because)
    found = tuple(differences(one, other))
    made = Compared(sides[0], sides[1], turned, found)
    because = _why_not(made, recordings[0])
    if because:
        return dataclasses.replace(made, because=because)
    return _proved(made, recordings[0], options, progress)


def _side(recording: Recording, verdict: Verdict, sentence: str) -> Side:
    ladder = recording.tables.get("ladder")
    goal = ladder.at("goal") if ladder is not None else float("nan")
    return Side(
        recording.script, recording.framework, verdict, sentence, goal if goal == goal else None
    )


def _why_not(made: Compared, recording: Recording) -> str:
    from unstuck.trial.reproduce import differs

    if made.a.verdict in LEARNED:
        return "nothing is to be explained: both learn"
    if made.b.verdict not in LEARNED:
        return (
            "nothing was tried: neither of them learns, so that there is no sound one to take from"
        )
    if made.a.goal is None:
        return "nothing was tried: there is no goal to train towards"
    if not any(one.change for one in made.found):
        return "nothing was tried: no difference could be transplanted"
    return differs(recording) or ""


def _proved(made: Compared, recording: Recording, options: Options, progress: Progress) -> Compared:
    from unstuck.trial.search import search

    assert recording.setup is not None and made.a.goal is not None
    changes: dict[str, tuple[Change, ...]] = {
        one.name: (one.change,) for one in made.found if one.change is not None
    }
    try:
        found = search(recording.setup, changes, made.a.goal, options, progress)
    except RuntimeError as error:  # torch.func lacks a rule for the odd operation
        return dataclasses.replace(made, because=f"torch cannot train it in ensembles: {error}")
    alone = {one.names[0]: one.arm for one in found.attempts if len(one.names) == 1}
    chosen = found.prescription
    if chosen is None:
        why = next(
            (gap.because for gap in found.not_run), "A learns with none of them, nor with all"
        )
        return dataclasses.replace(made, alone=alone, untreated=found.untreated, because=why)
    helps = tuple(n for n in chosen.names if found.trials[n].verdict == "helps")
    return dataclasses.replace(
        made,
        matters=helps,
        trials=found.trials,
        alone=alone,
        untreated=chosen.without,
        treated=chosen.with_it,
        because="" if helps else "no difference was shown to matter",
    )
