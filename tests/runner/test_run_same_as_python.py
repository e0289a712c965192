import dataclasses
import re

import pytest
from cases import CASES
from running import observed, plain

ADDRESS = re.compile(r"0x[0-9a-f]{6,}")

NO_HOOK = "unstuck: nothing was recorded, because of python's -S"


def without_addresses(seen):
    """Where an object lies in memory differs from run to run."""
    cut = {name: ADDRESS.sub("0x", getattr(seen, name)) for name in ("stdout", "stderr")}
    return dataclasses.replace(seen, **cut)


@pytest.mark.parametrize("name", CASES)
def test_a_script_does_the_same_as_under_python(name, tmp_path):
    case = CASES[name]
    expected = plain(case, tmp_path / "place")
    seen, outcome = observed(case, tmp_path / "place", tmp_path / "run")
    assert without_addresses(seen) == without_addresses(expected)
    assert outcome.trouble == (() if "-S" not in case.flags else (NO_HOOK,))
