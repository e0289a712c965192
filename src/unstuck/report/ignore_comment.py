"""Comments in the user's source that silence a finding on their line: ``# unstuck: ignore[name]``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path

from unstuck.core.finding import Finding

COMMENT = re.compile(r"#\s*unstuck:\s*ignore(?:\[(?P<names>[^\]]*)\])?", re.IGNORECASE)
EVERYTHING = "*"


def ignored(source: str) -> dict[int, frozenset[str]]:
    """Return line number -> names or codes that a comment on it ignores; ``*`` where it names none.

    Only comments count: the same words within a string do nothing. Source that python cannot
    tokenise has no such comments.
    """
    found: dict[int, frozenset[str]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            match = COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
            if match is not None:
                names = match["names"]
                listed = [EVERYTHING] if names is None else names.split(",")
                found[token.start[0]] = frozenset(name.strip() for name in listed if name.strip())
    except (tokenize.TokenError, SyntaxError):
        return {}
    return found


def unignored(findings: Iterable[Finding], *, root: Path | None = None) -> list[Finding]:
    """Return the findings that no comment on their line ignores; `root` is where files are relative to.

    Reads the source files. A finding without a line cannot be ignored this way.
    """
    comments: dict[str, dict[int, frozenset[str]]] = {}
    kept = []
    for finding in findings:
        if finding.where is None:
            kept.append(finding)
            continue
        file = finding.where.file
        if file not in comments:
            comments[file] = ignored(_text((root or Path()) / file))
        names = comments[file].get(finding.where.line, frozenset())
        if not names & {EVERYTHING, finding.name, finding.code}:
            kept.append(finding)
    return kept


def _text(path: Path) -> str:
    """Return a python file's text, in the encoding that it declares; nothing where unreadable."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ""
