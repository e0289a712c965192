import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.runner import scratch, supervisor
from unstuck.runner.job import Job
from unstuck.runner.protect import is_protected
from unstuck.runner.redirect import copy_of


@pytest.fixture
def project(tmp_path):
    """A repository with a project in it, as people have them."""
    files = {
        "repo/.git/config": "x",
        "repo/data/x.csv": "1,2",
        "repo/README": "readme",
        "repo/work/train.py": "print('original')",
        "repo/work/model.py": "lr = 1",
        "repo/work/own/a.txt": "a",
        "repo/work/.git/objects": "x" * 1000,
        "repo/work/.venv/pyvenv.cfg": "",
        "repo/work/.venv/bin/python": "x" * 1000,
        "repo/work/__pycache__/m.pyc": "x",
        "repo/work/.unstuck/runs/1/job.json": "x",
        "elsewhere/big.bin": "x" * 5000,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "repo/work/big").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "repo/work/link.txt").symlink_to("own/a.txt")
    return tmp_path / "repo" / "work"


def make(project, tmp_path, **rest):
    return scratch.make(tmp_path / "scratch", cwd=project, script=Path("train.py"), **rest)


def run(project, tmp_path, source, *, edit=None, place="scratch", **settings):
    """Run the project's script, `source`, in a copy, after the patch `edit`."""
    (project / settings.get("target", "train.py")).write_text(source)
    copy = scratch.make(tmp_path / place, cwd=project, script=Path("train.py"), patched=edit or {})
    job = Job(
        **{"kind": "script", "target": "train.py", "stdout": "captured", "stderr": "captured"}
        | settings
    )
    outcome = supervisor.run(scratch.inside(job, copy), tmp_path / "run")
    assert outcome.trouble == ()
    return outcome


def listing(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


def test_the_copy_holds_what_a_script_needs(project, tmp_path):
    made = make(project, tmp_path)
    assert listing(made.cwd) == ["link.txt", "model.py", "own/a.txt", "train.py"]
    assert made.place(project / "model.py") == made.cwd / "model.py"
    assert (made.cwd / "link.txt").resolve() == made.cwd / "own/a.txt"
    assert (made.cwd / "big").resolve() == tmp_path / "elsewhere"
    assert (made.cwd / ".." / "data" / "x.csv").read_text() == "1,2"
    assert tmp_path / "elsewhere" in made.linked


def test_the_patched_text_replaces_the_original_only_in_the_copy(project, tmp_path):
    made = make(project, tmp_path, patched={Path("model.py"): "lr = 2", project / "new.py": "é"})
    assert (made.cwd / "model.py").read_text() == "lr = 2"
    assert (made.cwd / "new.py").read_text(encoding="utf-8") == "é"
    assert (project / "model.py").read_text() == "lr = 1"
    assert not (project / "new.py").exists()


def test_a_script_from_another_folder_is_copied_too(project, tmp_path):
    other = tmp_path / "scripts"
    other.mkdir()
    (other / "t.py").write_text("import helper")
    (other / "helper.py").write_text("print(1)")
    made = scratch.make(tmp_path / "scratch", cwd=project, script=other / "t.py")
    assert set(made.copies) == {project, other}
    assert made.place(other / "helper.py").read_text() == "print(1)"
    relative = os.path.relpath(made.place(other), made.cwd)
    assert relative == os.path.relpath(other, project)


def test_the_package_of_a_patched_file_is_copied(project, tmp_path):
    package = tmp_path / "lib" / "pkg"
    (package / "sub").mkdir(parents=True)
    for name in ("__init__.py", "sub/__init__.py", "sub/net.py", "util.py"):
        (package / name).write_text("")
    made = make(project, tmp_path, patched={package / "sub" / "net.py": "x = 1"})
    assert (made.place(package) / "util.py").exists()
    assert made.place(package / "sub" / "net.py").read_text() == "x = 1"


def test_a_copy_within_the_project_does_not_hold_itself(project):
    made = scratch.make(project / "copies" / "1", cwd=project)
    assert listing(made.cwd) == ["link.txt", "model.py", "own/a.txt", "train.py"]


def test_what_is_too_large_is_refused_before_it_is_copied(project, tmp_path):
    (project / "weights.bin").write_bytes(b"x" * 3_000_000)
    with pytest.raises(scratch.ScratchError) as refused:
        make(project, tmp_path, limit=2_500_000)
    assert str(refused.value) == (
        f"To verify a patch the script is run in a copy of {project}, but that holds 3.0 MB, and "
        f"at most 2.5 MB are copied (the largest: {project}/weights.bin: 3.0 MB; {project}/"
        f"train.py: 17 bytes; {project}/model.py: 6 bytes). Move large files to another folder (a "
        "link to it is followed, not copied), start from a smaller folder, or allow more."
    )
    assert not (tmp_path / "scratch").exists()


def test_too_many_files_are_refused(project, tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "MOST_FILES", 2)
    with pytest.raises(scratch.ScratchError, match="holds more than 2 files"):
        make(project, tmp_path)


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (10**9, "1.0 GB")]
)
def test_sizes_are_said_for_people(size, said):
    assert scratch.said(size) == said


