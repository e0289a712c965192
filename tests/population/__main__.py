"""The population test: hundreds of scripts nobody wrote, with faults planted in some, diagnosed.

`python -m tests.population [--scripts N] [--seed S] [--budget SECONDS] [--out FILE.json] [--resume]`
draws healthy scripts and shows by running them that they are (`numbered.py`); plants none to three
faults in each; decides by running every subset of repairs which of these matter; hands the script to
`unstuck run` and marks what it says (`judged.py`); applies its patch and runs that; and lets
as many random changes try the same (`control.py`). Each script is a line on the screen and in FILE, a
file of JSON lines that `--resume` goes on with. The table is made of what is there: `--scripts 0
--resume` only shows it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import time
from pathlib import Path
from typing import Any

from tests.casebook.diagnosed import causes
from tests.population import judged, numbered
from tests.population.control import control
from tests.population.table import table

from unstuck.casebook.planted.trained import Runs
from unstuck.casebook.planted.truth import Case

Record = dict[str, Any]


def sat(index: int, seed: int, budget: int) -> Record:
    """Make, diagnose and mark the script of this number."""
    began, runs = time.perf_counter(), Runs()
    case = numbered.case(index, seed, runs)
    told = judged.told(case.script.text, budget)
    record: Record = {
        "index": index,
        "seed": seed,
        "planted": [fault.key for fault in case.planted],
        "matter": sorted(case.matter),
        "sets": case.sets,
        "sick": case.sick,
        "clear": case.clear,
        "goal": case.goal,
        "removed": runs.seen(case.script.text),
        "healthy": runs.seen(case.healthy.text),
        "text": case.script.text,
        "arms": told.arms,
        "unstuck_seconds": told.seconds,
    }
    record |= _marked(case, told)
    record["control"] = None
    if case.sick and not told.failed:
        drawn = control(case, told.arms, random.Random(f"control {seed} {index}"))
        record["control"] = dataclasses.asdict(drawn)
    return record | {"run_seconds": runs.seconds, "seconds": time.perf_counter() - began}


def _marked(case: Case, told: judged.Told) -> Record:
    report = told.report
    named = causes(report) if report else set()
    cure = judged.cured(case, report)
    kinds = judged.sorted_causes(case, named, cure)
    return {
        "mark": "failed" if told.failed else judged.mark(case, named, kinds, cure),
        "failed": told.failed,
        "verdict": report.get("verdict", "failed"),
        "sentence": report.get("sentence", ""),
        "causes": kinds,
        "found": sorted(judged.true_faults(case, named)),
        "hits": judged.hits(case, named),
        "cure": cure,
        "findings": judged.findings(case, report, kinds) if report else [],
        "not_run": report.get("not_run", []),
        "prescription": report.get("prescription"),
        "tried": [[one["say"], one["share"]] for one in report.get("tried", ())],
        "unstuck_goal": (report.get("loss") or {}).get("goal"),
    }


def line(record: Record) -> str:
    """Return what is printed of one script."""
    sets = " or ".join("+".join(one) for one in record["sets"] if one) or "nothing"
    decoys = sorted(set(record["planted"]) - set(record["matter"]))
    named = "+".join(name for names in record["causes"].values() for name in names) or "nothing"
    lucky = "" if record["control"] is None else f"; control {record['control']['tries']} tries"
    if lucky and record["control"]["cure"]:
        lucky += ", cured"
    return (
        f"{record['mark']:<12}{'' if record['clear'] else '?':<2}{record['index']:<4}"
        f" {record['verdict']:<8} {named}; true: {sets}"
        + (f"; decoys: {'+'.join(decoys)}" if decoys else "")
        + (f"; {record['cure']}" if record["sick"] else "")
        + f"{lucky}; {record['unstuck_seconds']:.0f} of {record['seconds']:.0f} s"
    )


def kept(file: Path | None, resume: bool) -> list[Record]:
    """Return the records that are there already; a last line that was cut off is none."""
    if file is None or not file.exists():
        return []
    if not resume:
        file.unlink()
        return []
    whole = [text for text in file.read_text().splitlines(keepends=True) if text.endswith("\n")]
    file.write_text("".join(whole))
    return [json.loads(text) for text in whole]


def main() -> None:
    """Sit the scripts that are not in the file yet, and show the table."""
    words = argparse.ArgumentParser(prog="python -m tests.population")
    words.add_argument("--scripts", type=int, default=200, help="how many scripts in all")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--budget", type=int, default=60, help="seconds of proofs for each")
    words.add_argument("--out", type=Path, help="a file of JSON lines, one a script")
    words.add_argument("--resume", action="store_true", help="go on with that file")
    given = words.parse_args()
    records = kept(given.out, given.resume)
    done = {record["index"] for record in records if record["seed"] == given.seed}
    try:
        for index in sorted(set(range(given.scripts)) - done):
            records.append(sat(index, given.seed, given.budget))
            print(line(records[-1]), flush=True)
            if given.out:
                with given.out.open("a") as stream:
                    stream.write(json.dumps(records[-1]) + "\n")
    except KeyboardInterrupt:
        print("stopped")
    print("\n" + table(records))


if __name__ == "__main__":
    main()
