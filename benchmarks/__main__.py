"""Print every measured number beside its goal; the status is 1 where one is missed."""

from __future__ import annotations

import sys

from benchmarks import commands, ensembles, recorder


def main() -> int:
    missed = 0
    for part in (recorder, ensembles, commands):
        for one in part.measured():
            print(one, flush=True)
            missed += not one.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