def test_a_patched_script_runs_in_the_copy(project, tmp_path):
    source = "import os, model\nprint(model.lr, os.getcwd(), __file__)\nopen('out.txt', 'w')"
    outcome = run(project, tmp_path, source, edit={Path("model.py"): "lr = 5"})
    copy = tmp_path / "scratch" / project.relative_to("/")
    assert outcome.stdout == f"5 {copy} {copy}/train.py\n".encode()
    assert (copy / "out.txt").exists()
    assert not (project / "out.txt").exists()


def test_a_script_given_by_its_full_path_runs_in_the_copy(project, tmp_path):
    copied = run(project, tmp_path, "print(__file__)", target=str(project / "train.py"))
    assert copied.stdout == f"{tmp_path}/scratch{project}/train.py\n".encode()


WRITES = {
    "open": "open(path, 'a')",
    "open for update": "open(path, 'r+')",
    "a new file": "open(path + '.new', 'x')",
    "os.open": "os.open(path, os.O_WRONLY)",
    "in bytes": "open(os.fsencode(path), 'wb')",
    "pathlib": "pathlib.Path(path).write_text('x')",
    "remove": "os.remove(path)",
    "rename": "os.rename(path, 'here.txt')",
    "replace": "open('here.txt', 'w').close(); os.replace('here.txt', path)",
    "rmdir": "os.rmdir(os.path.dirname(path))",
    "rmtree": "shutil.rmtree(os.path.dirname(path))",
    "mkdir": "os.makedirs(path + 'd/e')",
    "truncate": "os.truncate(path, 0)",
    "copy": "open('here.txt', 'w').close(); shutil.copy('here.txt', path)",
    "move": "shutil.move(path, 'here.txt')",
    "chmod": "os.chmod(path, 0)",
    "link": "os.link('train.py', path + '.new')",
    "symlink": "os.symlink('x', path + '.new')",
    "sqlite": "sqlite3.connect(path)",
    "sqlite by address": "sqlite3.connect(f'file:{path}?mode=rwc', uri=True)",
    "through a link": "open('big/big.bin', 'w')",
    "through ..": "open('../data/x.csv', 'w')",
    "within a folder's fd": "os.unlink('a.txt', dir_fd=os.open(os.path.dirname(path), 0))",
}


@pytest.mark.parametrize("name", WRITES)
def test_the_original_cannot_be_written(project, tmp_path, name):
    source = (
        "import os, pathlib, shutil, sqlite3\n"
        f"path = {str(project / 'own' / 'a.txt')!r}\nassert open(path).read() == 'a'\n"
        f"try:\n    {WRITES[name]}\nexcept PermissionError as error:\n    print(error)\n"
    )
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    outcome = run(project, tmp_path, source)
    assert outcome.stderr == b""
    assert outcome.stdout and outcome.stdout.startswith(
        b"[Errno 13] unstuck runs a copy of this script, and keeps the original unchanged: '"
    )
    del before[project / "train.py"]
    assert before == {path: path.read_bytes() for path in before}


