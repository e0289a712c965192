"""Every rule, found by itself: one file a fault, in a folder for each family; nothing is registered.

A family's folder holds rules and nothing else. What several rules share stands beside the folders.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil

from unstuck.core.rule import Rule

__all__ = ["UnknownRule", "rule", "rules"]


class UnknownRule(LookupError):
    """No rule has this name or code; the message gives the nearest ones."""


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by code."""
    found = [
        importlib.import_module(f"{__name__}.{family.name}.{fault.name}").rule
        for family in pkgutil.iter_modules(__path__)
        if family.ispkg
        for fault in pkgutil.iter_modules([f"{path}/{family.name}" for path in __path__])
    ]
    return tuple(sorted(found, key=lambda one: one.code))


def rule(name_or_code: str) -> Rule:
    """Return the rule with this name (``missing-zero-grad``) or code (``O001``), in any case."""
    wanted = name_or_code.strip().lower().replace("_", "-")
    by_key = {key.lower(): one for one in rules() for key in (one.name, one.code)}
    if wanted in by_key:
        return by_key[wanted]
    near = difflib.get_close_matches(wanted, by_key, n=3, cutoff=0.5)
    names = list(dict.fromkeys(by_key[key].name for key in near))
    hint = f"did you mean {' or '.join(names)}?" if names else "`unstuck rules` lists them"
    raise UnknownRule(f"there is no rule {name_or_code!r}; {hint}")
