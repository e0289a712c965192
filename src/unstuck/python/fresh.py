"""A recording diagnosed in a fresh process, so that nothing of it is felt in the user's.

`python -m unstuck.python.fresh FOLDER` is that process: it reads `FOLDER/recording` and the options,
and writes the diagnosis beside them.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from unstuck.core.options import Options
from unstuck.core.recording import Recording
from unstuck.python.diagnosis import Diagnosis, handed
from unstuck.record.folder import save
from unstuck.report import curves, json, saved
from unstuck.report.source import Source

OPTIONS, DIAGNOSIS, SOURCES = "options.json", "diagnosis.json", "sources"

PACKAGE = Path(__file__).parents[2]
"""The folder that `unstuck` is imported from."""


def diagnosed(
    recording: Recording,
    options: Options,
    taken: tuple[str, ...] = (),
    *,
    sources: dict[str, str] | None = None,
) -> Diagnosis:
    """Return what is wrong with a recorded training; taken: what was chosen for want of being given.

    sources: name -> text, where what was run are no files but the cells of a notebook. Raises RuntimeError where the process itself fails.
    """
    with tempfile.TemporaryDirectory(prefix="unstuck-") as place:
        folder = Path(place)
        save(recording, folder)
        (folder / OPTIONS).write_bytes(msgspec.json.encode(options))
        command = [sys.executable, "-P", "-m", "unstuck.python.fresh", place]
        where = None if sources is None else _files(folder / SOURCES, sources)
        done = subprocess.run(
            command, env=_environment(), cwd=where, capture_output=True, text=True
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise RuntimeError(
                f"the diagnosis itself failed, which is a fault of unstuck's: {last}"
            )
        return dataclasses.replace(_read(folder), taken=taken)


def _files(folder: Path, sources: dict[str, str]) -> Path:
    """Write texts into a folder of their own, and return it."""
    folder.mkdir()
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _environment() -> dict[str, str]:
    listed = os.environ.get("PYTHONPATH")
    paths = [str(PACKAGE), *([listed] if listed else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _read(folder: Path) -> Diagnosis:
    diagnosis = saved.loads((folder / DIAGNOSIS).read_text(encoding="utf-8"))
    diagnosis = curves.with_curves(diagnosis, folder)
    chosen, patch = diagnosis.prescription, saved.read_patch(folder)
    if chosen is not None and patch is not None:
        chosen = dataclasses.replace(chosen, patch=patch)
    return handed(dataclasses.replace(diagnosis, prescription=chosen, run_folder=""))


def main(folder: Path) -> None:
    """Diagnose the recording in a folder."""
    from unstuck import doctor

    options = msgspec.json.decode((folder / OPTIONS).read_bytes(), type=Options)
    diagnosis = doctor.diagnose(folder, options)
    json.write(diagnosis, folder / DIAGNOSIS, source=Source((), Path.cwd()))
    curves.write_curves(diagnosis, folder)
    if diagnosis.prescription is not None and diagnosis.prescription.patch is not None:
        saved.write_patch(diagnosis.prescription.patch, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
