"""Small studies, and what a store holds of them."""

import sqlite3
from pathlib import Path

from unstuck.lab.study.study import parse
from unstuck.lab.study.text import Text

SMALL = """
task = "xnor"
[network]
output = "sigmoid"
[training]
loss = "bce"
steps = 60
[grid]
network.widths = [[2, 2], [4, 4]]
optimizer.rate = [0.1, 1.0]
[success]
loss = 0.05
[budget]
seeds = 60
chunk = 20
"""


def study(written: str = SMALL, folder: Path = Path()):
    return parse(Text(written, "small.toml"), "small", folder)


def rows(store: Path) -> list[tuple]:
    """Every chunk but for the time that it took."""
    base = sqlite3.connect(store)
    found = base.execute("SELECT cell, first, count, losses, hits FROM chunk ORDER BY 1, 2, 3")
    try:
        return found.fetchall()
    finally:
        base.close()
