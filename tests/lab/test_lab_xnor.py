"""Case 1's table of shares, of starts that were drawn anew."""

import pytest

from unstuck.lab import sweep

KNOWN = {(2, 2): (0.26, 0.14), (3, 3): (0.58, 0.39)}
SPREAD = 0.045  # three standard errors of a share of 1000 near one half: the published figures have such too


@pytest.fixture(scope="module")
def found():
    study = {
        "task": "xnor",
        "network": {"output": "sigmoid"},
        "training": {"loss": "bce", "steps": 1000},
        "success": {"loss": 0.05},
    }
    over = {"network.widths": [list(widths) for widths in KNOWN], "training.clears": [True, False]}
    return sweep(study, over=over, seeds=1000)


@pytest.mark.parametrize("clears", [True, False])
@pytest.mark.parametrize("widths", KNOWN)
def test_the_share_of_starts_that_learn_is_that_of_the_case(found, widths, clears) -> None:
    (one,) = found.success(widths=widths, clears=clears)
    known = KNOWN[widths][0 if clears else 1]
    assert one.of == 1000
    assert one.low - SPREAD / 2 < known < one.high + SPREAD / 2
