"""Small scripts, each with one trait of python in it that a runner could get wrong."""

import io
import zipfile

from running import HERE, Case


def script(source: str, **rest: object) -> Case:
    return Case(files={"train.py": source}, **rest)


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


DUNDERS = """
import sys
print(sorted(globals()))
main = sys.modules["__main__"]
assert vars(main) is globals()
for name in ("__name__", "__file__", "__doc__", "__package__", "__spec__", "__cached__"):
    print(name, repr(globals().get(name, "missing")))
print(type(__loader__), getattr(__loader__, "name", 0), getattr(__loader__, "path", 0))
print(type(__builtins__), globals().get("__annotations__"))
"""

START = """
import sys, os
print(sys.argv, sys.orig_argv, sys.path, os.getcwd(), sys.flags, sys.warnoptions, sys._xoptions)
print(sys.executable, sys.prefix, sys.dont_write_bytecode)
print([type(f) if not isinstance(f, type) else f for f in sys.meta_path], sys.path_hooks[0])
print(list(os.environ.items()))
import subprocess
print(subprocess.run(["env"], capture_output=True, text=True).stdout)
print(sys.stdout.encoding, sys.stdout.line_buffering, sys.stdout.write_through, sys.stdin)
"""

STACK = """
import inspect, sys, traceback, warnings
def depth():
    return len(inspect.stack())
print(depth(), sys._getframe().f_back)
traceback.print_stack()
warnings.warn("from here")
warnings.warn("from outside", stacklevel=2)
limit = 0
def recurse(n):
    global limit
    limit = n
    recurse(n + 1)
try:
    recurse(0)
except RecursionError:
    print(limit)
"""

CHAINED = """
def inner():
    raise KeyError("a")
def outer():
    try:
        inner()
    except KeyError as error:
        raise ValueError("b") from error
try:
    outer()
except ValueError:
    raise RuntimeError("c")
"""

GROUP = """
def part(n):
    raise ValueError(n)
errors = []
for n in range(3):
    try:
        part(n)
    except ValueError as error:
        error.add_note("a note")
        errors.append(error)
raise ExceptionGroup("several", [*errors, ExceptionGroup("nested", [TypeError("x")])])
"""

ATEXIT = """
import atexit, sys, threading, time
def late(n):
    print("late", n, "__file__" in globals(), flush=True)
atexit.register(late, 1)
atexit.register(late, 2)
def fails():
    raise ValueError("in atexit")
atexit.register(fails)
def slow():
    time.sleep(0.1)
    print("thread done", flush=True)
    atexit.register(late, 3)
threading.Thread(target=slow).start()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("main done", flush=True)
class Last:
    def __del__(self):
        print("deleted")
last = Last()
"""

MULTI = """
import multiprocessing, os, pickle, sys
class Point:
    def __init__(self, x):
        self.x = x
def work(point):
    names = [n for n in os.environ if "UNSTUCK" in n]
    ours = [m for m in sys.modules if m.partition(".")[0] == "unstuck"]
    known = ours if multiprocessing.get_start_method() == "spawn" else []
    return point.x * 2, names, known, __name__, type(point).__module__
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    print(pickle.loads(pickle.dumps(Point(3))).x, pickle.dumps(Point)[:40])
    with multiprocessing.Pool(2) as pool:
        print(pool.map(work, [Point(1), Point(2), Point(3)]))
    process = multiprocessing.Process(target=sys.exit, args=(7,))
    process.start()
    process.join()
    print(process.exitcode)
"""

FORKED = """
import os, sys
print("before", flush=True)
pid = os.fork()
if pid == 0:
    sys.exit(4)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
sys.exit(5)
"""

SOURCE = """
import inspect, linecache, doctest, dataclasses, typing
def here(a):
    '''
    >>> here(1)
    2
    '''
    return a + 1
class There: pass
@dataclasses.dataclass
class Data:
    x: "int" = 1
print(inspect.getsource(here), inspect.getsource(There), inspect.getfile(here))
print(linecache.getline(__file__, 2), doctest.testmod(), typing.get_type_hints(Data))
"""

HOOK = """
import sys
def hook(kind, error, trace):
    print("hook", kind, error, trace.tb_frame.f_code.co_filename, trace.tb_next, sys.last_value)
sys.excepthook = hook
raise ValueError("x")
"""

BAD_HOOK = """
import sys
def hook(kind, error, trace):
    raise TypeError("in the hook")
sys.excepthook = hook
raise ValueError("x")
"""

THREAD_RAISES = """
import threading, sys
def bad():
    raise ValueError("in a thread")
def leave():
    sys.exit(3)
for target in (bad, leave):
    thread = threading.Thread(target=target, name="t")
    thread.start()
    thread.join()
print("on")
"""

MIXED_STREAMS = """
import sys, os
print("one")
print("two", file=sys.stderr)
os.write(1, b"three\\n")
sys.stdout.buffer.write(b"four \\xc3\\xa4\\n")
sys.stdout.write("no newline at the end")
"""

