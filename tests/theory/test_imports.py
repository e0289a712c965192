"""What theory brings into a process: numbers only, and scikit-learn only where a learner is trained."""

import subprocess
import sys

import pytest

LADDER = """
import numpy as np
from theory_problems import XNOR_INPUTS, XNOR_TARGETS, problem
from unstuck.theory import goal, ladder
goal(ladder(problem("binary", XNOR_INPUTS, XNOR_TARGETS)))
"""


@pytest.mark.parametrize("code", ["import unstuck.theory", LADDER])
def test_neither_torch_nor_scikit_learn_is_imported_where_nothing_is_trained(code):
    asked = "import sys; print({'torch', 'sklearn'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\n{asked}"], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )  # fmt: skip
    assert found.stdout.strip() == "set()"
