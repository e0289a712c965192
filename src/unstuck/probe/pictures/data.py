"""The rows themselves: how targets and inputs are distributed, and which rows are alike."""

from __future__ import annotations

import numpy as np

from unstuck.core.pictures import Embedding, Histogram
from unstuck.core.recording import Array
from unstuck.probe.pictures.bins import histogram
from unstuck.probe.pictures.seen import Seen
from unstuck.probe.subject import Subject, Unmeasurable
from unstuck.theory.embedding import FEWEST, embedded

MOST_INPUTS = 11  # with the targets they fill three rows of a page
MOST_POINTS = 250  # t-SNE takes about a second for so many
MOST_ROWS = 200  # in the table of rows
MOST_COLUMNS = 12


def targets(found: Seen) -> tuple[Histogram, ...]:
    """Return the histogram of the targets."""
    return (histogram(found.output.replace("output", "target") or "target", found.target),)


def inputs(subject: Subject) -> tuple[tuple[Histogram, ...], int]:
    """Return a histogram of each input, and how many inputs are left out."""
    known = subject.inputs
    count = known.shape[1]
    names = ["input"] if count == 1 else [f"input {index + 1}" for index in range(count)]
    few = [histogram(names[index], known[:, index]) for index in range(min(count, MOST_INPUTS))]
    return tuple(few), max(0, count - MOST_INPUTS)


def embedding(found: Seen) -> Embedding:
    """Return the inputs laid out on a plane, coloured by target."""
    known = found.subject.inputs
    if known.shape[1] < 3:
        raise Unmeasurable("does not apply: there are fewer than three inputs")
    usable = np.isfinite(known).all(1) & np.isfinite(found.target)
    places = np.flatnonzero(usable)
    if len(places) < FEWEST:
        raise Unmeasurable(f"{len(places)} rows are too few to be laid out")
    if len(np.unique(known[places], axis=0)) < FEWEST:
        raise Unmeasurable("too few of the rows differ")
    some = np.sort(np.random.default_rng(0).permutation(places)[:MOST_POINTS])
    points = embedded(known[some])
    return Embedding(
        found.kind,
        tuple((float(f"{x:.4g}"), float(f"{y:.4g}")) for x, y in points),
        tuple(float(f"{value:.3g}") for value in found.target[some]),
        found.subject.count,
    )


def rows(found: Seen) -> tuple[tuple[str, ...], ...]:
    """Return head and rows of the data, those with the largest misses first."""
    known = found.subject.inputs
    columns = min(known.shape[1], MOST_COLUMNS)
    missed = np.abs(found.answer - found.target)
    order = np.argsort(-np.nan_to_num(missed, nan=np.inf), kind="stable")[:MOST_ROWS]
    head = ("row", *(f"input {i + 1}" for i in range(columns)), "target", "answer")
    return (head, *(_row(found, known, index, columns) for index in order))


def _row(found: Seen, known: Array, index: int, columns: int) -> tuple[str, ...]:
    values = [*known[index, :columns], found.target[index], found.answer[index]]
    return (str(int(index)), *(f"{value:.5g}" for value in values))
