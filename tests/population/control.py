"""The control: as many changes drawn at random as the diagnosis trained, on the same sick script.

The pool is every repair of every fault that is planted anywhere, in about the strengths in which
they are planted; nothing of the script but its text decides. A try is one to three changes of
different fields, each number as likely, that alter the text; a set is tried once. It is a cure by the
same measure as a patch: two of three runs of the script at the goal. It gets as many tries as the
diagnosis trained settings (a set of changes at one rate; several lengths read off one training are
one), at most `MOST`, and ends at its first cure.

It is treated better than the diagnosis: its tries are judged by what was meant and by the goal of the
healthy script, and it proposes nothing that does not change the text. One thing is against it, to
save time: a first run that gets less than half of the way is not repeated, and one of more than
`LONGEST` CPU seconds, five to ten times a healthy script's, is taken for one that does not learn.
"""

from __future__ import annotations

import dataclasses
import random

from unstuck.casebook.planted.faults import Fields
from unstuck.casebook.planted.script import Script
from unstuck.casebook.planted.trained import Broken, Runs
from unstuck.casebook.planted.truth import Case

MOST = 30
LARGEST = 3  # changes in a set
NOTHING_NEW = 200  # draws without a new set, after which every set was tried
RATES = (1 / 300, 0.01, 0.1, 10.0, 100.0, 1000.0, 10000.0)
LENGTHS = (5, 20)
LONGEST = 5
STANDARD = "{{{0}}} = ({{{0}}} - {{{0}}}.mean(0)) / {{{0}}}.std(0)"


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """How many sets were tried, how many were allowed, and the cure, if there was one."""

    tries: int
    allowed: int
    cure: tuple[str, ...]


def repairs(script: Script) -> dict[str, Fields]:
    """Return every change that alters the text of this script, by what it says."""
    pool: dict[str, Fields] = {
        f"rate x {factor:g}": {"rate": float(f"{script.rate * factor:.3g}")} for factor in RATES
    }
    pool |= {f"steps x {factor}": {"epochs": script.epochs * factor} for factor in LENGTHS}
    pool |= {f"activation {name}": {"activation": name} for name in ("relu", "tanh")}
    pool |= {f"width {n}": {"widths": (n,) * len(script.widths)} for n in (8, 32, 64)}
    pool |= {
        "clear": {"clears": "first"},
        "step": {"steps": True},
        "scale inputs": {"x_scale": _scaled(script.x_scale, "x")},
        "no output activation": {"final": "sigmoid" if script.loss == "bce" else ""},
        "default init": {"init": ""},
        "no decay": {"decay": 0.0},
        "no clipping": {"clip": 0.0},
        "no schedule": {"schedule": ""},
        "one optimizer": {"recreated": False},
        "all parameters": {"held": "all"},
        "register layers": {"registered": True},
        "column of targets": {"column": True},
        "axis 1": {"axis": 1},
    }
    if script.kind == "regression":
        pool["scale targets"] = {"y_scale": _scaled(script.y_scale, "y")}
    return {say: fields for say, fields in pool.items() if _changes(script, fields)}


def _scaled(before: str, letter: str) -> str:
    return "\n".join(filter(None, (before, STANDARD.format(letter))))


def _changes(script: Script, fields: Fields) -> bool:
    changed = dataclasses.replace(script, **fields)  # type: ignore[arg-type]
    return changed.text != script.text


def control(case: Case, arms: int, draw: random.Random) -> Drawn:
    """Try random sets of changes on a sick script until one cures it, or as many as allowed failed."""
    script, allowed, runs = case.script, min(arms, MOST), Runs(LONGEST)
    pool = repairs(script)
    tried: set[str] = {script.text}
    idle = 0
    while len(tried) <= allowed and idle < NOTHING_NEW:
        says, text = _try(script, pool, draw)
        if text in tried:
            idle += 1
            continue
        idle = 0
        tried.add(text)
        try:
            net, goal = script.names.net, case.goal
            if runs.learned(text, net, script.kind, goal, hopeless=goal / 2):
                return Drawn(len(tried) - 1, allowed, says)
        except Broken:
            continue
    return Drawn(len(tried) - 1, allowed, ())


def _try(
    script: Script, pool: dict[str, Fields], draw: random.Random
) -> tuple[tuple[str, ...], str]:
    size = draw.randint(1, LARGEST)
    says: list[str] = []
    fields: Fields = {}
    for say in draw.sample(sorted(pool), len(pool)):
        if len(says) < size and not set(pool[say]) & set(fields):
            says.append(say)
            fields |= pool[say]
    return tuple(says), dataclasses.replace(script, **fields).text  # type: ignore[arg-type]
