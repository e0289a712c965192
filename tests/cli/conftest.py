"""A folder with a script, and a doctor that says what a test wants it to say."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))  # diagnoses made by hand lie there

from stand_in import Doctor
from typed import SCRIPT, Answer

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.options import Options


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a script that trains nothing."""
    for name in [name for name in os.environ if name.startswith("UNSTUCK")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT)
    return tmp_path


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Stand in for diagnosis and verification, which are slow and have tests of their own."""
    from unstuck import doctor as real
    from unstuck import verify

    stand_in = Doctor()

    def diagnose(run: Path, options: Options, progress: object) -> Diagnosis:
        stand_in.asked.append(options)
        if stand_in.breaks is not None and options.prove:
            raise stand_in.breaks
        return stand_in.says

    def verified(made: Diagnosis, run: Path, options: Options, progress: object) -> Diagnosis:
        stand_in.verifications += 1
        return stand_in.verified or made

    def proved(made: Diagnosis, run: Path, options: Options, progress: object) -> Diagnosis:
        stand_in.proofs += 1
        return stand_in.proved or made

    monkeypatch.setattr(real, "diagnose", diagnose)
    monkeypatch.setattr(verify, "prove", proved)
    monkeypatch.setattr(verify, "provable", lambda made: stand_in.only_runs_tell)
    monkeypatch.setattr(verify, "verify", verified)
    return stand_in


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Type a command in this process."""

    def type_(*args: str) -> Answer:
        from unstuck.cli import main

        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main(args)
        out, err = capfd.readouterr()
        code: Any = end.value.code
        return Answer(code, out, err)

    return type_
