import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.runner import duration
from unstuck.runner.command import BOOT, command, environment, flags_of, hookable
from unstuck.runner.job import Job


@pytest.mark.parametrize(
    ("typed", "flags"),
    [
        ("python x.py -u", []),
        ("python -u x.py", ["-u"]),
        ("python -Bu -OO -m unstuck -v", ["-B", "-u", "-O", "-O"]),
        (
            "python -W error -Wignore::X -X dev -Xutf8=0 x",
            ["-Werror", "-Wignore::X", "-Xdev", "-Xutf8=0"],
        ),
        ("python -BWerror x", ["-B", "-Werror"]),
        ("python -I -E -s -P x", ["-I", "-E", "-s", "-P"]),
        ("python -i -x -q x", ["-q"]),
        ("python -c print -u", []),
        ("python -uc print", ["-u"]),
        ("python -umunstuck", ["-u"]),
        ("python - -u", []),
        ("python", []),
        ("python --check-hash-based-pycs always -b x", ["--check-hash-based-pycs", "always", "-b"]),
    ],
)
def test_flags_are_read_from_what_was_typed(typed, flags):
    assert flags_of(typed.split()) == flags


@pytest.mark.parametrize(("kind", "switch"), [("script", []), ("module", ["-m"]), ("code", ["-c"])])
def test_the_command_is_what_a_user_would_type(kind, switch):
    job = Job(kind=kind, target="t", argv=("-a", "b"))
    assert command(job, ["-u"]) == [sys.executable, "-u", *switch, "t", "-a", "b"]


def test_flags_that_would_deafen_python_are_spelled_out():
    assert hookable(["-I", "-B", "-E"]) == ["-s", "-P", "-B"]


NAMES = st.sampled_from(["PATH", "HOME", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONWARNINGS"])
TEXTS = st.sampled_from(["", "x", "a:b", os.curdir])


def restored(env):
    """What the start-up hook does, on a dictionary."""
    env = dict(env)
    env.pop("UNSTUCK_BOOT")
    if "UNSTUCK_KEPT_PYTHONPATH" not in env:
        env.pop("PYTHONPATH")
    kept = {name: env.pop(name) for name in list(env) if name.startswith("UNSTUCK_KEPT_")}
    return env | {name.removeprefix("UNSTUCK_KEPT_"): value for name, value in kept.items()}


@given(st.dictionaries(NAMES, TEXTS), st.sampled_from([[], ["-I"], ["-E"], ["-u"]]))
def test_the_environment_can_be_put_back_exactly(base, flags):
    env = environment(base, flags, run_folder=BOOT)
    assert env["PYTHONPATH"].split(os.pathsep)[0] == str(BOOT)
    assert restored(env) == base
    if flags in (["-I"], ["-E"]):
        assert {name for name in env if name.startswith("PYTHON")} == {"PYTHONPATH"}


def test_without_a_hook_the_environment_is_the_users():
    assert environment({"PYTHONPATH": "x"}, ["-S"], None) == {"PYTHONPATH": "x"}


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("5m", 300), ("1.5h", 5400), (" 2 S ", 2), ("0.5s", 0.5)]
)
def test_a_time_is_read(text, value):
    assert duration.seconds(text) == value


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 minutes", "0s", "1e3s", "5mm"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"a time reads like 90s, 5m or 1\.5h, not "):
        duration.seconds(text)
