import json
import sys

import pytest
from running import Case, observed, plain

STATE = """
import sys
loaded, cached = sorted(sys.modules), sorted(sys.path_importer_cache)
import atexit, builtins, gc, json, locale, os, random, signal, threading, warnings
random.seed(1)
state = dict(
    loaded=loaded,
    filters=[repr(entry) for entry in warnings.filters],
    path=sys.path,
    threads=[repr(thread.name) for thread in threading.enumerate()],
    thread_count=len(os.listdir("/proc/self/task")),
    handlers=[repr(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    masked=sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    timer=signal.getitimer(signal.ITIMER_REAL),
    random=repr(random.getstate()),
    files=sorted(os.listdir("/proc/self/fd")),
    limits=[sys.getrecursionlimit(), sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()],
    watchers=[repr(sys.gettrace()), repr(sys.getprofile()), gc.callbacks, threading._shutdown.__name__],
    hooks=[sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__],
    finders=[repr(getattr(finder, "__name__", type(finder))) for finder in sys.meta_path],
    cached=cached,
    builtins=sorted(vars(builtins)),
    functions=[builtins.print.__module__, builtins.open.__module__, builtins.__import__.__module__],
    here=[os.getcwd(), os.getpgid(0) == os.getpgid(os.getppid()), os.umask(0)],
    locale=locale.setlocale(locale.LC_ALL),
    environment=sorted(os.environ.items()),
    flags=repr(sys.flags),
    warned=len(warnings.onceregistry),
    main=sorted(vars(sys.modules["__main__"]))[:20],
)
print(json.dumps(state))
"""


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    case = Case(files={"train.py": STATE})
    expected = plain(case, folder / "place")
    seen, _ = observed(case, folder / "place", folder / "run")
    return json.loads(expected.stdout), json.loads(seen.stdout)


def test_the_script_starts_in_the_state_that_python_gives_it(states):
    expected, seen = states
    for name in expected.keys() - {"loaded"}:
        assert seen[name] == expected[name], name


def test_only_the_standard_library_and_we_are_loaded_beforehand(states):
    expected, seen = states
    assert set(expected["loaded"]) <= set(seen["loaded"])
    extra = {name.partition(".")[0] for name in set(seen["loaded"]) - set(expected["loaded"])}
    assert extra <= sys.stdlib_module_names | {"unstuck", "watching"}
    assert not extra & {"threading", "random", "subprocess", "logging", "multiprocessing"}


def test_a_module_written_by_the_script_is_found_at_once(tmp_path):
    source = "open('made.py', 'w').write('x = 1')\nimport made\nprint(made.x)"
    case = Case(files={"train.py": source})
    assert observed(case, tmp_path / "place", tmp_path / "run")[0].stdout == "1\n"
