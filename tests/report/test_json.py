"""The JSON document: valid always, as its schema and its page say, and readable again."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import (
    arm,
    cause,
    diagnosis,
    healthy,
    ladder,
    note,
    nothing_seen,
    prescription,
    suspect,
    trial,
)

from unstuck.core.change import Safety
from unstuck.core.diagnosis import LossSummary
from unstuck.core.finding import Evidence
from unstuck.core.recording import Where
from unstuck.report.json import SCHEMA_FILE, dumps, replace_text, write
from unstuck.report.saved import Unreadable, loads, read_patch, write_patch
from unstuck.report.source import Source

SCHEMA = json.loads(SCHEMA_FILE.read_text())
PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
MADE = {"stuck": diagnosis(), "learned": healthy(), "nothing seen": nothing_seen()}


def strict(text: str) -> Any:
    """Parse JSON that has no words beyond the standard."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", MADE)
def test_a_diagnosis_is_written_as_its_schema_says(name: str) -> None:
    jsonschema.validate(strict(dumps(MADE[name])), SCHEMA)


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_refuses_a_key_that_it_does_not_know() -> None:
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(json.loads(dumps(diagnosis())) | {"surprise": 1}, SCHEMA)


numbers = st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def diagnoses(draw: st.DrawFn) -> Any:
    side = st.builds(arm, st.integers(0, 64), median_steps=st.none() | numbers)
    evidence = st.builds(
        Evidence,
        st.text(),
        numbers,
        numbers,
        st.text(),
        st.text(),
        st.none() | st.integers(0, 10**9),
        st.booleans(),
    )
    where = st.none() | st.builds(Where, st.text(), st.integers(1, 10**6))
    role = st.sampled_from(["cause", "suspect", "note"])
    finding = st.builds(
        cause,
        message=st.text(),
        role=role,
        where=where,
        because=st.text(),
        confidence=st.floats(0, 1),
        evidence=st.lists(evidence, max_size=3).map(tuple),
        explained_by=st.none() | st.text(),
    )
    rungs = st.fixed_dictionaries(dict.fromkeys(ladder().rungs, st.none() | numbers))
    measured = st.none() | st.builds(ladder, rungs=rungs, end=numbers, goal=st.none() | numbers)
    loss = st.builds(
        LossSummary,
        st.text(),
        numbers,
        numbers,
        st.integers(0, 10**9),
        st.lists(st.tuples(st.integers(0, 10**9), numbers), max_size=3).map(tuple),
    )
    tried = st.builds(trial, without=side, with_it=side, effect=numbers)
    chosen = st.none() | st.builds(
        prescription, safety=st.sampled_from(Safety), with_it=side, patch=st.none()
    )
    return diagnosis(
        loss=draw(loss),
        ladder=draw(measured),
        findings=tuple(draw(st.lists(finding, max_size=3))),
        trials=draw(st.just({}) | st.fixed_dictionaries({"inputs-unscaled": tried})),
        prescription=draw(chosen),
    )


@settings(max_examples=150, deadline=None)
@given(diagnoses())
def test_whatever_is_diagnosed_is_valid_json_of_the_schema(made: Any) -> None:
    jsonschema.validate(strict(dumps(made)), SCHEMA)


@settings(max_examples=150, deadline=None)
@given(diagnoses())
def test_what_is_read_back_is_written_the_same_again(made: Any) -> None:
    text = dumps(made)
    assert dumps(loads(text)) == text


def test_nan_is_null() -> None:
    made = diagnosis(ladder=ladder(end=math.nan))
    assert strict(dumps(made))["loss"]["trained"] is None


def test_infinity_is_a_string() -> None:
    made = diagnosis(loss=LossSummary("MSELoss", 1.0, math.inf, 3))
    assert strict(dumps(made))["loss"]["end"] == "Infinity"


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    made = diagnosis(loss=LossSummary("MSELoss", numpy.float32(0.5), numpy.float64(0.25), 3))
    assert strict(dumps(made))["loss"]["start"] == 0.5


def test_rungs_that_were_not_run_are_null() -> None:
    made = strict(dumps(diagnosis(ladder=ladder(rungs={"constant": 0.7}))))
    assert made["loss"]["ladder"] == {
        "start": None,
        "constant": 0.7,
        "linear": None,
        "quadratic": None,
        "learner": None,
        "floor": None,
    }


def test_a_script_that_trains_nothing_has_no_loss() -> None:
    assert strict(dumps(nothing_seen()))["loss"] is None


