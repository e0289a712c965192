"""Diffs that other tools take, files that keep their form, and writing that is all or nothing."""

import hashlib
import os
import stat

import pytest
from patching import as_git_does, as_patch_does, code, where

from unstuck.core.edits import ClearGradients, Edit, MoveClear, SetArgument, SetSteps
from unstuck.core.recording import Where
from unstuck.core.trial import Patch
from unstuck.patch import Unpatchable, apply, encoded, write

SCRIPT = code("""
    # coding: {coding}
    # Größe
    import torch
    net, opt = build("é")
    opt = torch.optim.SGD(net.parameters(), lr=0.01)



    for epoch in range(10):
    \tloss = f(net)
    \tloss.backward()
    \topt.step()
    \tprint("très bien", loss)""")

FORMS = {
    "plain": (SCRIPT.format(coding="utf-8") + "\n").encode(),
    "no newline at the end": SCRIPT.format(coding="utf-8").encode(),
    "windows": (SCRIPT.format(coding="utf-8") + "\n").replace("\n", "\r\n").encode(),
    "latin": (SCRIPT.format(coding="latin-1") + "\n").encode("latin-1"),
    "mark": b"\xef\xbb\xbf" + SCRIPT.format(coding="utf-8").encode(),
    "form feed": (SCRIPT.format(coding="utf-8") + "\n").replace("\n\n\n", "\n\x0c\n\n").encode(),
    "mixed line ends": (SCRIPT.format(coding="utf-8") + "\n").replace("SGD(", "SGD(\r\n ").encode(),
}


def edits(text: str, file: str = "train.py") -> list[Edit]:
    text = text.replace("\r\n", "\n")
    return [
        SetArgument(where(text, "lr=", file), "SGD", "lr", 1, 0.1, 0.01),
        SetSteps(where(text, "opt.step", file), 10),
        ClearGradients(where(text, "backward", file), where(text, "opt.step", file)),
    ]


def of_form(form: str) -> tuple[bytes, Patch]:
    data = FORMS[form]
    text = data.decode("latin-1" if form == "latin" else "utf-8-sig")
    return data, write(edits(text), read={"train.py": data}.__getitem__)


