import os
import signal
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from unstuck.runner import job as jobs
from unstuck.runner.ending import Ending
from unstuck.runner.job import Job
from unstuck.runner.supervisor import classify


@pytest.mark.parametrize(
    ("source", "how", "code"),
    [
        ("x = 1", "finished", 0),
        ("import sys; sys.exit()", "finished", 0),
        ("import sys; sys.exit(4)", "exited", 4),
        ("import sys; sys.exit('text')", "exited", 1),
        ("1/0", "raised", 1),
        ("import os; os._exit(0)", "exited", 0),
        ("import os; os._exit(6)", "exited", 6),
        ("import os; os.kill(os.getpid(), 9)", "killed", 137),
        ("import os; os.abort()", "killed", 134),
        ("raise KeyboardInterrupt", "interrupted", 130),
        ("import sys\nsys.excepthook = lambda *a: sys.exit(8)\n1/0", "raised", 8),
    ],
)
@pytest.mark.parametrize("observer", [None, "watching:start"])
def test_the_outcome_says_how_the_script_ended(tmp_path, source, how, code, observer):
    outcome = run(tmp_path, source, observer=observer)
    assert (outcome.how, outcome.code) == (how, code)


def test_the_outcome_measures_time_and_memory(tmp_path):
    source = "import time\nb = b'x' * 60_000_000\nt = time.process_time()\n"
    source += "while time.process_time() < t + 0.2: pass\ntime.sleep(0.1)"
    outcome = run(tmp_path, source)
    assert outcome.wall > 0.3
    assert outcome.cpu and 0.2 < outcome.cpu < 2
    assert outcome.memory and 60e6 < outcome.memory < 100e6


def test_streams_can_be_captured(tmp_path):
    outcome = run(tmp_path, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint(input())")
    assert (outcome.stdout, outcome.code) == (b"a\n", 1)
    assert outcome.stderr and outcome.stderr.startswith(b"b\n")


def test_the_input_can_be_empty(tmp_path):
    outcome = run(tmp_path, "import sys\nprint(repr(sys.stdin.read()))", stdin="empty")
    assert outcome.stdout == b"''\n"


def test_the_output_can_go_to_the_error_stream(tmp_path, capfd):
    run(tmp_path, "print('hello')", stdout="stderr", stderr="inherit")
    assert capfd.readouterr() == ("", "hello\n")


def test_the_folder_and_the_environment_can_be_set(tmp_path):
    (tmp_path / "other").mkdir()
    source = "import os\nprint(os.getcwd(), os.environ['A'])"
    (tmp_path / "t.py").write_text(source)
    outcome = run(tmp_path, "", target="../t.py", cwd=tmp_path / "other", env={"A": "b"})
    assert outcome.stdout == f"{tmp_path / 'other'} b\n".encode()


def test_files_that_a_shell_opened_reach_the_script(tmp_path):
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    run(tmp_path, f"import os\nos.write({writer}, b'through')")
    os.close(writer)
    with open(reader, "rb") as pipe:
        assert pipe.read() == b"through"


def test_it_runs_outside_the_main_thread(tmp_path):
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(run(tmp_path, "x = 1")))
    thread.start()
    thread.join()
    assert outcomes[0].how == "finished"


def test_our_own_handlers_come_back(tmp_path):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run(tmp_path, "x = 1")
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


STEPS = """
import sys, time
try:
    for n in range(1000):
        print(n, flush=True)
        sys.step()
        time.sleep(0.01)
finally:
    print("cleaned up")
"""


def test_a_script_is_stopped_quietly_after_some_steps(tmp_path):
    outcome = run(tmp_path, STEPS, observer="watching:start_stopping", options={"steps": 3})
    assert (outcome.how, outcome.code, outcome.exception) == ("stopped", 0, None)
    assert (outcome.stdout, outcome.stderr) == (b"0\n1\n2\ncleaned up\n", b"")


