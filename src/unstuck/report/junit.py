"""A Diagnosis as a JUnit report, which every continuous integration shows: the run and its causes fail."""

from __future__ import annotations

from xml.etree import ElementTree as xml

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.report.cause import measured, outcome
from unstuck.report.chart.svg import shown
from unstuck.report.order import ordered
from unstuck.report.source import Source

FAILS = {"stuck", "slow", "diverged"}


def junit(diagnosis: Diagnosis, source: Source) -> str:
    """Return the report as XML: one case for the verdict, one for each cause and suspect, and what was not run.

    The verdict's case and causes fail; suspects and what was not run are skipped, since nothing was shown.
    """
    script = shown(source.name(diagnosis.script)) if diagnosis.script else "a script"
    suite = xml.Element("testsuite", name="unstuck")
    _verdict(suite, diagnosis, script)
    for finding in ordered(diagnosis):
        if finding.role != "note":
            _finding(suite, diagnosis, finding, source, script)
    for gap in diagnosis.not_run:
        if gap.kind != "quantity":
            case = _case(suite, script, f"{gap.kind} {gap.name}")
            xml.SubElement(case, "skipped", message=shown(gap.because))
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    suite.set("errors", "0")
    whole = xml.Element("testsuites")
    whole.append(suite)
    xml.indent(whole)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{xml.tostring(whole, encoding="unicode")}\n'


def _case(suite: xml.Element, script: str, name: str, **more: str) -> xml.Element:
    return xml.SubElement(suite, "testcase", {"classname": script, "name": shown(name), **more})


def _verdict(suite: xml.Element, diagnosis: Diagnosis, script: str) -> None:
    case = _case(suite, script, "learns")
    if diagnosis.verdict in FAILS:
        xml.SubElement(case, "failure", type=diagnosis.verdict, message=shown(diagnosis.sentence))
    elif diagnosis.verdict == "unknown":
        xml.SubElement(case, "skipped", message=shown(diagnosis.sentence))


def _finding(
    suite: xml.Element, diagnosis: Diagnosis, finding: Finding, source: Source, script: str
) -> None:
    place = {}
    if finding.where is not None:
        place = {"file": shown(source.name(finding.where.file)), "line": str(finding.where.line)}
    case = _case(suite, script, f"{finding.code} {finding.name}", **place)
    if finding.role == "suspect":
        xml.SubElement(case, "skipped", message=shown(f"{finding.message}: {finding.because}"))
        return
    told = xml.SubElement(case, "failure", type=finding.role, message=shown(finding.message))
    trial = diagnosis.trials.get(finding.name)
    facts = [measured(evidence) for evidence in finding.evidence]
    facts += [f"trial: {outcome(trial)}"] if trial is not None else []
    told.text = shown("\n".join(facts))
