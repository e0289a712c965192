"""Which pictures there are, in which order and under which headings."""

from __future__ import annotations

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.pictures import Pictures
from unstuck.report.picture.answers import against_picture, along_picture, residuals_picture
from unstuck.report.picture.course import course
from unstuck.report.picture.data import embedding_picture, histograms_picture, surface_picture
from unstuck.report.picture.network import (
    bends_picture,
    flows_picture,
    gradient_picture,
    units_picture,
)
from unstuck.report.picture.picture import Picture
from unstuck.report.picture.trial import cure_picture, trial_picture

Part = tuple[str, str, list[Picture]]


def every(diagnosis: Diagnosis, pictures: Pictures | None) -> list[Picture]:
    """Return all pictures of a report: the loss, the cure, the trials of its causes, and whatever was measured."""
    first = course(diagnosis, pictures.ahead if pictures else None)
    goal = None if diagnosis.ladder is None else diagnosis.ladder.goal
    trials = [
        trial_picture(diagnosis.trials[cause.name], goal)
        for cause in diagnosis.causes
        if cause.name in diagnosis.trials
    ]
    whole = None if diagnosis.prescription is None else cure_picture(diagnosis.prescription, goal)
    rest = [one for _, _, found in parts(pictures) for one in found]
    return [*(one for one in (first, whole) if one is not None), *trials, *rest]


def parts(pictures: Pictures | None) -> list[Part]:
    """Return key, title and pictures of each section that has any."""
    if pictures is None:
        return []
    found: list[Part] = [
        ("network-answers", "What the network answers", _answers(pictures)),
        ("network-does", "What the network does", _network(pictures)),
        ("data", "The data", _data(pictures)),
    ]
    return [part for part in found if part[2]]


def _answers(pictures: Pictures) -> list[Picture]:
    found = [
        None if pictures.along is None else along_picture(pictures.along),
        None if pictures.surface is None else surface_picture(pictures.surface),
        None if pictures.against is None else against_picture(pictures.against),
        None if pictures.residuals is None else residuals_picture(pictures.residuals),
    ]
    return [one for one in found if one is not None]


def _network(pictures: Pictures) -> list[Picture]:
    steady = len(pictures.gradient) > 1
    found = [
        None if pictures.bends is None else bends_picture(pictures.bends),
        units_picture(pictures.units) if pictures.units else None,
        flows_picture(pictures.flows) if pictures.flows else None,
        gradient_picture(pictures.gradient) if steady else None,
    ]
    return [one for one in found if one is not None]


def _data(pictures: Pictures) -> list[Picture]:
    found = []
    if pictures.targets or pictures.inputs:
        found.append(histograms_picture(pictures.targets, pictures.inputs, pictures.more_inputs))
    if pictures.embedding is not None:
        found.append(embedding_picture(pictures.embedding))
    return found
