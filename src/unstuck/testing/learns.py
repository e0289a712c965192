"""`assert_learns`: one batch is to be learned by heart, and a few things are to be as in any network."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

from unstuck.core.trial import Prescription
from unstuck.python.diagnose import diagnose
from unstuck.python.diagnosis import Diagnosis

CHECKS = ("fits", "starts", "input", "samples", "gradients")
"""What is looked at, by name: what `without` takes."""

STEPS = 300
"""Updates on the one batch: small networks at sound rates have learned a few rows by heart well before."""

ROWS = 32
"""Rows of the batch: as many as can be learned by heart within the steps, and as usual loops take at once."""

WRONG_START = 2.0
"""Times a constant prediction's loss, of cross-entropies: sound starts lie a tenth or two above it."""

FAR_START = 100.0
"""The same of losses of values: outputs that are off by ten times the targets' spread."""

OURS = frozenset({"too-few-steps", "lr-too-small", "lr-too-large"})
"""What is about a training of our own making, where no optimizer was given, and not about the network."""

SICK = frozenset({"stuck", "slow", "diverged"})


class DoesNotLearn(AssertionError):
    """A network that does not learn. failed: the checks, by name; diagnosis: of its training on the batch."""

    def __init__(self, failed: dict[str, str], diagnosis: Diagnosis) -> None:
        told = "\n".join(f"  {name}: {why}" for name, why in failed.items())
        super().__init__(f"the network does not learn:\n{told}\n\n{diagnosis}")
        self.failed, self.diagnosis = failed, diagnosis


def assert_learns(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: Any = None,
    optimizer: Any = None,
    steps: int = STEPS,
    rows: int = ROWS,
    without: Collection[str] = (),
    budget: str | float = "20s",
    random_state: int = 0,
) -> Diagnosis:
    """Raise `DoesNotLearn`, an AssertionError, with the diagnosis as its message, unless the network can learn.

    model: a torch module as it is before its training, or a perceptron of scikit-learn; X (n, …), y (n, …), loss and
    optimizer as for `unstuck.diagnose`, but Adam has a rate of 0.01 where none is given. The first `rows` rows are trained on for `steps` updates, all at once.

    Checked are, unless named in `without`: ``fits``: they can be learned by heart; ``starts``: the loss begins near
    that of a constant prediction (twice as much at most for classes, a hundred times for values). Of torch modules also ``input``: the output depends on the
    input; ``samples``: on the row's own, in evaluation mode; ``gradients``: every parameter that takes a gradient gets one.

    Returns the diagnosis. The model stays as it is. Raises Undiagnosable (a ValueError) where something cannot be used.
    """
    __tracebackhide__ = True
    unknown = sorted(set(without) - set(CHECKS))
    if unknown:
        raise ValueError(f"without={unknown} names no check; there are {', '.join(CHECKS)}.")
    X, y = X[:rows], y[:rows]
    torch = sys.modules.get("torch")
    module = torch is not None and isinstance(model, torch.nn.Module)
    ours = module and optimizer is None
    if ours:
        from unstuck.testing.checks import adam

        optimizer = adam
    given = {"loss": loss, "optimizer": optimizer}
    trained = {"epochs": steps, "batch_size": rows} if module else {}
    diagnosis = diagnose(model, X, y, **given, **trained, budget=budget, random_state=random_state)
    failed = {
        "fits": _fits(diagnosis, ours),
        "starts": _starts(diagnosis),
    }
    if module:
        from unstuck.testing.checks import looked

        failed |= looked(model, X, y, **given, random_state=random_state)
    failed = {name: failed[name] for name in CHECKS if failed.get(name) and name not in without}
    if failed:
        raise DoesNotLearn(failed, diagnosis)
    return diagnosis


def _fits(diagnosis: Diagnosis, ours: bool) -> str:
    """Return why a batch is not learned by heart, "" where it is, or would be at another rate than ours."""
    if diagnosis.verdict not in SICK or (ours and _mended(diagnosis.prescription)):
        return ""
    if diagnosis.verdict == "slow" and not diagnosis.causes:
        return ""
    return f"{diagnosis.sentence} These rows should be learned by heart."


def _mended(prescription: Prescription | None) -> bool:
    return prescription is not None and set(prescription.names) <= OURS


def _starts(diagnosis: Diagnosis) -> str:
    rungs = diagnosis.ladder.rungs if diagnosis.ladder else {}
    start, constant = rungs.get("start"), rungs.get("constant")
    if diagnosis.loss is None or start is None or constant is None or not constant > 0:
        return ""
    classes = "entropy" in diagnosis.loss.name or "nll" in diagnosis.loss.name
    if start <= (WRONG_START if classes else FAR_START) * constant:
        return ""
    return (
        f"the loss begins at {start:.4g}, {start / constant:.3g} times the {constant:.4g} of a constant"
        " prediction."
    )
