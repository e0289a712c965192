"""The casebook, other people's copies of it, and scripts that nobody wrote with the rules in mind."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.casebook.diagnosed import causes, diagnosed, told
from tests.variants import variants

TESTS = Path(__file__).parents[1]
BOOK = TESTS.parent / "src" / "unstuck" / "casebook"
CASES = {case["name"]: case for case in tomllib.loads((BOOK / "cases.toml").read_text())["case"]}
SICK = tomllib.loads((TESTS / "sick" / "truth.toml").read_text())
HEALTHY = sorted((TESTS / "healthy").glob("*.py"))


def judge(report: dict[str, Any], truth: dict[str, Any]) -> None:
    """Hold a report against what is known of its script."""
    named = causes(report)
    acceptable = [set(names) for names in truth["causes"]]
    assert report["verdict"] in {truth["verdict"], *truth.get("verdict_also", ())}, told(report)
    assert not named & set(truth["never"]), told(report)
    if truth["verdict"] == "floor":
        noted = {finding["name"] for finding in report["findings"]}
        assert not named and any(names <= noted for names in acceptable), told(report)
    else:
        assert named in acceptable, told(report)


BRIEFLY: dict[str, Any] = {"twenty-points": ("5000",)}
"""A tenth of the steps that the script makes by itself: trials make the beginning of either."""

CHEAPLY = {"twenty-points": ("--budget", "40")}


def files(case: dict[str, Any]) -> list[Path]:
    return [BOOK / file for file in case.get("files", ())]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_case_has_its_causes_and_no_others(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    options, arguments = CHEAPLY.get(name, ()), BRIEFLY.get(name, ())
    script = BOOK / case["script"]
    report = diagnosed(script, tmp_path, *options, files=files(case), arguments=arguments)
    judge(report, case | {"verdict_also": ["slow"]})


DEAR = set(CASES) - {"xnor", "heart-rate"}
"""Cases whose copies take a minute or more, or are like others; they are run by `make dear`."""

COPIES = [
    pytest.param(name, marks=pytest.mark.dear) if name in DEAR else name for name in sorted(CASES)
]


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("name", COPIES)
def test_other_copies_of_a_case_have_the_same_causes(name: str, seed: int, tmp_path: Path) -> None:
    script = tmp_path / "copy" / "someone_else.py"
    script.parent.mkdir()
    script.write_text(variants(name, seed))
    options, arguments = CHEAPLY.get(name, ()), BRIEFLY.get(name, ())
    case = CASES[name]
    report = diagnosed(script, tmp_path, *options, files=files(case), arguments=arguments)
    judge(report, CASES[name] | {"verdict_also": ["slow"]})


LONG = {"ripples.py", "tides.py", "house_prices.py", "spirals_deep.py"}
"""Sick scripts that take a minute and a half or more each, likewise."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.dear) if n in LONG else n for n in sorted(SICK)]
)
def test_a_sick_script_has_its_causes_and_no_others(name: str, tmp_path: Path) -> None:
    judge(diagnosed(TESTS / "sick" / name, tmp_path), SICK[name])


@pytest.mark.parametrize("script", HEALTHY, ids=lambda script: script.stem)
def test_a_healthy_script_has_no_cause(script: Path, tmp_path: Path) -> None:
    report = diagnosed(script, tmp_path)
    assert report["verdict"] in {"learned", "floor"}, told(report)
    assert not causes(report), told(report)
