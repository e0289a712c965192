"""Everything that can be drawn, made by hand and small."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from unstuck.core.pictures import (
    Against,
    Ahead,
    Along,
    Bends,
    Cells,
    Embedding,
    Flow,
    Histogram,
    Pictures,
    Residuals,
    Surface,
    Units,
)

EDGES = (0.0, 1.0, 2.0, 3.0)
CELLS = Cells(EDGES, EDGES, ((5, 0, 0), (0, 2, 1), (0, 0, 9)))
NAN = math.nan


def histogram(
    name: str = "target", counts: tuple[int, ...] = (1, 5, 2), beyond: int = 0
) -> Histogram:
    return Histogram(name, EDGES, counts, beyond)


def pictured(**more: Any) -> Pictures:
    """Pictures of every kind."""
    grid = ((0.1, 0.5, 0.9), (0.1, 0.5, 0.9), (0.1, 0.5, 0.9))
    made = Pictures(
        total=5_000,
        measured=4_096,
        ahead=Ahead(900.0, 1_000.0, 1_100.0, "by its tangent kernel", None, ((0.0, 0.7), (1e3, 0.07))),
        along=Along(
            "number", EDGES, (0.1, NAN, 0.7), (0.0, NAN, 0.6), (0.2, NAN, 0.8), (3, 0, 4),
            (0.0, 1.5, 3.0), (0.1, 0.4, 0.7), (0.0, 0.0, 0.0),
        ),
        against=Against("number", "output 1 of 2", CELLS),
        residuals=Residuals(histogram("network"), histogram("mean", (2, 2, 2))),
        targets=(histogram(),),
        inputs=(histogram("input 1"), histogram("input 2", beyond=3)),
        more_inputs=7,
        bends=Bends("fc1", histogram("rows"), histogram("before"), histogram("after", (0, 0, 1), 7)),
        units=(Units("fc1", 8, "start", 0.5, 0.0, 0.25, 0.25), Units("fc1", 8, "end", 1.0, 0.0, 0.0, 0.0)),
        flows=(Flow("fc1", 1e-6, 0.0, NAN), Flow("fc2", 0.3, 0.01, 1.2)),
        gradient=((0, 1.0), (10, 0.0), (20, 0.01)),
        surface=Surface("yes-no", EDGES, EDGES, grid, CELLS, ((0.0, NAN, NAN), (NAN, 0.5, 1.0), (NAN, NAN, 1.0))),
        embedding=Embedding("classes", ((0.0, 0.0), (1.0, 2.0)), (0.0, 7.0), 900),
    )  # fmt: skip
    return dataclasses.replace(made, **more)
