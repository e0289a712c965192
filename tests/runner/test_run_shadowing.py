import pytest
from cases import zipped
from running import HERE, Case, lay_out, observed, plain, run

MODULES = ("json", "random", "html", "pathlib", "contextlib", "select", "dataclasses", "unstuck")
USER = "import sys\nname = 'mine'\n"
IMPORTS = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
        print(name, getattr(module, "name", None), getattr(module, "__file__", None))
    except Exception as error:
        print(name, type(error), error)
"""


def same(case, tmp_path):
    expected = plain(case, tmp_path / "place")
    seen, outcome = observed(case, tmp_path / "place", tmp_path / "run")
    assert seen == expected
    assert outcome.trouble == ()
    assert (tmp_path / "run" / "told.json").exists()
    return seen.stdout


@pytest.mark.parametrize("name", MODULES)
def test_a_file_beside_the_script_is_imported_as_under_python(name, tmp_path):
    case = Case(files={"train.py": IMPORTS, f"{name}.py": USER}, argv=(name,))
    assert f"{name} mine" in same(case, tmp_path)


@pytest.mark.parametrize("name", MODULES)
def test_a_package_beside_the_script_is_imported_as_under_python(name, tmp_path):
    files = {"train.py": IMPORTS, f"{name}/__init__.py": USER, f"{name}/decoder.py": USER}
    assert f"{name} mine" in same(Case(files=files, argv=(name, f"{name}.decoder")), tmp_path)


@pytest.mark.parametrize("name", ("json", "unstuck"))
def test_a_folder_without_init_shadows_nothing(name, tmp_path):
    same(Case(files={"train.py": IMPORTS, f"{name}/other.py": USER}, argv=(name,)), tmp_path)


def test_a_broken_file_hurts_only_a_script_that_imports_it(tmp_path):
    files = {"train.py": "print(1)", "json.py": "a b", "random.py": "1/0", "typing.py": "1/0"}
    assert same(Case(files=files), tmp_path) == "1\n"


def test_files_in_pythonpath_shadow_as_under_python(tmp_path):
    files = {"train.py": IMPORTS, "lib/json.py": USER, "lib/unstuck.py": USER}
    case = Case(files=files, argv=("json", "unstuck"), env={"PYTHONPATH": f"lib:{HERE}"})
    assert same(case, tmp_path).count("mine") == 2


def test_files_in_the_current_folder_shadow_for_a_module(tmp_path):
    case = Case(
        files={"pkg/mod.py": IMPORTS, "json.py": USER},
        kind="module",
        target="pkg.mod",
        argv=("json",),
    )
    assert "json mine" in same(case, tmp_path)


def test_files_in_the_current_folder_shadow_for_a_line_of_code(tmp_path):
    case = Case(files={"json.py": USER}, kind="code", target=IMPORTS, argv=("json",))
    assert "json mine" in same(case, tmp_path)


def test_files_in_the_current_folder_do_not_shadow_with_a_safe_path(tmp_path):
    case = Case(files={"json.py": USER, "train.py": IMPORTS}, argv=("json",), flags=("-P",))
    assert "mine" not in same(case, tmp_path)


def test_files_within_an_archive_shadow(tmp_path):
    archive = zipped({"__main__.py": IMPORTS, "json.py": USER})
    case = Case(files={"app.zip": archive}, target="app.zip", argv=("json",))
    assert "json mine" in same(case, tmp_path)


def test_files_in_a_folder_that_is_run_shadow(tmp_path):
    files = {"app/__main__.py": IMPORTS, "app/json.py": USER}
    assert "json mine" in same(Case(files=files, target="app", argv=("json",)), tmp_path)


def test_files_beside_what_a_link_leads_to_shadow(tmp_path):
    lay_out(tmp_path / "place", {"real/script.py": IMPORTS, "real/json.py": USER})
    (tmp_path / "place" / "link.py").symlink_to("real/script.py")
    outcome = run(tmp_path, "", target="link.py", argv=("json",), observer="watching:start")
    expected = f"json mine {tmp_path}/place/real/json.py\n"
    assert (outcome.stdout, outcome.trouble) == (expected.encode(), ())


def test_what_is_not_shadowed_stays_one_module(tmp_path):
    case = Case(files={"train.py": "import json, sys\nprint(sys.modules['json'] is json)"})
    assert same(case, tmp_path) == "True\n"


def test_our_own_later_imports_ignore_the_users_files(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "json.py").write_text(USER)
    (tmp_path / "place" / "colorsys.py").write_text(USER)
    (tmp_path / "place" / "awaited.py").write_text("import json")
    source = "import json, awaited, colorsys\nprint(json.name, colorsys.name, awaited.seen)"
    outcome = run(tmp_path, source, observer="watching:start_importing_later")
    assert (outcome.stdout, outcome.stderr) == (b"mine mine ['dumps', 'hls_to_rgb']\n", b"")
