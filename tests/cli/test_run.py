"""`unstuck run` around a real script in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import diagnosis, healthy, note, suspect
from stand_in import Doctor
from typed import Answer, environment, unstuck

Here = Callable[..., Answer]


def test_the_script_s_output_is_its_own(folder: Path) -> None:
    answer = unstuck("run", "train.py", "--lr", "1", cwd=folder)
    assert answer.out == "out of the script ['--lr', '1']\n"


def test_what_we_say_comes_on_stderr_after_the_script(folder: Path) -> None:
    answer = unstuck("run", "train.py", cwd=folder)
    assert answer.err.startswith("err of the script\n\n")


def test_a_script_that_trains_nothing_is_unknown(folder: Path) -> None:
    unstuck("run", "--json", "out.json", "train.py", cwd=folder)
    found = json.loads((folder / "out.json").read_text())
    assert (found["verdict"], found["findings"], found["loss"]) == ("unknown", [], None)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(7)", 7),
        ("1 / 0", 1),
        ("raise KeyboardInterrupt", 130),
        ("import os; os._exit(9)", 9),
        ("import os; os.abort()", 128 + signal.SIGABRT),
        ("import sys; sys.exit('gone')", 1),
    ],
)
def test_the_exit_code_is_the_script_s_own(folder: Path, code: str, status: int) -> None:
    (folder / "end.py").write_text(code)
    assert unstuck("run", "end.py", cwd=folder).code == status


def test_a_module_is_run_as_python_would(folder: Path) -> None:
    (folder / "pkg").mkdir()
    (folder / "pkg" / "train.py").write_text("import sys; print(__package__, sys.argv[1:])")
    answer = unstuck("run", "-m", "pkg.train", "--no-prove", cwd=folder)
    assert answer.out == "pkg ['--no-prove']\n"


def test_code_is_run_as_python_would(folder: Path) -> None:
    answer = unstuck("run", "-q", "-c", "import sys; print(sys.argv)", "-q", cwd=folder)
    assert answer.out == "['-c', '-q']\n"


def test_standard_input_is_the_script_s(folder: Path) -> None:
    (folder / "ask.py").write_text("print(input())")
    assert unstuck("run", "ask.py", cwd=folder, stdin="answer\n").out == "answer\n"


def test_the_recording_goes_to_a_folder_that_git_ignores(folder: Path) -> None:
    unstuck("run", "train.py", cwd=folder)
    (run,) = (folder / ".unstuck" / "runs").iterdir()
    assert run.name.split("-")[1] == "train"
    assert (folder / ".unstuck" / ".gitignore").read_text() == "*\n"
    assert {"job.json", "outcome.json", "diagnosis.json"} <= {path.name for path in run.iterdir()}


def test_two_runs_have_two_folders(folder: Path) -> None:
    for _ in range(2):
        unstuck("run", "train.py", cwd=folder)
    assert len(list((folder / ".unstuck" / "runs").iterdir())) == 2


def test_a_named_folder_is_used_and_used_again(folder: Path) -> None:
    for _ in range(2):
        assert unstuck("run", "-o", "here", "train.py", cwd=folder).code == 0
    assert not (folder / ".unstuck").exists()
    assert json.loads((folder / "here" / "outcome.json").read_text())["how"] == "finished"


def test_a_folder_with_other_things_is_left_alone(folder: Path) -> None:
    answer = unstuck("run", "-o", ".", "train.py", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "unstuck: --output '.' holds other things than a run of ours\n"


def test_what_an_earlier_run_left_in_a_named_folder_is_gone(folder: Path) -> None:
    unstuck("run", "-o", "here", "train.py", cwd=folder)
    (folder / "here" / "recording").mkdir(exist_ok=True)
    (folder / "here" / "recording" / "old").touch()
    unstuck("run", "-o", "here", "train.py", cwd=folder)
    assert not (folder / "here" / "recording" / "old").exists()


def test_the_first_interrupt_ends_the_script_and_is_diagnosed(folder: Path) -> None:
    (folder / "long.py").write_text("import time; print('up', flush=True); time.sleep(60)")
    command = [sys.executable, "-m", "unstuck", "run", "-o", "run", "long.py"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads((folder / "run" / "diagnosis.json").read_text())["verdict"] == "unknown"


def test_a_script_is_stopped_after_a_time_and_that_is_no_failure(folder: Path) -> None:
    (folder / "long.py").write_text("import time\nwhile True: time.sleep(0.05)\n")
    answer = unstuck("run", "-o", "run", "--stop-after", "0.5s", "long.py", cwd=folder)
    assert answer.code == 0
    assert json.loads((folder / "run" / "outcome.json").read_text())["how"] == "stopped"


def test_a_missing_module_is_python_s_to_report(folder: Path) -> None:
    answer = unstuck("run", "-m", "no_such_module", cwd=folder)
    assert answer.code == 1
    assert "No module named no_such_module" in answer.err


def test_the_doctor_is_asked_as_the_user_wished(folder: Path, doctor: Doctor, here: Here) -> None:
    here(
        *("run", "--budget", "2m", "--members", "8", "--random-state", "3", "--no-prove"),
        *("--select", "O001,O003", "--ignore", "lr-too-small", "train.py"),
    )
    (asked,) = doctor.asked
    assert (asked.seconds, asked.members, asked.random_state, asked.prove) == (120.0, 8, 3, False)
    assert (asked.select, asked.ignore) == (
        ("missing-zero-grad", "lr-too-small"),
        ("lr-too-small",),
    )


@pytest.mark.parametrize(
    ("says", "fail_on", "status"),
    [
        (diagnosis(), "never", 0),
        (diagnosis(), "cause", 3),
        (diagnosis(), "suspect", 3),
        (diagnosis(findings=(suspect(),)), "cause", 0),
        (diagnosis(findings=(suspect(),)), "suspect", 3),
        (diagnosis(findings=(note(),)), "suspect", 0),
        (healthy(), "suspect", 0),
    ],
)
def test_a_finding_fails_the_run_only_where_the_user_asked_for_it(
    folder: Path, doctor: Doctor, here: Here, says: Any, fail_on: str, status: int
) -> None:
    doctor.says = says
    assert here("run", "--fail-on", fail_on, "train.py").code == status


def test_a_script_that_fails_keeps_its_code_whatever_is_found(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    (folder / "end.py").write_text("raise SystemExit(7)")
    assert here("run", "--fail-on", "cause", "end.py").code == 7


def test_the_last_line_repeats_the_script_s_arguments(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    err = here("run", "--no-prove", "train.py", "--name", "a b").err
    assert err.splitlines()[-1] == "unstuck fix train.py --name 'a b'"


def test_run_alone_never_starts_the_script_again(folder: Path, doctor: Doctor, here: Here) -> None:
    here("run", "train.py")
    assert doctor.verifications == 0


def test_rerun_proves_what_memory_could_not_follow(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    doctor.says, doctor.only_runs_tell = diagnosis(prescription=None), True
    here("run", "train.py")
    assert doctor.proofs == 0
    here("run", "--rerun", "train.py")
    assert (doctor.proofs, doctor.verifications) == (1, 0)


def test_rerun_verifies_the_patch(folder: Path, doctor: Doctor, here: Here) -> None:
    here("run", "--rerun", "train.py")
    assert doctor.verifications == 1


def test_without_a_patch_rerun_has_nothing_to_run(folder: Path, doctor: Doctor, here: Here) -> None:
    doctor.says = diagnosis(prescription=None)
    here("run", "--rerun", "train.py")
    assert doctor.verifications == 0


def test_a_failure_of_ours_is_one_line_and_not_the_script_s(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    doctor.breaks = ZeroDivisionError("of our own")
    answer = here("run", "-o", "run", "--json", "out.json", "train.py")
    assert answer.code == 0
    assert "Traceback" not in answer.err
    assert "ZeroDivisionError: of our own" in answer.err
    assert "Traceback" in (folder / "run" / "trouble.log").read_text()
    assert json.loads((folder / "out.json").read_text())["verdict"] == "unknown"


def test_an_interrupt_during_the_proofs_tells_what_is_known_without_them(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    doctor.breaks = KeyboardInterrupt()
    answer = here("run", "train.py")
    assert [options.prove for options in doctor.asked] == [True, False]
    assert answer.code == 0
    assert "inputs-unscaled" in answer.err


def test_an_interrupt_after_one_that_ended_the_script_ends_everything(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    (folder / "end.py").write_text("raise KeyboardInterrupt")
    doctor.breaks = KeyboardInterrupt()
    answer = here("run", "-o", "run", "end.py")
    assert answer.code == 130
    assert answer.err.endswith("unstuck: stopped; the recording is in run\n")


def test_a_json_file_that_can_no_longer_be_written_is_one_line(
    folder: Path, doctor: Doctor, here: Here
) -> None:
    (folder / "to").mkdir()
    (folder / "rm.py").write_text("import os; os.rmdir('to')")
    answer = here("run", "--json", "to/out.json", "rm.py")
    assert answer.code == 0
    assert "unstuck: to/out.json was not written: " in answer.err
