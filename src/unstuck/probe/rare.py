"""How rare the rarest class is, and how many of its rows the trained network recognises."""

from __future__ import annotations

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.transform import Unchangeable, weighable
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``rare_class``."""
    try:
        weighable(subject.setup)
    except Unchangeable as reason:
        return {"rare_class": f"{INAPPLICABLE}{reason}"}
    target = subject.target
    made = array(subject.predictions(-1))
    made = made.reshape(len(made), -1)
    if target is None or target.numel() != len(made):
        return {"rare_class": f"{INAPPLICABLE}a row does not belong to one class"}
    asked = target.reshape(-1).numpy()
    classes, counts = np.unique(asked, return_counts=True)
    if len(classes) < 2 or (made.shape[1] == 1 and not np.isin(classes, (0, 1)).all()):
        return {"rare_class": f"{INAPPLICABLE}the rows do not belong to several classes"}
    said = made.argmax(1) if made.shape[1] > 1 else (made[:, 0] > 0)
    rare = classes[counts.argmin()]
    row = {
        "share": float(counts.min() / counts.sum()),
        "recall": float((said == rare)[asked == rare].mean()),
    }
    return {"rare_class": table("rare_class", (0,), [row])}