LAZY_EXIT = """
import logging, sys, asyncio
logging.basicConfig(format="%(filename)s %(funcName)s %(message)s")
def f():
    logging.warning("w", stack_info=True)
f()
async def main():
    await asyncio.sleep(0)
    raise LookupError("in a task")
asyncio.run(main())
"""

REEXEC = """
import os, sys
if len(sys.argv) == 1:
    print("first", flush=True)
    os.execv(sys.executable, [sys.executable, "-B", __file__, "again"])
print("second", [n for n in os.environ if "UNSTUCK" in n], sys.argv)
sys.exit(6)
"""

ARGPARSE = """
import argparse
parser = argparse.ArgumentParser(description="a script")
parser.add_argument("--lr", type=float)
print(parser.parse_args())
"""

UNITTEST = """
import os, unittest
class T(unittest.TestCase):
    def test_fails(self):
        self.assertEqual(1, len(self.id()))
unittest.main(argv=["x"], verbosity=0, exit=True, testRunner=unittest.TextTestRunner(
    stream=open(os.devnull, "w")))
"""

FAULT = """
import faulthandler, sys
def deep():
    faulthandler.dump_traceback(all_threads=False)
deep()
"""

SITE = """
import sys
print("sitecustomize", "sitecustomize" in sys.modules, getattr(sys, "marked", None))
import sitecustomize
print(sitecustomize.__file__)
"""

EXITS = ("", "0", "3", "'text'", "None", "True", "-1", "256", "[1, 2]", "(5,)", "2.5")

