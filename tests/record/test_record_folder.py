"""A recording on disk: what is loaded is what was saved, and a stranger's file runs no code."""

import dataclasses
import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.core.recording import SCHEMA, Call, Recording, Site, Table, Where
from unstuck.core.setup import Data, Draw, Loop, Op, Optimizer, Parameter, Plan, Program, Setup
from unstuck.record.folder import Unreadable, load, save


def same(a, b):
    """Equal, arrays by type and content and NaN like NaN."""
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if dataclasses.is_dataclass(a):
        fields = dataclasses.fields(a)
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name)) for f in fields
        )
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b or (a != a and b != b)


SLOT = {"slot": 3}


def made(dtype="float32", value=0.5):
    op = Op("torch.add", (SLOT, 1, 2.5, None, True, "s", {"list": [SLOT]}), {"alpha": 2}, (4,), "m")
    program = Program((op,), (3,), (5,), {7: np.zeros((2, 2), dtype)}, 4, 4)
    draws = (Draw("uniform", (-1.0, 1.0)), Draw("keep"), Draw("fan_uniform", (1.0,), 3))
    start = np.full((2, 3), value, dtype)
    parameters = (
        Parameter(1, "w", start, draws, start + 1, 0),
        Parameter(2, "b", start[0], draws, None, -1),
    )
    plan = Plan("epochs", 2, 7, (np.array([0, 1]), np.array([1, 0])))
    groups = ({"lr": 0.1, "betas": [0.9, 0.999], "foreach": None, "nesterov": False},)
    optimizer = Optimizer("Adam", groups, False, ((3, 0.5),))
    setup = Setup(
        program,
        parameters,
        Data({3: np.ones((2, 3), dtype), 5: np.arange(2)}, False, {3: np.full((2, 3), 1.5, dtype)}),
        plan,
        optimizer,
        Loop("never", 2, True, True, 0.5),
    )
    table = Table("loss", (0, 1), ("loss",), np.array([[value], [np.nan]]))
    return Recording(
        SCHEMA,
        "torch",
        {"torch": "2"},
        "träin.py",
        ("--a", "b c"),
        "finished",
        (Call("step", 0, Where("f.py", 3)), Call("clear", 1, None, "x")),
        (Site("w", "Linear", (2,), (3,), 6, True, Where("f.py", 1)),),
        {"loss": table},
        setup,
        {"loss": Where("f.py", 2)},
        {"draws": "why"},
        {"seconds": 0.5},
        2,
    )


def test_what_is_loaded_is_what_was_saved(tmp_path):
    save(made(), tmp_path)
    assert same(load(tmp_path), made())


@given(
    dtype=st.sampled_from(["float16", "float32", "float64", "int64", "int32", "uint8", "bool"]),
    value=st.sampled_from([0.0, 1.0, 3.0]),
)
def test_every_kind_of_number_is_kept(tmp_path_factory, dtype, value):
    folder = tmp_path_factory.mktemp("kept")
    save(made(dtype, value), folder)
    assert same(load(folder), made(dtype, value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e-45, 0.1])
def test_numbers_that_json_lacks_are_kept(tmp_path, value):
    recording = made("float64", value)
    recording = dataclasses.replace(recording, cost={"seconds": 0.1})
    save(recording, tmp_path)
    assert same(load(tmp_path), recording)


def test_a_recording_without_a_setup_is_kept(tmp_path):
    recording = dataclasses.replace(made(), setup=None)
    save(recording, tmp_path)
    assert same(load(tmp_path), recording)


def test_a_learning_rate_that_is_not_finite_is_kept(tmp_path):
    recording = made()
    optimizer = Optimizer("unknown", ({"lr": float("nan")},), by_hand=True)
    setup = dataclasses.replace(recording.setup, optimizer=optimizer)
    recording = dataclasses.replace(recording, setup=setup)
    save(recording, tmp_path)
    assert same(load(tmp_path), recording)


def test_a_recording_of_a_real_script_is_kept(watch, tmp_path):
    import loops

    recording = watch(loops.CLASS_LOADER).recording
    save(recording, tmp_path)
    assert same(load(tmp_path), recording)


def test_saving_again_replaces_the_recording_and_leaves_no_parts(tmp_path):
    save(made(value=0.5), tmp_path)
    save(made(value=0.25), tmp_path)
    assert same(load(tmp_path), made(value=0.25))
    names = sorted(path.name for path in (tmp_path / "recording").iterdir())
    assert names == ["arrays.npz", "recording.json"]