def test_raising_the_exception_itself_stops_a_script_as_well(tmp_path):
    source = "from unstuck.runner.stop import StopTraining\nprint(1)\nraise StopTraining"
    outcome = run(tmp_path, source)
    assert (outcome.how, outcome.code, outcome.stderr) == ("stopped", 0, b"")


def test_a_thread_is_stopped_quietly_too(tmp_path):
    source = "import sys, threading\ndef f():\n    while 1: sys.step()\n"
    source += "thread = threading.Thread(target=f)\nthread.start()\nthread.join()\nprint('end')"
    outcome = run(tmp_path, source, observer="watching:start_stopping", options={"steps": 3})
    assert (outcome.how, outcome.code) == ("stopped", 0)
    assert (outcome.stdout, outcome.stderr) == (b"end\n", b"")


def test_a_script_is_stopped_quietly_after_its_time(tmp_path):
    outcome = run(tmp_path, STEPS, observer="watching:start_stopping", stop_after=0.5)
    assert (outcome.how, outcome.code, outcome.exception) == ("stopped", 0, None)
    assert outcome.stdout and outcome.stdout.endswith(b"cleaned up\n")
    assert outcome.stderr == b""
    assert outcome.wall > 0.5


def test_a_script_without_steps_is_interrupted_after_its_time(tmp_path):
    source = "import time\ntry:\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    print('kept')"
    outcome = run(tmp_path, source, observer="watching:start", stop_after=0.3, grace=0.2)
    assert (outcome.stdout, outcome.how, outcome.code) == (b"kept\n", "stopped", 0)
    assert (tmp_path / "run" / "told.json").exists()


def test_a_script_that_ignores_its_time_is_killed(tmp_path):
    source = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\ntime.sleep(30)"
    outcome = run(tmp_path, source, stop_after=0.3, grace=0.2)
    assert (outcome.how, outcome.code) == ("stopped", 0)
    assert outcome.wall < 20


def test_a_script_that_ends_in_time_is_left_alone(tmp_path):
    outcome = run(tmp_path, "x = 1", observer="watching:start", stop_after=20)
    assert (outcome.how, outcome.code) == ("finished", 0)
    assert outcome.wall < 20


def test_an_observer_that_never_began_is_missed(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o700)
    outcome = run(tmp_path, "print(1)", target="nowhere.py", observer="watching:start")
    assert outcome.code == 2
    assert outcome.trouble == ()


HEAVY = {"click", "libcst", "msgspec", "numpy", "rich", "scipy", "sklearn", "torch"}


def test_the_child_loads_nothing_that_the_script_does_not(tmp_path):
    source = "import sys; print(*{m.split('.')[0] for m in sys.modules})"
    said = run(tmp_path, source, observer="watching:start")
    assert said.code == 0
    assert said.stdout and not HEAVY & set(said.stdout.decode().split())


def test_a_job_survives_its_file(tmp_path):
    job = Job(
        kind="module",
        target="a.b",
        argv=("é", ""),
        cwd=Path("/x"),
        observer="a.b:c",
        options={"x": [1, None]},
        seed_offset=3,
        protect=(Path("/p"),),
        allow=(Path("/q"),),
        redirect={"/a": "/b"},
    )
    jobs.write(job, tmp_path, deadline=1.5)
    assert jobs.read(tmp_path) == (job, 1.5)


@pytest.mark.parametrize("wrong", [{"kind": "x"}, {"observer": "module.function"}])
def test_a_job_that_cannot_be_run_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        Job(**{"kind": "script", "target": "t.py"} | wrong)


ENDINGS = st.none() | st.builds(
    Ending, st.sampled_from(["finished", "raised", "interrupted", "stopped"])
)


@given(st.integers(-64, 255).filter(lambda n: n != -128), ENDINGS, st.booleans(), st.booleans())
def test_a_status_is_one_that_a_shell_could_show(returncode, end, interrupted, stopping):
    how, code = classify(returncode, end, interrupted=interrupted, stopping=stopping)
    assert 0 <= code <= 255
    assert code == 0 or code == returncode or code == 128 - returncode
    assert how != "finished" or code == 0
    assert how != "stopped" or code == 0