CASES: dict[str, Case] = {
    "prints": script("import sys\nprint('hello', sys.argv)", argv=("--lr", "0.1", "-m", "--", "é")),
    "is the main module": script(DUNDERS),
    "starts as under python": script(START),
    "starts in a subfolder": Case(files={"a/b/t.py": START, "a/b/m.py": ""}, target="a/b/t.py"),
    "has nobody below it on the stack": script(STACK),
    "raises": script("def f():\n    raise ValueError('x')\nf()"),
    "raises a chain": script(CHAINED),
    "raises a group": script(GROUP),
    "raises without arguments": script("raise ValueError"),
    "raises its own class": script("class Mine(Exception): pass\nraise Mine('é', 1)"),
    "raises a BaseException": script("raise BaseException('x')"),
    "raises what has no text": script("class E(Exception):\n def __str__(s): 1/0\nraise E"),
    "raises while memory is freed": script("class D:\n def __del__(s): 1/0\nD()\nprint(1)"),
    "is no python": script("x = (\nprint(1"),
    "has a bad indentation": script("if 1:\nx=1"),
    "has null bytes": Case(files={"train.py": b"x=1\0\n"}),
    "imports what is no python": Case(files={"train.py": "import b", "b.py": "a b"}),
    "imports what is missing": script("import not_there_at_all"),
    "imports what raises": Case(
        files={"train.py": "import b", "b.py": "import c", "c.py": "1/0"},
    ),
    "recurses": script("def f(): f()\nf()"),
    "has a hook for exceptions": script(HOOK),
    "has a failing hook": script(BAD_HOOK),
    "leaves in its hook": script("import sys\nsys.excepthook = lambda *a: sys.exit(8)\n1/0"),
    "threads fail": script(THREAD_RAISES),
    "works after its end": script(ATEXIT),
    "leaves in atexit": script("import atexit, sys\natexit.register(sys.exit, 4)\nprint(1)"),
    "leaves at once in atexit": script("import atexit, os\natexit.register(os._exit, 4)"),
    "leaves without a word": script("import os\nprint('lost')\nos._exit(5)"),
    "interrupts itself": script("def f():\n    raise KeyboardInterrupt\nf()"),
    "interrupts with a text": script("raise KeyboardInterrupt('why')"),
    "is terminated": script("import os, signal\nprint(1)\nos.kill(os.getpid(), signal.SIGTERM)"),
    "is killed": script("import os, signal\nprint(1)\nos.kill(os.getpid(), signal.SIGKILL)"),
    "crashes": script("import faulthandler\nfaulthandler._sigsegv()"),
    "aborts": script("import os\nos.abort()"),
    "spawns": script(MULTI, argv=("spawn",)),
    "forks": script(MULTI, argv=("fork",)),
    "forks by itself": script(FORKED),
    "executes itself": script(REEXEC),
    "reads its own source": script(SOURCE),
    "mixes its streams": script(MIXED_STREAMS),
    "reads its input": script(
        "print(input('name? '))\nimport sys\nprint(sys.stdin.read())", stdin=b"a\nb\nc"
    ),
    "reads beyond its input": script("input()"),
    "has a help text": script(ARGPARSE, argv=("--help",)),
    "refuses an option": script(ARGPARSE, argv=("--lrr",)),
    "logs with the stack": script(LAZY_EXIT),
    "is a test": script(UNITTEST),
    "dumps its stack": script(FAULT),
    "writes files": script("open('out.txt', 'w').write('x')\nopen('o.bin','wb').write(b'1')"),
    "is in latin-1": Case(
        files={"train.py": "# coding: latin-1\nprint('\xe4', ascii('\xe4'))".encode("latin-1")}
    ),
    "is in an unknown encoding": script("# coding: klingon\nprint(1)"),
    "is not in utf-8": Case(files={"train.py": b"print('\xe4')"}),
    "has a byte order mark": Case(files={"train.py": "\ufeffprint(1)".encode()}),
    "has windows line ends": Case(files={"train.py": b"print('''a\r\nb''')\r\n1/0\r\n"}),
    "has no extension": Case(files={"train": DUNDERS}, target="train"),
    "is not there": Case(target="nowhere.py"),
    "is empty": script(""),
    "comes from stdin": Case(target="-", stdin=DUNDERS.encode() + START.encode()),
    "is a folder": Case(files={"app/__main__.py": DUNDERS + START, "app/m.py": ""}, target="app"),
    "is a folder without main": Case(files={"app/m.py": ""}, target="app"),
    "is a folder that raises": Case(files={"app/__main__.py": "def f(): 1/0\nf()"}, target="app"),
    "is an archive": Case(
        files={"app.zip": zipped({"__main__.py": DUNDERS + START + "import m", "m.py": "1/0"})},
        target="app.zip",
    ),
    "is a module": Case(
        files={"pkg/__init__.py": "print('init')", "pkg/mod.py": DUNDERS + START},
        kind="module",
        target="pkg.mod",
        argv=("-c", "x"),
    ),
    "is a package": Case(
        files={"pkg/__init__.py": "", "pkg/__main__.py": "from . import a\n1/0", "pkg/a.py": ""},
        kind="module",
        target="pkg",
    ),
    "is a module that spawns": Case(
        files={"pkg/mod.py": MULTI}, kind="module", target="pkg.mod", argv=("spawn",)
    ),
    "is a missing module": Case(kind="module", target="no_such_module.sub"),
    "is a package without main": Case(files={"pkg/__init__.py": ""}, kind="module", target="pkg"),
    "is a module that is no python": Case(files={"m.py": "a b"}, kind="module", target="m"),
    "is a line of code": Case(kind="code", target=DUNDERS + START, argv=("a", "-c", "b")),
    "is code that raises": Case(kind="code", target="def f():\n    1/0\nf()"),
    "is code that is none": Case(kind="code", target="a b"),
    "meets another sitecustomize": Case(
        files={"train.py": SITE, "env/sitecustomize.py": "import sys\nsys.marked = 1"},
        env={"PYTHONPATH": f"env:{HERE}"},
    ),
    "meets a failing sitecustomize": Case(
        files={
            "train.py": "print(1)",
            "env/sitecustomize.py": "import sys\nif sys.argv[0] == 'train.py': raise ValueError(2)",
        },
        env={"PYTHONPATH": f"env:{HERE}"},
    ),
    "meets a usercustomize": Case(
        files={"train.py": "import sys\nprint(sys.m)", "e/usercustomize.py": "import sys\nsys.m=1"},
        env={"PYTHONPATH": f"e:{HERE}"},
    ),
    "has no PYTHONPATH": script(START, bare=True),
    "has an empty PYTHONPATH": script(START, env={"PYTHONPATH": ""}, observed=False),
    "has a list in PYTHONPATH": script(START, env={"PYTHONPATH": f"a:/b::{HERE}:c:"}),
    "has other variables": script(
        START, env={"PYTHONWARNINGS": "error,ignore::UserWarning", "PYTHONUNBUFFERED": "1"}
    ),
    "has assertions switched off": script(
        "'doc'\nassert 0\nprint(__doc__)" + START, flags=("-O", "-O")
    ),
    "has warnings as errors": script("import warnings\nwarnings.warn('x')", flags=("-W", "error")),
    "is in development mode": script(START + "open('train.py')", flags=("-Xdev",)),
    "has unbuffered output": script(MIXED_STREAMS + START, flags=("-B", "-u")),
    "is run with a safe path": script(START + "import m", flags=("-P",)),
    "is run without user site": script(START, flags=("-s",)),
    "is run in utf-8 mode": script(START, flags=("-Xutf8=0", "-Xint_max_str_digits=999")),
    "ignores variables": script(
        "import sys\nprint(sys.path, hash('a') == hash('a'))\nimport os\nprint(sorted(os.environ.items()))",
        flags=("-E",),
        env={"PYTHONPATH": "a", "PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "1"},
        observed=False,
    ),
    "is isolated": script(
        "import sys\nprint(sys.path, sys.flags.safe_path)\nimport os\nprint(sorted(os.environ.items()))",
        flags=("-I", "-B"),
        observed=False,
    ),
    "is run without site": script(
        "import sys\nprint(sys.path)\nimport os\nprint(sorted(os.environ.items()))",
        flags=("-S",),
        observed=False,
    ),
    "has a custom encoding": script(
        "print('\xe4')", env={"PYTHONIOENCODING": "ascii:backslashreplace"}
    ),
} | {
    f"leaves with {payload or 'nothing'}": script(f"import sys\nsys.exit({payload})")
    for payload in EXITS
}
