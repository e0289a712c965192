"""The recorder where it lives: in a process of its own that python started, under the supervisor."""

import loops
import numpy as np
import pytest
from nursery import HERE, OBSERVER

from unstuck.record.folder import Unreadable, load
from unstuck.runner import supervisor
from unstuck.runner.job import Job
from unstuck.trial.reproduce import differs

ENDLESS = loops.SEQUENTIAL.replace("range(20)", "range(10**9)")


def supervised(tmp_path, source, observer=OBSERVER, options=None, **limits):
    (tmp_path / "train.py").write_text(source, encoding="utf-8")
    job = Job(
        kind="script",
        target="train.py",
        cwd=tmp_path,
        observer=observer,
        options=options or {},
        env={"OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE)},
        stdout="captured",
        stderr="captured",
    )
    outcome = supervisor.run(job, tmp_path / "run", **limits)
    assert outcome.stderr == b""
    assert outcome.trouble == ()
    return outcome


def test_a_script_is_recorded_as_in_a_fork(tmp_path, watch):
    outcome = supervised(tmp_path, loops.CLASS_LOADER)
    there, here = load(tmp_path / "run"), watch(loops.CLASS_LOADER).recording
    assert (outcome.how, outcome.code, there.ended) == ("finished", 0, "finished")
    assert there.tables["loss"].values.tobytes() == here.tables["loss"].values.tobytes()
    assert there.setup is not None and here.setup is not None
    for one, other in zip(there.setup.parameters, here.setup.parameters, strict=True):
        assert (one.name, one.draws) == (other.name, other.draws)
        assert np.array_equal(one.end, other.end)
    lines = {role: where.line for role, where in there.lines.items()}
    assert lines == {role: where.line for role, where in here.lines.items()}
    assert differs(there) is None


def test_a_killed_run_has_a_recording_of_what_came_before(tmp_path):
    source = ENDLESS + "    if epoch == 100: __import__('os').kill(__import__('os').getpid(), 9)\n"
    outcome = supervised(tmp_path, source, "observers:start_saving_often")
    recording = load(tmp_path / "run")
    assert (outcome.how, recording.ended) == ("killed", "killed")
    assert recording.setup is not None
    assert recording.setup.plan.steps == 101
    assert differs(recording) is None


def test_a_run_that_is_killed_before_it_was_saved_has_none(tmp_path, nursery):
    source = ENDLESS + "    if epoch == 40: __import__('os').kill(__import__('os').getpid(), 9)\n"
    assert nursery.run(source, tmp_path / "run").code == -9
    with pytest.raises(Unreadable, match="holds no recording"):
        load(tmp_path / "run")


def test_a_run_is_stopped_after_so_many_steps(tmp_path):
    outcome = supervised(tmp_path, ENDLESS, options={"stop_after_steps": 12})
    recording = load(tmp_path / "run")
    assert (outcome.how, outcome.code, recording.ended) == ("stopped", 0, "stopped")
    assert recording.setup is not None
    assert recording.setup.plan.steps == 12


def test_a_run_by_hand_is_stopped_after_so_many_steps(nursery, tmp_path):
    source = loops.BARE.replace("range(20)", "range(10**9)")
    assert nursery.run(source, tmp_path, options={"stop_after_steps": 12}).code == 0
    recording = load(tmp_path)
    assert recording.setup is not None
    assert recording.setup.plan.steps == 12


def test_an_update_by_hand_at_the_very_end_is_counted_and_stops_nothing(nursery, tmp_path):
    assert nursery.run(loops.BARE, tmp_path, options={"stop_after_steps": 20}).code == 0
    recording = load(tmp_path)
    assert recording.setup is not None
    assert recording.setup.plan.steps == 20


def test_a_script_that_fails_is_recorded_up_to_there(tmp_path, nursery):
    source = loops.SEQUENTIAL + "    if epoch == 9: raise ValueError('no more')\n"
    run = nursery.run(source, tmp_path)
    assert run.code == 1
    assert run.stderr.endswith("ValueError: no more\n")
    assert "unstuck" not in run.stderr.replace("/unstuck/", "").replace(str(HERE), "")
    recording = load(tmp_path)
    assert recording.ended == "raised"
    assert recording.setup is not None
    assert recording.setup.plan.steps == 10
