"""Whether the user's files are still what was run; lines and patches of other files mean nothing."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from pathlib import Path


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """The sources at the moment when the script was started.

    time: seconds since the epoch; digests: absolute path -> SHA-256 (hex) where the file was read.
    """

    time: float
    digests: dict[str, str]

    def changed(self, paths: Iterable[str]) -> str | None:
        """Return the first of these files that is not what was run, None if all are."""
        return next((path for path in paths if self._differs(Path(path).resolve())), None)

    def _differs(self, path: Path) -> bool:
        """By content where that is known, else by the time of the last change."""
        try:
            known = self.digests.get(str(path))
            return path.stat().st_mtime > self.time if known is None else digest(path) != known
        except OSError:
            return True


def snapshot(paths: Iterable[Path], *, time: float) -> Snapshot:
    """Return what these files hold now; files that cannot be read are left out."""
    found = {}
    for path in paths:
        try:
            found[str(path.resolve())] = digest(path)
        except OSError:
            continue
    return Snapshot(time, found)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
