"""How people write numbers: in the style of the literal that stood there, short, without noise."""

from __future__ import annotations

import math
import re


def written(value: float | int | str | bool | tuple[int, ...], like: str = "") -> str:
    """Return `value` as a literal; like: the literal that it replaces.

    Keeps powers of ten (``1e-3``), underscores (``10_000``), a bare point (``.01``, ``1.``) and the
    kind of quotes.
    """
    if isinstance(value, tuple):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value, like)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, int) and re.fullmatch(r"-?[\d_]*(\.[\d_]*)?(e[-+]?\d+)?", like.lower()):
        value = value if _is_whole(like) or not like else float(value)
    if isinstance(value, int) or (value.is_integer() and _is_whole(like) and abs(value) < 1e15):
        return _grouped(int(value), like)
    return _decimal(value, like)


def _quoted(value: str, like: str) -> str:
    quote = "'" if like.lstrip("rRbBuU")[:1] == "'" else '"'
    return f"{quote}{value}{quote}"


def _is_whole(like: str) -> bool:
    return like.replace("_", "").lstrip("-").isdigit()


def _grouped(value: int, like: str) -> str:
    return f"{value:_}" if "_" in like else str(value)


def _decimal(value: float, like: str) -> str:
    """Return a float; 12 digits hide what arithmetic adds (0.30000000000000004)."""
    value = float(f"{value:.12g}")
    exponent = math.floor(math.log10(abs(value))) if value else 0
    powers = "e" in like.lower() and not like.lower().startswith("0x")
    if value and (exponent < -4 or exponent > 6 or (powers and not -1 <= exponent <= 2)):
        return _power(value, exponent, upper="E" in like)
    text = f"{value:.12f}".rstrip("0") if exponent < 0 else repr(value)
    if like.startswith(".") and text.startswith("0."):
        return text[1:]
    if like.endswith(".") and text.endswith(".0"):
        return text[:-1]
    return text + "0" if text.endswith(".") else text


def _power(value: float, exponent: int, *, upper: bool) -> str:
    digits = f"{value / 10.0**exponent:.6g}"
    return f"{digits}{'E' if upper else 'e'}{exponent}"


def round_up(value: float) -> int:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below `value` (at least 1)."""
    if value <= 1:
        return 1
    base = int(10 ** math.floor(math.log10(value * (1 - 1e-9))))
    return next(m * base for m in (1, 2, 5, 10) if m * base >= value * (1 - 1e-9))
