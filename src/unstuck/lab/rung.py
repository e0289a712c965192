"""The loss of a rung of the ladder, for a success that is said in rungs."""

from __future__ import annotations

from unstuck.core.setup import Setup
from unstuck.lab.mistaken import Mistaken


def rung(setup: Setup, name: str) -> float:
    """Return the loss of a rung on the rows of a setup; raises Mistaken, with the reason, where it has none."""
    from unstuck.probe.problem import problem
    from unstuck.probe.subject import subject
    from unstuck.theory.goal import goal
    from unstuck.theory.ladder import ladder

    rungs = ladder(problem(subject(setup)), learners=name in {"learner", "goal"})
    if name == "goal":
        found = goal(rungs)
        loss, why = found.loss, found.why
    else:
        loss, why = rungs.losses[name], rungs.reasons.get(name, "it was not found")
    if loss is None:
        raise Mistaken(f"the rung {name!r} has no loss here: {why}")
    return float(loss)