def test_causes_come_first_and_the_largest_effect_first_among_them() -> None:
    small, large = cause(name="lr-too-small", code="O004"), cause()
    made = diagnosis(
        findings=(note(), suspect(name="dying-relu"), small, large),
        trials={
            "lr-too-small": trial(name="lr-too-small", effect=0.2),
            "inputs-unscaled": trial(effect=0.9),
        },
    )
    names = [finding["name"] for finding in strict(dumps(made))["findings"]]
    assert names == ["inputs-unscaled", "lr-too-small", "dying-relu", "saturated-units"]


def test_a_finding_without_a_trial_has_no_effect() -> None:
    made = strict(dumps(diagnosis(findings=(suspect(),))))
    assert (made["findings"][0]["effect"], made["findings"][0]["trial"]) == (None, None)


def test_a_trial_tells_shares_and_their_intervals() -> None:
    found = strict(dumps(diagnosis(findings=(cause(),))))["findings"][0]["trial"]
    assert (found["members"], found["without"], found["with"]) == (64, 0.0, 1.0)
    assert found["without_ci"] == [0.0, 0.0]


def test_files_below_the_folder_of_the_call_are_relative_to_it(tmp_path: Path) -> None:
    inside = cause(where=Where(str(tmp_path / "pkg" / "train.py"), 3))
    text = dumps(diagnosis(findings=(inside,)), source=Source(folder=tmp_path))
    assert strict(text)["findings"][0]["where"] == {"file": "pkg/train.py", "line": 3}


def test_files_elsewhere_keep_their_path(tmp_path: Path) -> None:
    outside = cause(where=Where("/elsewhere/train.py", 3))
    text = dumps(diagnosis(findings=(outside,)), source=Source(folder=tmp_path))
    assert strict(text)["findings"][0]["where"]["file"] == "/elsewhere/train.py"


def test_a_patch_is_shown_as_its_diff_only() -> None:
    made = strict(dumps(diagnosis()))["prescription"]
    assert made["diff"].startswith("--- a/train.py\n")
    assert "files" not in made


def test_a_document_of_another_schema_is_refused() -> None:
    text = json.dumps(json.loads(dumps(diagnosis())) | {"schema": 99})
    with pytest.raises(Unreadable, match="schema 99"):
        loads(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema": 1}', "half a docu"])
def test_what_is_no_diagnosis_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="it is no diagnosis"):
        loads(text)


def test_the_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("old")
    write(diagnosis(), file)
    assert strict(file.read_text())["verdict"] == "stuck"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_failed_write_keeps_the_former_file(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(file, "\udc80")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write(diagnosis(), tmp_path / "ours.json")
    (tmp_path / "usual").write_text("")
    assert (tmp_path / "ours.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write(diagnosis(), tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert strict((tmp_path / "real.json").read_text())["schema"] == 1


def test_a_patch_is_kept_with_its_files(tmp_path: Path) -> None:
    patch = prescription().patch
    assert patch is not None
    write_patch(patch, tmp_path)
    assert read_patch(tmp_path) == patch


def test_where_no_patch_was_kept_there_is_none(tmp_path: Path) -> None:
    assert read_patch(tmp_path) is None


def test_the_page_shows_what_is_really_written() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert shown == dumps(diagnosis())


def _objects(schema: Any) -> list[dict[str, Any]]:
    """Every object's properties in a schema, however deep."""
    if isinstance(schema, list):
        return [found for inner in schema for found in _objects(inner)]
    if not isinstance(schema, dict):
        return []
    own = [schema["properties"]] if "properties" in schema else []
    return own + [found for inner in schema.values() for found in _objects(inner)]


def test_the_page_tells_every_key_and_what_it_means() -> None:
    rows = {
        (key, shown["description"])
        for properties in _objects(SCHEMA)
        for key, shown in properties.items()
        if "description" in shown
    }
    told = set(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    assert len(rows) > 50
    assert rows - told == set()


def test_every_key_of_the_schema_is_described() -> None:
    bare = [
        key
        for properties in _objects(SCHEMA)
        for key, shown in properties.items()
        if "description" not in shown and key not in {"file", "line"}
    ]
    assert bare == []


def test_every_field_of_a_finding_is_in_the_document() -> None:
    written = set(strict(dumps(diagnosis()))["findings"][0])
    fields = {field.name for field in dataclasses.fields(cause())}
    assert fields - written == {"remedies", "hypothesis"}  # a shown finding is no hypothesis
