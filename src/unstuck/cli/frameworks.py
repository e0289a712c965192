"""The table rules × frameworks, computed: what each recorder sees, and whose patch writer has the words.

A rule is seen where the recorder gives what it needs. Its change is written where one of the edits that the rule may
ask for has a writer in that framework's idiom (for scikit-learn: where an argument does what one of its what-ifs
does). Which these are is read off the rule's code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, Literal, get_args

from unstuck.core.edits import Edit
from unstuck.core.rule import Rule

Cell = Literal["patch", "proof", "shown", "unseen"]
"""``patch``: seen, proved and written; ``proof``: seen and proved, but the change has no form there that could be
written; ``shown``: by its evidence, there is nothing to change; ``unseen``."""


@dataclasses.dataclass(frozen=True, slots=True)
class Framework:
    """A framework as its adapter declares it.

    unseen: rules and quantities that it has nothing to show for; words: the edits, or the what-ifs, that can be
    written there.
    """

    name: str
    letter: str
    unseen: frozenset[str]
    words: frozenset[object]


def frameworks() -> tuple[Framework, ...]:
    """Return every framework that there is an adapter for."""
    from unstuck.core.edits.words import KERAS, TORCH
    from unstuck.record.sklearn.session import LOOPS
    from unstuck.rules.estimator import WORDED

    everything, none = frozenset[object](TORCH), frozenset[str]()
    return (
        Framework("torch", "T", none, everything),
        Framework("keras", "K", none, frozenset(KERAS)),
        Framework("lightning", "L", none, everything),
        Framework("sklearn", "S", frozenset(LOOPS), frozenset(WORDED)),
    )


def cells(rule: Rule) -> dict[str, Cell]:
    """Return what can be done about this rule in each framework, by name."""
    asked = frozenset(remedies(rule))
    return {one.name: _cell(rule, asked, one) for one in frameworks()}


def _cell(rule: Rule, asked: frozenset[object], one: Framework) -> Cell:
    if {rule.name, *rule.needs} & one.unseen:
        return "unseen"
    if rule.answer:
        return "shown"
    return "patch" if asked & one.words else "proof"


def remedies(rule: Rule) -> Iterator[object]:
    """Yield the edits and the what-ifs that a rule's check may ask for, itself or by what it calls."""
    seen: set[FunctionType] = set()
    waiting: list[Any] = [rule.check]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and one in _KINDS:
            yield one
        elif isinstance(one, tuple):
            waiting += one
        elif isinstance(one, FunctionType) and one not in seen and _ours(one):
            seen.add(one)
            if one.__module__.startswith("unstuck.core.transform"):
                yield one
                continue
            waiting += (
                value for name in _names(one.__code__) if (value := one.__globals__.get(name))
            )


_KINDS = frozenset(get_args(Edit))


def _ours(one: FunctionType) -> bool:
    return one.__module__.startswith(("unstuck.rules", "unstuck.core"))


def _names(code: CodeType) -> Iterator[str]:
    """Yield the global names that a function uses, and the functions within it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