@pytest.mark.parametrize("form", FORMS)
def test_git_makes_the_same_of_the_diff(form, tmp_path):
    data, patch = of_form(form)
    made = as_git_does(tmp_path, {"train.py": data}, encoded(patch))["train.py"]
    assert made == patch.files["train.py"].encode("latin-1" if form == "latin" else "utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_patch_makes_the_same_of_the_diff(form, tmp_path):
    data, patch = of_form(form)
    made = as_patch_does(tmp_path, {"train.py": data}, encoded(patch))["train.py"]
    assert made == patch.files["train.py"].encode("latin-1" if form == "latin" else "utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_every_other_line_keeps_its_bytes(form):
    data, patch = of_form(form)
    before = data.split(b"\n")
    after = patch.files["train.py"].encode("latin-1" if form == "latin" else "utf-8").split(b"\n")
    assert len(after) == len(before) + 1
    assert len(set(before) - set(after)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_applying_writes_the_patched_bytes(form, tmp_path, monkeypatch):
    data, patch = of_form(form)
    (tmp_path / "train.py").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    apply(patch, expected={"train.py": hashlib.sha256(data).hexdigest()})
    made = (tmp_path / "train.py").read_bytes()
    assert made == patch.files["train.py"].encode("latin-1" if form == "latin" else "utf-8")


def test_mode_bits_stay_and_nothing_else_is_left_behind(tmp_path):
    path = tmp_path / "train.py"
    path.write_bytes(FORMS["plain"])
    path.chmod(0o750)
    apply(write(edits(FORMS["plain"].decode(), str(path))), expected={})
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert os.listdir(tmp_path) == ["train.py"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.py").write_bytes(FORMS["plain"])
    link = tmp_path / "train.py"
    link.symlink_to("real.py")
    apply(write(edits(FORMS["plain"].decode(), str(link))), expected={})
    assert link.is_symlink()
    assert "zero_grad" in (tmp_path / "real.py").read_text("utf-8")


def test_a_file_that_changed_since_the_run_is_refused_and_no_file_is_touched(tmp_path):
    text = FORMS["plain"].decode()
    paths = [str(tmp_path / "a.py"), str(tmp_path / "b.py")]
    for path in paths:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    patch = write([e for path in paths for e in edits(text, path)])
    digest = hashlib.sha256(text.encode()).hexdigest()
    with open(paths[1], "a", encoding="utf-8") as file:
        file.write("# a note\n")
    with pytest.raises(Unpatchable, match=r"b\.py has changed since the run"):
        apply(patch, expected=dict.fromkeys(paths, digest))
    with open(paths[0], encoding="utf-8") as file:
        assert file.read() == text


def test_a_change_is_noticed_without_a_digest_too(tmp_path):
    path = tmp_path / "train.py"
    path.write_bytes(FORMS["plain"])
    patch = write(edits(FORMS["plain"].decode(), str(path)))
    path.write_bytes(FORMS["plain"].replace(b"range(10)", b"range(11)"))
    with pytest.raises(Unpatchable, match="since the patch was made"):
        apply(patch, expected={str(path): None})


def test_a_file_that_is_gone_is_refused(tmp_path):
    patch = Patch({str(tmp_path / "gone.py"): "x = 1\n"}, "")
    with pytest.raises(Unpatchable, match=r"gone\.py cannot be read"):
        apply(patch, expected={})


def test_paths_in_the_diff_are_relative_to_the_root(tmp_path):
    (tmp_path / "my code").mkdir()
    path = tmp_path / "my code" / "größe.py"
    path.write_bytes(FORMS["plain"])
    patch = write(edits(FORMS["plain"].decode(), str(path)), root=tmp_path)
    assert patch.diff.startswith("--- a/my code/größe.py\t\n+++ b/my code/größe.py\t\n@@ ")
    made = as_git_does(tmp_path, {"my code/größe.py": FORMS["plain"]}, encoded(patch))
    assert made["my code/größe.py"].decode() == patch.files[str(path)]


def test_paths_outside_of_the_root_are_given_from_the_top(tmp_path):
    (tmp_path / "here").mkdir()
    path = tmp_path / "train.py"
    path.write_bytes(FORMS["plain"])
    patch = write(edits(FORMS["plain"].decode(), str(path)), root=tmp_path / "here")
    assert patch.diff.startswith(f"--- a{path}\n")


def test_several_files_come_in_one_diff(tmp_path):
    files = {
        "a.py": b"# coding: latin-1\nopt = SGD(w, lr=0.01)  # \xe9\n",
        "b.py": "loss.backward()  # é\nopt.zero_grad()\n".encode(),
    }
    changes = [
        SetArgument(Where("a.py", 2), "SGD", "lr", 1, 0.1, 0.01),
        MoveClear(Where("b.py", 2), Where("b.py", 1)),
    ]
    patch = write(changes, read=files.__getitem__)
    assert as_git_does(tmp_path, files, encoded(patch)) == {
        "a.py": b"# coding: latin-1\nopt = SGD(w, lr=0.1)  # \xe9\n",
        "b.py": "opt.zero_grad()\nloss.backward()  # é\n".encode(),
    }


def test_the_order_of_edits_does_not_matter():
    text = FORMS["plain"].decode()
    reader = {"train.py": text.encode()}.__getitem__
    assert write(edits(text), read=reader) == write(edits(text)[::-1], read=reader)


def test_no_edits_are_no_change():
    assert write([]) == Patch({}, "")


def test_a_value_that_is_there_already_is_no_change():
    edit = SetArgument(Where("a.py", 1), "SGD", "lr", 1, 0.01, 0.01)
    assert write([edit], read={"a.py": b"SGD(w, lr=0.01)\n"}.__getitem__) == Patch({}, "")


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (b"x = (\n", "not valid Python"),
        (b"# coding: nonsense\n", "cannot be read"),
        (b"x = '\xe9'\n", "cannot be read"),
    ],
)
def test_what_is_not_python_is_refused(data, because):
    with pytest.raises(Unpatchable, match=because):
        write([MoveClear(Where("a.py", 1), Where("a.py", 1))], read=lambda path: data)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(Unpatchable, match=r"nowhere\.py cannot be read"):
        write([MoveClear(Where("nowhere.py", 1), Where("nowhere.py", 1))])


def test_two_edits_that_contradict_each_other_are_refused():
    text = "opt = SGD(w, lr=0.01)\n"
    first = SetArgument(Where("a.py", 1), "SGD", "lr", 1, 0.1, 0.01)
    second = SetArgument(Where("a.py", 1), "SGD", "lr", 1, 0.5, 0.01)
    with pytest.raises(Unpatchable, match="both"):
        write([first, second], read={"a.py": text.encode()}.__getitem__)
