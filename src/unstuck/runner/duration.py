"""Reads a duration as people write it."""

import re

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])")


def seconds(text: str) -> float:
    """The seconds in `90s`, `5m` or `1.5h`."""
    match = _PATTERN.fullmatch(text.strip().lower())
    if match is None or not float(match[1]):
        raise ValueError(f"a time reads like 90s, 5m or 1.5h, not {text!r}")
    return float(match[1]) * _UNITS[match[2]]
