"""Text that is made of a run, kept beside it until a source of ours or the run itself changes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from website.runs import PACKAGE, ROOT, Made, hashed


@functools.cache
def sources() -> str:
    """Return a hash of everything that pages are made with."""
    kinds = ("*.py", "*.html", "*.css", "*.js")
    places = (PACKAGE, ROOT / "website")
    files = (file for place in places for kind in kinds for file in sorted(place.rglob(kind)))
    return hashed(files)[:12]


def kept(run: Made, name: str, make: Callable[[], str]) -> str:
    """Return a text of a run; it is made where it is not kept."""
    file = run.folder / "shown" / f"{name}.{sources()}"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    text = make()
    file.parent.mkdir(exist_ok=True)
    for old in file.parent.glob(f"{name}.*"):
        old.unlink()
    file.write_text(text, encoding="utf-8")
    return text
