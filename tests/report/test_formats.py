"""The report for forums, code hosts and continuous integration: of the form that each of them takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile import CLASS, LAYER, NASTY, nasty
from made import DIFF, diagnosis, healthy, nothing_seen

from unstuck.core.diagnosis import Diagnosis
from unstuck.report.junit import junit
from unstuck.report.markdown import code, fenced, markdown, plain
from unstuck.report.sarif import sarif, uri
from unstuck.report.source import Source
from unstuck.report.workflow import workflow

MADE = {"stuck": diagnosis(), "learned": healthy(), "unseen": nothing_seen(), "hostile": nasty()}
SOURCE = Source(("train.py",))
every = pytest.mark.parametrize("made", MADE.values(), ids=MADE)


def test_an_answer_holds_verdict_cause_evidence_and_patch(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("".join(f"line{n}\n" for n in range(1, 9)))
    told = markdown(diagnosis(), Source(("train.py",), tmp_path))
    assert told.startswith("**Stuck:** after 10,000 steps the loss is 0.6786")
    assert "### Cause: inputs-unscaled (`train.py:6`)" in told
    assert "```python\nline4\nline5\nline6\nline7\nline8\n```" in told
    assert "- input\\_offset of feature 0: 16.87 (sick above 5)" in told
    assert "- trial: learned in 0/64 starts without this change, 64/64 with it" in told
    assert f"```diff\n{DIFF}```" in told
    assert "| goal | 0.0679 |" in told


def test_what_was_not_proved_is_not_called_a_cause() -> None:
    told = markdown(diagnosis(), SOURCE)
    assert re.findall("### Cause: (.*?) ", told) == ["inputs-unscaled"]
    assert "**Suspected, not proved**\n\n- lr-too-small (`train.py:10`)" in told


def test_no_text_of_a_script_becomes_markup() -> None:
    told = markdown(nasty(), Source((NASTY,)))
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1$|`[^`]*`", "", told)
    assert not re.search(r"(?<!\\)[<>]", outside)
    assert plain("*a* _b_ [c](d) `e` <f>") == r"\*a\* \_b\_ \[c\](d) \`e\` \<f\>"


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert fenced("a\n```\nb", "diff") == "````diff\na\n```\nb\n````"
    assert code("a`b") == "``a`b``"
    assert code("`a`") == "`` `a` ``"


@every
def test_sarif_names_each_finding_with_its_rule_and_place(made: Diagnosis) -> None:
    log = json.loads(sarif(made, SOURCE))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert len(run["results"]) == len(made.findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for place in result.get("locations", []):
            assert place["physicalLocation"]["region"]["startLine"] >= 1
            assert not set('<>" ') & set(place["physicalLocation"]["artifactLocation"]["uri"])


def test_only_causes_are_errors() -> None:
    results = json.loads(sarif(diagnosis(), SOURCE))["runs"][0]["results"]
    levels = {result["properties"]["role"]: result["level"] for result in results}
    assert levels == {"cause": "error", "suspect": "warning", "note": "note"}


def test_odd_names_of_files_become_uris() -> None:
    assert uri("a b/c#d.py") == "a%20b/c%23d.py"
    assert uri("/x/y.py") == "file:///x/y.py"


@every
def test_each_finding_is_one_command(made: Diagnosis) -> None:
    lines = workflow(made, SOURCE).splitlines()
    assert len(lines) == 1 + len(made.findings)
    assert all(re.match(r"::(error|warning|notice) [^\n]*::", line) for line in lines)


def test_a_name_cannot_begin_a_command_of_its_own() -> None:
    made = nothing_seen(sentence="a\n::error::b", script="x,y:z.py")
    assert workflow(made, SOURCE) == "::notice title=unstuck::a%0A::error::b\n"


@every
def test_junit_counts_what_is_in_it(made: Diagnosis) -> None:
    suite = ElementTree.fromstring(junit(made, SOURCE)).find("testsuite")
    assert suite is not None
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == len(list(suite.iter(tag)))


def test_the_run_and_its_causes_fail_and_suspects_do_not() -> None:
    whole = ElementTree.fromstring(junit(diagnosis(), SOURCE))
    failed = [
        case.attrib["name"] for case in whole.iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["learns", "D001 inputs-unscaled"]
    assert not list(ElementTree.fromstring(junit(healthy(), SOURCE)).iter("failure"))


def test_hostile_names_can_be_read_in_xml() -> None:
    whole = ElementTree.fromstring(junit(nasty(), Source((NASTY,))))
    told = [failure.attrib["message"] for failure in whole.iter("failure")]
    assert f"{LAYER} {CLASS}" in told
