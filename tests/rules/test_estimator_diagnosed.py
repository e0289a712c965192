"""A script that fits a perceptron, taken through the whole pipeline: recorded, proved, patched."""

from __future__ import annotations

import runpy
import sys

from unstuck import doctor
from unstuck.core.options import Options
from unstuck.record.folder import save
from unstuck.record.observer import PERCEPTRONS
from unstuck.record.sklearn.session import recording
from unstuck.record.sklearn.watcher import Watcher

SCRIPT = """\
from sklearn.datasets import make_circles
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = make_circles(90, noise=0.05, factor=0.4, random_state=1)
model = make_pipeline(
    StandardScaler(),
    MLPClassifier(
        (24,), activation="identity", learning_rate_init=0.02, max_iter=300, random_state=2
    ),
)
model.fit(X, [("out", "in")[label] for label in y])
"""


def test_a_network_without_a_bend_is_the_cause_and_the_patch_gives_it_one(tmp_path):
    script = tmp_path / "rings.py"
    script.write_text(SCRIPT)
    __import__(PERCEPTRONS)
    watcher = Watcher()
    watcher.attach(sys.modules[PERCEPTRONS])
    try:
        runpy.run_path(str(script))
    finally:
        watcher.detach()
    save(recording(watcher, {}, keep_data=True), tmp_path)
    diagnosis = doctor.diagnose(tmp_path, Options(members=16, seconds=120))
    assert [finding.name for finding in diagnosis.causes] == ["linear-network"]
    assert diagnosis.causes[0].where.line == 9
    assert diagnosis.prescription.say == ("set activation='relu' (it is 'identity')",)
    assert (
        '+        (24,), activation="relu", learning_rate_init' in diagnosis.prescription.patch.diff
    )
    assert all("zero" not in gap.name for gap in diagnosis.not_run)