# --- what cannot be read --------------------------------------------------------------------------


def text(folder):
    return folder / "recording" / "recording.json"


def arrays(folder):
    return folder / "recording" / "arrays.npz"


def refused(folder):
    """The sentence with which this recording is refused."""
    with pytest.raises(Unreadable) as refusal:
        load(folder)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert str(folder) in sentence
    return sentence


def test_a_folder_without_a_recording_is_refused(tmp_path):
    assert "holds no recording" in refused(tmp_path)


@pytest.mark.parametrize("missing", [text, arrays])
def test_half_a_recording_is_refused(tmp_path, missing):
    save(made(), tmp_path)
    missing(tmp_path).unlink()
    assert "is missing" in refused(tmp_path)


@pytest.mark.parametrize("damaged", [text, arrays])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_was_cut_short_is_refused(tmp_path, damaged, share):
    save(made(), tmp_path)
    whole = damaged(tmp_path).read_bytes()
    damaged(tmp_path).write_bytes(whole[: int(share * len(whole))])
    assert "is damaged" in refused(tmp_path)


@pytest.mark.parametrize("damaged", [text, arrays])
def test_every_damaged_byte_is_refused_or_harmless(tmp_path, damaged):
    save(made(), tmp_path)
    whole = damaged(tmp_path).read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        damaged(tmp_path).write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            load(tmp_path)
        except Unreadable as refusal:
            assert "\n" not in str(refusal)


@pytest.mark.parametrize("version", [SCHEMA + 1, 0, "1", None])
def test_another_version_is_refused_by_its_number(tmp_path, version):
    save(made(), tmp_path)
    plain = json.loads(text(tmp_path).read_text())
    text(tmp_path).write_text(json.dumps({**plain, "schema": version}))
    assert f"has version {version}; this version of unstuck reads {SCHEMA}" in refused(tmp_path)


@pytest.mark.parametrize("other", ["[]", "3", "null", '{"schema": 1}', '{"schema": 1, "setup": 3}'])
def test_json_that_is_no_recording_is_refused(tmp_path, other):
    save(made(), tmp_path)
    text(tmp_path).write_text(other)
    refused(tmp_path)


def test_an_array_that_is_not_there_is_refused(tmp_path):
    save(made(), tmp_path)
    with open(arrays(tmp_path), "wb") as file:
        np.savez(file, a0=np.zeros(1))
    assert "is damaged" in refused(tmp_path)


def test_arrays_that_do_not_fit_their_table_are_refused(tmp_path):
    save(made(), tmp_path)
    stored = dict(np.load(arrays(tmp_path)))
    with open(arrays(tmp_path), "wb") as file:
        np.savez(file, **{name: np.zeros((9, 9)) for name in stored})
    assert "is damaged" in refused(tmp_path)


class Planted:
    """Writes a file when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


def test_a_planted_pickle_is_not_executed(tmp_path):
    save(made(), tmp_path)
    trace = tmp_path / "executed"
    planted = np.array([Planted(trace)], dtype=object)
    assert pickle.loads(pickle.dumps(Planted(trace))).close() is None  # it would work
    trace.unlink()
    names = list(np.load(arrays(tmp_path)).files)
    with open(arrays(tmp_path), "wb") as file:
        np.savez(file, **dict.fromkeys(names, planted))
    assert "is damaged" in refused(tmp_path)
    assert not trace.exists()


def test_a_planted_pickle_without_an_arrays_header_is_not_executed(tmp_path):
    save(made(), tmp_path)
    trace = tmp_path / "executed"
    names = list(np.load(arrays(tmp_path)).files)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", pickle.dumps(Planted(trace)))
    arrays(tmp_path).write_bytes(content.getvalue())
    refused(tmp_path)
    assert not trace.exists()


def test_a_program_can_only_name_functions_that_torch_lists():
    from unstuck.replay import Unreplayable, interpret

    setup = made().setup
    for name in ("os.system", "builtins.eval", "torch.load", "torch.hub.load", "torch.ops.x"):
        program = dataclasses.replace(setup.program, ops=(Op(name, ("true",), {}, (4,)),))
        with pytest.raises(Unreplayable, match="not a public torch function"):
            interpret(program)
