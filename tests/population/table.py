"""The table at the end: what the records of all scripts amount to."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99, 1.01)


def table(records: list[Record]) -> str:
    """Return the table as text."""
    sick = [one for one in records if one["sick"]]
    well = [one for one in records if not one["sick"]]
    lines = [
        f"{len(records)} scripts: {len(sick)} sick, {len(well)} healthy"
        f" ({sum(bool(one['planted']) for one in well)} of them with decoys)",
        "",
        *_marks("healthy", well),
        *_marks("sick", sick),
        *_marks("sick, clear ones", [one for one in sick if one["clear"]]),
        "",
        *_causes(sick, well),
        *_cures(sick),
        "",
        *_by_fault(sick),
        "",
        *_wrong(records),
        *_calibration("causes and suspects", records, {"cause", "suspect"}),
        *_calibration("causes", records, {"cause"}),
        *_calibration("suspects", records, {"suspect"}),
    ]
    return "\n".join(lines)


def share(part: float, whole: float) -> str:
    """Return `part / whole` with the percentage."""
    return f"{part:g}/{whole:g}" + (f" ({part / whole:.0%})" if whole else "")


def _marks(what: str, records: list[Record]) -> Iterator[str]:
    counted = collections.Counter(one["mark"] for one in records)
    told = ", ".join(f"{count} {mark}" for mark, count in counted.most_common())
    yield f"{what:<28} {told or 'none'}"


def _causes(sick: list[Record], well: list[Record]) -> Iterator[str]:
    kinds: collections.Counter[str] = collections.Counter()
    for one in sick:
        kinds.update({kind: len(names) for kind, names in one["causes"].items()})
    alarms = [one for one in well if one["mark"] == "false alarm"]
    all_named = sum(kinds.values())
    every = all_named + sum(len(names) for one in alarms for names in one["causes"].values())
    hit, of = (sum(one["hits"][place] for one in sick) for place in (0, 1))
    known = {"learned", "floor"}
    called_sick = sum(one["verdict"] not in known for one in well)
    yield f"{'recall of what matters':<28} {share(hit, of)}"
    yield f"{'precision, sick scripts':<28} {share(kinds['true'], all_named)}"
    yield f"{'  with other cures':<28} {share(kinds['true'] + kinds['other'], all_named)}"
    yield f"{'precision, all scripts':<28} {share(kinds['true'] + kinds['other'], every)}"
    yield f"{'causes in no true set':<28} " + ", ".join(
        f"{kinds[kind]} {kind}" for kind in ("other", "unshown", "wrong")
    )
    yield f"{'false alarms':<28} {share(len(alarms), len(well))}"
    yield f"{'healthy, verdict is not':<28} {share(called_sick, len(well))}"
    unseen = sum(one["verdict"] in known for one in sick)
    yield f"{'sick, verdict is healthy':<28} {share(unseen, len(sick))}"


def _cures(sick: list[Record]) -> Iterator[str]:
    cures = collections.Counter(one["cure"].partition(":")[0] for one in sick)
    patched = len(sick) - cures["no patch"]
    yield f"{'cures, of all sick':<28} {share(cures['cured'], len(sick))}"
    yield f"{'  of patches that there are':<28} {share(cures['cured'], patched)}"
    tried = [one for one in sick if one["control"] is not None]
    if not tried:
        return
    ours = sum(one["cure"] == "cured" for one in tried)
    theirs = sum(bool(one["control"]["cure"]) for one in tried)
    mean = sum(one["control"]["allowed"] for one in tried) / len(tried)
    yield (
        f"{'control, as many trainings':<28} {share(theirs, len(tried))}; unstuck"
        f" {share(ours, len(tried))}; {mean:.1f} tries allowed in the mean"
    )
    for count in (1, 2, 3):
        some = [one for one in tried if one["hits"][1] == count]
        ours = sum(one["cure"] == "cured" for one in some)
        theirs = sum(bool(one["control"]["cure"]) for one in some)
        yield (
            f"{f'  {count} to be mended':<28} {share(theirs, len(some))}; unstuck"
            f" {share(ours, len(some))}"
        )


def _by_fault(sick: list[Record]) -> Iterator[str]:
    counted: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for one in sick:
        for key in one["matter"]:
            counted[key][0] += key in one["found"]
            counted[key][1] += 1
    yield "named, of the times that it mattered (alternatives count as misses here)"
    for key, (named, times) in sorted(counted.items(), key=lambda item: item[1][0] / item[1][1]):
        yield f"  {key:<30} {share(named, times)}"


def _wrong(records: list[Record]) -> Iterator[str]:
    for kind in ("wrong", "unshown", "other"):
        names = collections.Counter(name for one in records for name in one["causes"].get(kind, ()))
        told = ", ".join(f"{count} {name}" for name, count in names.most_common())
        yield f"{kind + ' causes':<28} {told or 'none'}"


def _calibration(what: str, records: list[Record], roles: set[str]) -> Iterator[str]:
    found = [f for one in records for f in one["findings"] if f["role"] in roles]
    yield f"\nconfidence of {what}: mean, and share that is true"
    for low, high in itertools.pairwise(BINS):
        some = [f for f in found if low <= f["confidence"] < high]
        if some:
            mean = sum(f["confidence"] for f in some) / len(some)
            yield f"  {low:.2f} to {min(high, 1):.2f}  {mean:.2f}  " + share(
                sum(f["true"] for f in some), len(some)
            )
