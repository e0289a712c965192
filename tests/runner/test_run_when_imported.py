import importlib
import importlib.machinery
import importlib.util
import sys
import traceback

import pytest
from running import Case, observed, plain, run

from unstuck.runner import trouble
from unstuck.runner.imports import when_imported


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of modules, which are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    finders, known = sys.meta_path[:], set(sys.modules)
    yield tmp_path
    assert sys.meta_path == finders
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_the_callback_comes_when_the_module_is_complete(place):
    (place / "first.py").write_text("x = 1\nimport second\ny = 2")
    (place / "second.py").write_text("import first\nassert not hasattr(first, 'y')")
    seen = []
    when_imported("first", lambda module: seen.append((module.__name__, module.y)))
    assert seen == []
    importlib.import_module("first")
    assert seen == [("first", 2)]


def test_a_module_that_is_there_already_is_called_back_at_once():
    seen = []
    when_imported("os.path", seen.append)
    assert seen == [sys.modules["os.path"]]


def test_a_module_that_is_being_imported_is_waited_for(place):
    (place / "asking.py").write_text(
        "import sys\nfrom unstuck.runner.imports import when_imported\nseen = []\n"
        "when_imported(__name__, lambda module: seen.append(module.late))\n"
        "assert not seen\nlate = 1"
    )
    assert importlib.import_module("asking").seen == [1]


def test_each_callback_is_called_once_and_in_order(place):
    (place / "ordered.py").write_text("")
    seen = []
    for n in range(3):
        when_imported("ordered", lambda module, n=n: seen.append(n))
    importlib.import_module("ordered")
    importlib.reload(sys.modules["ordered"])
    del sys.modules["ordered"]
    importlib.import_module("ordered")
    assert seen == [0, 1, 2]


def test_a_submodule_can_be_waited_for(place):
    (place / "pack").mkdir()
    (place / "pack" / "__init__.py").write_text("")
    (place / "pack" / "sub.py").write_text("x = 1")
    seen = []
    when_imported("pack.sub", lambda module: seen.append(module.x))
    importlib.import_module("pack")
    assert seen == []
    importlib.import_module("pack.sub")
    assert seen == [1]


def test_the_module_looks_as_without_us(place):
    (place / "plain_one.py").write_text("spec, loader = type(__spec__), type(__loader__)")
    when_imported("plain_one", lambda module: None)
    module = importlib.import_module("plain_one")
    found = importlib.machinery.PathFinder.find_spec("plain_one")
    assert module.spec.__name__ == "ModuleSpec"
    assert module.loader is type(found.loader)
    assert type(module.__spec__) is type(found)
    assert [*vars(module.__spec__)] == [*vars(importlib.import_module("json").__spec__)]
    assert module.__loader__ is module.__spec__.loader
    assert vars(module.__loader__).keys() == vars(found.loader).keys()


def test_looking_for_a_module_does_not_import_it(place):
    (place / "looked_for.py").write_text("")
    seen = []
    when_imported("looked_for", seen.append)
    spec = importlib.util.find_spec("looked_for")
    assert repr(spec).startswith("ModuleSpec(name='looked_for'")
    assert seen == [] and "looked_for" not in sys.modules
    importlib.import_module("looked_for")
    assert len(seen) == 1


def test_a_module_that_fails_shows_no_frame_of_ours_and_may_come_later(place):
    (place / "failing.py").write_text("1/0")
    seen = []
    when_imported("failing", seen.append)
    with pytest.raises(ZeroDivisionError) as caught:
        import failing  # noqa: F401
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert files == [__file__, str(place / "failing.py")]
    assert seen == []
    (place / "failing.py").write_text("x = 11")
    importlib.invalidate_caches()
    importlib.import_module("failing")
    assert len(seen) == 1


def test_a_missing_module_is_as_missing_as_without_us():
    when_imported("not_there_ever", print)
    with pytest.raises(ModuleNotFoundError, match="No module named 'not_there_ever'"):
        importlib.import_module("not_there_ever")
    from unstuck.runner import imports

    del imports._waiting["not_there_ever"]
    sys.meta_path.remove(imports._finder)


def test_a_failing_callback_becomes_a_line(place, tmp_path, monkeypatch):
    monkeypatch.setattr(trouble, "_folder", tmp_path)
    monkeypatch.delenv("UNSTUCK_RAISE", raising=False)
    (place / "fine.py").write_text("x = 1")
    seen = []
    when_imported("fine", lambda module: 1 / 0)
    when_imported("fine", seen.append)
    assert importlib.import_module("fine").x == 1
    assert len(seen) == 1
    line = (
        "unstuck: a callback after the import of fine failed: ZeroDivisionError: division by zero"
    )
    assert trouble.read(tmp_path) == (line,)


def test_a_module_that_replaces_itself_is_handed_on_as_it_is(place):
    (place / "replaced.py").write_text("import sys\nsys.modules[__name__] = sys")
    seen = []
    when_imported("replaced", seen.append)
    importlib.import_module("replaced")
    assert seen == [sys]


def test_a_failing_import_has_the_traceback_that_python_prints(tmp_path):
    files = {"train.py": "import awaited", "awaited.py": "import b", "b.py": "def f(): 1/0\nf()"}
    case = Case(files=files)
    expected = plain(case, tmp_path / "place")
    seen, _ = observed(case, tmp_path / "place", tmp_path / "run", "watching:start_importing_later")
    assert seen == expected


def test_variables_set_before_an_import_are_heard(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "awaited.py").write_text("import os\nprint(os.environ['THREADS'])")
    source = "import os\nos.environ['THREADS'] = '1'\nimport awaited\nprint(awaited.seen[0])"
    outcome = run(tmp_path, source, observer="watching:start_importing_later")
    assert (outcome.stdout, outcome.trouble) == (b"1\ndumps\n", ())
