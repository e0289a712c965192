"""Numbers as people read them: four digits that matter, no exponents where none are needed."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Return a number with at most four significant digits: ``0.6931``, ``75,000``, ``1.2e-5``."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    value = float(f"{value:.4g}") if abs(value) < 1000 else value
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1e-4 or size >= 1e7:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    if size >= 1000:
        return f"{round(value):,}"
    return _trimmed(f"{value:.{_decimals(value)}f}")


def _decimals(value: float) -> int:
    return max(0, 3 - math.floor(math.log10(abs(value))))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Return a time as people say it: ``0.4 s``, ``12 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def share(count: int, members: int) -> str:
    """Return a count among starts: ``2/64``."""
    return f"{count}/{members}"
