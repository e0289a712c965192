"""The Diagnosis in a user's hands: its ways out."""

from __future__ import annotations

import dataclasses
import html
import io
import json
import re

import jsonschema
import pytest
from tests.report.made import diagnosis as made
from tests.report.made import healthy, nothing_seen

from unstuck.core import diagnosis as core
from unstuck.python.diagnosis import MIME, handed, web_page
from unstuck.report.json import SCHEMA_FILE

TAKEN = ("no loss was given: mse was chosen, since targets are values",)


def given(**more):
    return handed(made(**more))


def test_it_is_a_diagnosis_with_every_field_of_the_record():
    record = made()
    for field in dataclasses.fields(core.Diagnosis):
        assert getattr(handed(record), field.name) is getattr(record, field.name)


def test_the_summary_says_verdict_causes_and_cure_in_a_few_lines():
    said = given().summary().splitlines()
    assert said[0].startswith("Stuck: ")
    assert any("D001 inputs-unscaled" in line for line in said)
    assert any(line.startswith("Cure: learned in ") for line in said)
    assert len(said) < 12


@pytest.mark.parametrize("made", [healthy, nothing_seen])
def test_of_a_run_without_a_cure_the_summary_is_the_verdict(made):
    assert handed(made()).summary().count("\n") == 0


def test_the_representation_fits_on_a_line():
    assert repr(handed(healthy())) == "<Diagnosis: learned; causes: none proved>"
    assert "inputs-unscaled" in repr(given())


def test_its_document_is_that_of_the_schema():
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.validate(given().to_dict(), schema)
    assert json.loads(given().to_json()) == json.loads(json.dumps(given().to_dict()))


def test_it_is_saved_in_the_form_that_the_ending_names(tmp_path):
    given().save(tmp_path / "d.json")
    given().save(str(tmp_path / "d.txt"))
    assert (tmp_path / "d.json").read_text(encoding="utf-8") == given().to_json()
    assert (tmp_path / "d.txt").read_text(encoding="utf-8") == str(given())


def test_an_ending_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match=r"d\.docx.*use one of .*\.json"):
        given().save("d.docx")


def test_it_is_shown_on_a_stream_without_a_command_to_type_next():
    stream = io.StringIO()
    given().show(stream)
    assert stream.getvalue().startswith("Stuck")
    assert "Next:" not in stream.getvalue()


def test_what_was_chosen_is_told_in_every_text():
    diagnosis = dataclasses.replace(given(), taken=TAKEN)
    for text in (diagnosis.summary(), str(diagnosis), MIME["text/plain"](diagnosis)):
        assert "No loss was given: mse was chosen" in text


def test_notebooks_are_given_the_report_as_text_and_in_a_frame_of_its_own():
    shown = given()._repr_mimebundle_()
    assert shown["text/plain"] == str(given())
    assert re.fullmatch(
        r'<iframe srcdoc="[^"]*" sandbox="allow-scripts" [^<>]*></iframe>', shown["text/html"]
    )
    inner = re.search(r'srcdoc="([^"]*)"', shown["text/html"])
    assert html.unescape(inner[1]) == web_page(given())


def test_a_file_that_ends_in_html_is_the_report_as_a_page(tmp_path):
    given().save(tmp_path / "d.html")
    text = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and text == web_page(given())
    assert given().sentence.partition(": ")[2] in html.unescape(text)
