"""A Diagnosis as SARIF 2.1.0, the form in which code hosts and editors take findings of tools."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding, Role
from unstuck.report.cause import measured, outcome
from unstuck.report.chart.svg import shown
from unstuck.report.order import ordered
from unstuck.report.source import Source

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Role, str] = {"cause": "error", "suspect": "warning", "note": "note"}

Document = dict[str, Any]


def sarif(diagnosis: Diagnosis, source: Source) -> str:
    """Return the findings as a SARIF log with one run, as JSON text."""
    findings = ordered(diagnosis)
    rules = {finding.code: finding for finding in reversed(findings)}
    places = {code: index for index, code in enumerate(sorted(rules))}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "unstuck",
                        "version": metadata.version("unstuck"),
                        "rules": [_rule(rules[code]) for code in places],
                    }
                },
                "results": [_result(diagnosis, one, places[one.code], source) for one in findings],
                "columnKind": "unicodeCodePoints",
                "properties": {"verdict": diagnosis.verdict, "sentence": shown(diagnosis.sentence)},
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _rule(finding: Finding) -> Document:
    return {
        "id": finding.code,
        "name": finding.name,
        "shortDescription": {"text": finding.name.replace("-", " ")},
        "help": {"text": f"unstuck explain {finding.name}"},
    }


def _result(diagnosis: Diagnosis, finding: Finding, index: int, source: Source) -> Document:
    result: Document = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": LEVELS[finding.role],
        "kind": "fail",
        "message": {"text": shown(_told(diagnosis, finding))},
        "properties": {
            "role": finding.role,
            "confidence": finding.confidence,
            "evidence": [shown(measured(evidence)) for evidence in finding.evidence],
        },
    }
    if finding.where is not None:
        artifact = {"uri": uri(source.name(finding.where.file))}
        region = {"startLine": max(1, finding.where.line)}
        place = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
        result["locations"] = [place]
    return result


def _told(diagnosis: Diagnosis, finding: Finding) -> str:
    trial = diagnosis.trials.get(finding.name)
    why = f"trial: {outcome(trial)}" if trial is not None else finding.because
    return f"{finding.message}. {why}." if why else f"{finding.message}."


def uri(name: str) -> str:
    """Return a file's name as a URI: relative where it is, with everything odd in it escaped."""
    path = PurePath(name)
    text = path.as_posix()
    escaped = quote(text.encode("utf-8", "surrogateescape"))
    return f"file://{escaped}" if path.is_absolute() else escaped