def test_a_forked_process_cannot_write_it_either(project, tmp_path):
    source = (
        "import os\nif os.fork() == 0:\n    try:\n"
        f"        open({str(project / 'own' / 'a.txt')!r}, 'w')\n"
        "    except PermissionError:\n        os._exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))"
    )
    assert run(project, tmp_path, source).stdout == b"3\n"


def test_libraries_that_write_from_compiled_code_are_asked_too(project, tmp_path):
    path = str(project / "own" / "a.pt")
    source = (
        "import torch\ntorch.save({}, 'fine.pt')\ntorch.load('fine.pt')\n"
        f"try:\n    torch.save({{}}, {path!r})\nexcept PermissionError:\n    print('refused')"
    )
    outcome = run(project, tmp_path, source)
    assert (outcome.stdout, outcome.stderr) == (b"refused\n", b"")


def test_other_folders_can_be_written(project, tmp_path):
    source = (
        "import tempfile, os\nopen('x', 'w')\nos.remove('x')\nos.mkdir('d')\nos.rmdir('d')\n"
        f"tempfile.TemporaryDirectory().cleanup()\nopen({str(tmp_path / 'free')!r}, 'w')\n"
        "open(os.devnull, 'w')\n"
        f"import sqlite3\nos.chdir({str(project)!r})\nsqlite3.connect(':memory:')\n"
        "sqlite3.connect('file:model.py?mode=ro', uri=True).close()\n"
        "os.open('model.py', os.O_RDONLY)\nopen('model.py', 'rb')"
    )
    outcome = run(project, tmp_path, source)
    assert (outcome.code, outcome.stderr) == (0, b"")


def test_a_copy_within_the_project_can_be_written(project, tmp_path):
    outcome = run(project, tmp_path, "open('x', 'w')", place="repo/work/.unstuck/copy")
    assert (outcome.code, outcome.stderr) == (0, b"")


def test_a_project_installed_for_development_is_imported_from_the_copy(project, tmp_path):
    for name in ("src/pkg/__init__.py", "src/pkg/net.py", "src/space/part.py", "src/one.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x = 'original'")
    edit = {
        Path("src/pkg/net.py"): "x = 'patched'",
        Path("src/one.py"): "x = 'patched'",
        Path("src/space/part.py"): "x = 'patched'",
    }
    source = (
        "import sys\nsys.path.append(" + repr(str(project / "src")) + ")\n"
        "import pkg.net, one, space.part, json\n"
        "print(pkg.net.x, one.x, space.part.x, json.loads('1'))"
    )
    outcome = run(project, tmp_path, source, edit=edit)
    assert (outcome.stdout, outcome.stderr) == (b"patched patched patched 1\n", b"")


PARTS = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5)
PATHS = PARTS.map(lambda parts: "/" + "/".join(parts))


@given(PATHS, st.dictionaries(PATHS, st.booleans()))
def test_the_innermost_folder_decides(path, rules):
    above = [rule for rule in rules if (path + "/").startswith(rule + "/")]
    assert is_protected(path, rules) == (rules[max(above, key=len)] if above else False)


@given(PATHS)
def test_what_has_no_copy_is_imported_from_where_it_is(path):
    assert copy_of(path, {"/a": "/no/such/folder"}) == path


@given(st.lists(PATHS.map(Path)))
def test_the_outermost_folders_hold_all_others(folders):
    kept = scratch.outermost(folders)
    assert all(any(folder.is_relative_to(top) for top in kept) for folder in folders)
    assert not any(f != g and f.is_relative_to(g) for f in kept for g in kept)
