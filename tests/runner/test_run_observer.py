import json
import os

import pytest
from running import run


def told(tmp_path):
    return json.loads((tmp_path / "run" / "told.json").read_text())


@pytest.mark.parametrize(
    ("source", "how", "exception"),
    [
        ("x = 1", "finished", None),
        ("import sys; sys.exit(3)", "finished", None),
        ("x = 1; 1/0", "raised", "ZeroDivisionError: division by zero"),
        ("x = (", "raised", "SyntaxError: '(' was never closed (train.py, line 1)"),
        ("class Mine(Exception): pass\nraise Mine", "raised", "Mine"),
        ("import json\njson.loads('')", "raised", "json.decoder.JSONDecodeError: Expecting value:"),
        ("raise KeyboardInterrupt", "interrupted", "KeyboardInterrupt"),
    ],
)
def test_the_observer_learns_how_the_script_ended(tmp_path, source, how, exception):
    outcome = run(tmp_path, source, observer="watching:start", options={"steps": 3})
    seen = told(tmp_path)
    assert seen["options"] == {"steps": 3}
    assert seen["outcome"]["how"] == how
    assert (seen["outcome"]["exception"] or "").startswith(exception or "")
    assert outcome.exception == seen["outcome"]["exception"]


def test_an_exception_that_was_handled_is_no_ending(tmp_path):
    source = "import traceback\ntry:\n    1/0\nexcept Exception:\n    traceback.format_exc()"
    assert run(tmp_path, source, observer="watching:start").how == "finished"


def test_an_exception_reported_by_a_shell_within_is_no_ending(tmp_path):
    source = "import code\ncode.InteractiveInterpreter().runsource('1/0')"
    assert run(tmp_path, source, observer="watching:start").how == "finished"


def test_the_end_comes_after_threads_and_atexit_functions(tmp_path):
    source = (
        "import atexit, threading, time\n"
        "def train(name):\n    time.sleep(0.1)\n    globals()[name] = 1\n"
        "atexit.register(train, 'by_atexit')\n"
        "threading.Thread(target=train, args=('by_thread',)).start()\n"
    )
    run(tmp_path, source, observer="watching:start")
    assert {"by_atexit", "by_thread"} <= set(told(tmp_path)["names"])


def test_a_forked_child_does_not_end_the_observation(tmp_path):
    source = "import os, sys\nif os.fork():\n    os.wait()\n    x = 1\nelse:\n    sys.exit(3)"
    run(tmp_path, source, observer="watching:start")
    assert "x" in told(tmp_path)["names"]
    assert (tmp_path / "run" / "ends").read_text() == "end\n"


def test_without_a_chance_to_end_the_outcome_is_still_told(tmp_path):
    outcome = run(tmp_path, "import os\nos._exit(3)", observer="watching:start")
    assert (outcome.how, outcome.code) == ("exited", 3)
    assert not (tmp_path / "run" / "told.json").exists()


@pytest.mark.parametrize(
    ("observer", "line"),
    [
        ("watching:start_fails", "unstuck: the start of the observer failed: ValueError: no start"),
        ("watching:not_there", "unstuck: the start of the observer failed: AttributeError: "),
        ("not_there:start", "unstuck: the start of the observer failed: ModuleNotFoundError: "),
        ("watching:finish_fails", "unstuck: the end of the observer failed: ValueError: no finish"),
        ("watching:finish_exits", "unstuck: the end of the observer failed: SystemExit: 9"),
    ],
)
def test_a_failing_observer_does_not_touch_the_script(tmp_path, observer, line):
    outcome = run(tmp_path, "print(1); raise SystemExit(4)", observer=observer)
    assert (outcome.code, outcome.how) == (4, "exited")
    assert (outcome.stdout, outcome.stderr) == (b"1\n", b"")
    assert len(outcome.trouble) == 1
    assert outcome.trouble[0].startswith(line)


@pytest.mark.parametrize("observer", ["watching:start_fails", "watching:finish_fails"])
def test_a_failing_observer_is_loud_in_tests(tmp_path, observer):
    loud = {"PYTHONPATH": os.path.dirname(__file__), "UNSTUCK_RAISE": "1"}
    outcome = run(tmp_path, "print(1)", observer=observer, env=loud)
    assert outcome.code == 70
    assert outcome.stderr and b"ValueError: no" in outcome.stderr


def test_an_earlier_runs_files_are_not_taken_for_this_one(tmp_path):
    run(tmp_path, "1/0", observer="watching:start_fails")
    outcome = run(tmp_path, "import os; os._exit(0)", observer="watching:start")
    assert (outcome.how, outcome.exception, outcome.trouble) == ("exited", None, ())
