"""`unstuck fix`: the diff on stdout, the story on stderr, and what the exit code says."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import diagnosis, healthy, prescription
from stand_in import Doctor
from typed import SCRIPT, Answer

from unstuck.core.change import Safety
from unstuck.core.finding import NotRun
from unstuck.core.trial import Patch
from unstuck.patch.diff import unified

Here = Callable[..., Answer]

PATCHED = SCRIPT + "print('patched')\n"


@pytest.fixture
def patch(folder: Path) -> Patch:
    """A real patch of the script in the folder."""
    files = {str(folder / "train.py"): PATCHED}
    return Patch(files, unified("train.py", SCRIPT, PATCHED))


@pytest.fixture
def cured(doctor: Doctor, patch: Patch) -> Doctor:
    """A doctor who has a patch, and sees it mend."""
    doctor.says = diagnosis(prescription=prescription(patch=patch))
    mends = prescription(patch=patch, proof="mends", seeds=5, before=0, after=5)
    doctor.verified = diagnosis(prescription=mends)
    return doctor


def test_a_verified_patch_is_the_only_thing_on_stdout(
    cured: Doctor, here: Here, patch: Patch
) -> None:
    answer = here("fix", "train.py")
    assert (answer.code, answer.out) == (1, patch.diff)


def test_the_script_s_own_output_goes_to_stderr(cured: Doctor, here: Here) -> None:
    assert "out of the script ['--lr', '1']\n" in here("fix", "train.py", "--lr", "1").err


def test_the_story_names_the_proof(cured: Doctor, here: Here) -> None:
    assert "run from 5 seeds; 5/5 learned, 0/5 as it is" in here("fix", "train.py").err


def test_before_the_script_is_run_again_it_is_said_how_often(cured: Doctor, here: Here) -> None:
    err = " ".join(here("fix", "--seeds", "4", "train.py").err.split())
    assert "the script is run 8 more times in a scratch folder, about " in err
    assert "absolute path or over the network is not contained" in err


def test_the_diagnosis_is_told_before_the_script_is_run_again(cured: Doctor, here: Here) -> None:
    err = here("fix", "train.py").err
    assert err.index("Stuck: ") < err.index("To verify the patch") < err.index("Verified: ")


def test_what_hindered_the_verification_is_told(cured: Doctor, here: Here, patch: Patch) -> None:
    gap = NotRun("patch", "verification", "the patched script did not run to its end")
    cured.verified = dataclasses.replace(cured.says, not_run=(*cured.says.not_run, gap))
    answer = here("fix", "train.py")
    assert answer.code == 3
    assert " ".join(answer.err.split()).endswith(
        "About the verification of the patch: the patched script did not run to its end."
    )


def test_where_memory_could_not_follow_the_script_is_run_with_the_changes(
    doctor: Doctor, here: Here, patch: Patch
) -> None:
    doctor.says, doctor.only_runs_tell = diagnosis(prescription=None), True
    doctor.proved = diagnosis(prescription=prescription(patch=patch, proof="mends"))
    answer = here("fix", "train.py")
    assert (answer.code, answer.out, doctor.verifications) == (1, patch.diff, 0)
    assert "the script is run again with one set of changes after another" in " ".join(
        answer.err.split()
    )


def test_nothing_is_run_again_where_proofs_were_not_asked_for(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    doctor.says, doctor.only_runs_tell = diagnosis(prescription=None), True
    assert here("fix", "--no-prove", "train.py").code == 3
    assert doctor.proofs == 0


def test_the_files_stay_as_they_are(folder: Path, cured: Doctor, here: Here) -> None:
    here("fix", "train.py")
    assert (folder / "train.py").read_text() == SCRIPT


def test_apply_writes_the_patch(folder: Path, cured: Doctor, here: Here) -> None:
    answer = here("fix", "--apply", "train.py")
    assert answer.code == 1
    assert (folder / "train.py").read_text() == PATCHED


def test_a_script_that_changed_during_its_run_is_not_written_over(
    folder: Path, cured: Doctor, here: Here
) -> None:
    text = "open('train.py', 'a').write('# mine')"
    (folder / "train.py").write_text(text)
    answer = here("fix", "--apply", "train.py")
    assert (answer.code, answer.out) == (2, "")
    assert "train.py has changed since the run; run it again" in answer.err
    assert (folder / "train.py").read_text() == text + "# mine"


def test_a_module_that_changed_since_the_run_is_noticed_by_its_time(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    other = folder / "net.py"
    other.write_text("x = 1\n")
    os.utime(other, (time.time() + 60, time.time() + 60))
    patch = Patch({str(other): "x = 2\n"}, unified("net.py", "x = 1\n", "x = 2\n"))
    doctor.says = diagnosis(prescription=prescription(patch=patch))
    answer = here("fix", "train.py")
    assert answer.code == 2
    assert "net.py has changed since the run" in answer.err


@pytest.mark.parametrize("verdict", ["learned", "floor"])
def test_a_run_with_nothing_to_mend_exits_with_0(
    doctor: Doctor, here: Here, folder: Path, verdict: Any
) -> None:
    doctor.says = healthy(verdict=verdict)
    answer = here("fix", "train.py")
    assert (answer.code, answer.out, doctor.verifications) == (0, "", 0)


def test_a_stuck_run_without_a_prescription_exits_with_3(
    doctor: Doctor, here: Here, folder: Path
) -> None:
    doctor.says = diagnosis(prescription=None)
    answer = here("fix", "train.py")
    assert (answer.code, answer.out, doctor.verifications) == (3, "", 0)


@pytest.mark.parametrize("proof", ["runs", "parses", "none"])
def test_a_patch_that_was_not_seen_to_mend_is_not_printed(
    cured: Doctor, here: Here, patch: Patch, proof: Any
) -> None:
    cured.verified = diagnosis(prescription=prescription(patch=patch, proof=proof))
    answer = here("fix", "--apply", "train.py")
    assert (answer.code, answer.out) == (3, "")


def test_an_unsafe_patch_is_not_tried_unasked(cured: Doctor, here: Here, patch: Patch) -> None:
    cured.says = diagnosis(prescription=prescription(patch=patch, safety=Safety.UNSAFE))
    answer = here("fix", "train.py")
    assert (answer.code, answer.out, cured.verifications) == (3, "", 0)
    assert answer.err.splitlines()[-1] == "unstuck fix --unsafe train.py"


def test_an_unsafe_patch_is_tried_where_the_user_says_so(
    cured: Doctor, here: Here, patch: Patch
) -> None:
    mends = prescription(patch=patch, safety=Safety.UNSAFE, proof="mends", seeds=5, after=5)
    cured.says = cured.verified = diagnosis(prescription=mends)
    assert here("fix", "--unsafe", "train.py").code == 1
    assert cured.asked[0].unsafe


def test_a_patch_that_only_a_person_should_write_is_never_tried(
    cured: Doctor, here: Here, patch: Patch
) -> None:
    cured.says = diagnosis(prescription=prescription(patch=patch, safety=Safety.SHOW))
    assert here("fix", "--unsafe", "train.py").code == 3
    assert cured.verifications == 0


def test_a_script_that_fails_is_an_error(folder: Path, doctor: Doctor, here: Here) -> None:
    (folder / "train.py").write_text("1 / 0")
    answer = here("fix", "train.py")
    assert (answer.code, answer.out, doctor.asked) == (2, "", [])
    assert "the script itself fails (ZeroDivisionError: division by zero)" in answer.err


def test_a_script_that_is_stopped_after_a_time_is_no_failure(
    folder: Path, cured: Doctor, here: Here
) -> None:
    (folder / "long.py").write_text("import time\nwhile True: time.sleep(0.05)\n")
    assert here("fix", "--stop-after", "0.5s", "long.py").code == 1


def test_an_earlier_run_is_fixed_without_running_the_script_as_it_is(
    folder: Path, cured: Doctor, here: Here
) -> None:
    here("run", "-o", "run", "train.py")
    (folder / "train.py").touch()
    answer = here("fix", "--run", "run")
    assert answer.code == 1
    assert "out of the script" not in answer.err


def test_an_earlier_run_of_a_file_that_changed_is_refused(
    folder: Path, cured: Doctor, here: Here
) -> None:
    here("run", "-o", "run", "train.py")
    (folder / "train.py").write_text("pass\n")
    answer = here("fix", "--run", "run")
    assert answer.code == 2
    assert "has changed since the run; run it again" in answer.err


def test_a_run_and_a_script_together_are_refused(folder: Path, cured: Doctor, here: Here) -> None:
    here("run", "-o", "run", "train.py")
    answer = here("fix", "--run", "run", "train.py")
    assert answer.code == 2
    assert "name the one or the other" in answer.err


def test_the_document_holds_the_proof(folder: Path, cured: Doctor, here: Here) -> None:
    here("fix", "--json", "out.json", "train.py")
    found = json.loads((folder / "out.json").read_text())["prescription"]
    assert (found["proof"], found["seeds"], found["before"], found["after"]) == ("mends", 5, 0, 5)


def test_characters_beyond_ascii_survive_in_the_diff(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    old, new = "# größe\nx = 1\n", "# größe\nx = 2\n"
    (folder / "train.py").write_text(old, encoding="utf-8")
    patch = Patch({str(folder / "train.py"): new}, unified("train.py", old, new))
    mends = prescription(patch=patch, proof="mends", seeds=5, after=5)
    doctor.says = doctor.verified = diagnosis(prescription=mends)
    assert here("fix", "train.py").out == patch.diff


def test_an_interrupt_ends_everything_with_130(folder: Path, doctor: Doctor, here: Here) -> None:
    doctor.breaks = KeyboardInterrupt()
    (folder / "end.py").write_text("raise KeyboardInterrupt")
    answer = here("fix", "end.py")
    assert answer.code == 130
    assert answer.err.endswith("unstuck: stopped\n")
