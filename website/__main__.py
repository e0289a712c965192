"""Build the site: `python -m website [--quick] [--out DIR] [--jobs N]`; `make site` does."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from website.built import Broken, build
from website.runs import ROOT, Failed, made
from website.shown import everything


def main() -> int:
    """Make what is missing of the runs, and build; 1 where something is amiss."""
    words = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    words.add_argument(
        "--quick", action="store_true", help="show the runs that are kept, make none"
    )
    words.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    words.add_argument(
        "--kept", type=Path, default=ROOT / "build" / "runs", help="where runs are kept"
    )
    words.add_argument("--jobs", type=int, default=1, help="runs at a time")
    given = words.parse_args()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        runs = made(everything(), given.kept, jobs=given.jobs, quick=given.quick)
        build(given.out, given.out.parent / "pages", runs)
    except (Broken, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"the site is in {given.out}, with {len(runs)} of {len(everything())} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
