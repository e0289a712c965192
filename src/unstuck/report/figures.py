"""The pictures of a report as files: SVG always, PNG beside it where its renderer is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from unstuck.report.chart.paint import FILE
from unstuck.report.json import replace_text
from unstuck.report.picture.picture import Picture

TWICE = 2.0  # pixels of a PNG for one of the picture: sharp in a document


class NoRenderer(ImportError):
    """vl-convert, which makes a PNG of an SVG, is not installed."""


def write_svg(pictures: Iterable[Picture], folder: Path) -> list[Path]:
    """Write every picture as an SVG in the light theme; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in pictures:
        file = folder / f"{re.sub(r'[^A-Za-z0-9-]+', '-', one.key)}.svg"
        replace_text(file, f"{one.draw(one.width, FILE)}\n")
        written.append(file)
    return written


def write_png(files: Iterable[Path]) -> list[Path]:
    """Write a PNG beside each SVG; return the files. Raises NoRenderer."""
    try:
        import vl_convert
    except ImportError as error:
        raise NoRenderer(str(error)) from error
    written = []
    for file in files:
        png = file.with_suffix(".png")
        png.write_bytes(vl_convert.svg_to_png(file.read_text(encoding="utf-8"), scale=TWICE))
        written.append(png)
    return written
