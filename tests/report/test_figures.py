"""Pictures as files: whole SVG documents in colours of their own, and PNG where it can be made."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile import nasty
from made import curved
from pictured import pictured

from unstuck.report.figures import NoRenderer, write_png, write_svg
from unstuck.report.picture.drawn import every

SVG = "{http://www.w3.org/2000/svg}"


def test_every_picture_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    drawn = every(curved(), pictured())
    files = write_svg(drawn, tmp_path / "figures")
    assert len({file.name for file in files}) == len(drawn) == 12
    for file in files:
        whole = ElementTree.parse(file).getroot()
        assert whole.tag == f"{SVG}svg"
        assert whole.find(f"{SVG}title") is not None
        assert "var(" not in file.read_text()


def test_hostile_names_make_no_odd_files(tmp_path: Path) -> None:
    for file in write_svg(every(nasty(), None), tmp_path):
        assert file.parent == tmp_path
        ElementTree.parse(file)


def test_a_png_is_drawn_of_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    (png,) = write_png(write_svg(every(curved(), None)[:1], tmp_path))
    assert png.read_bytes().startswith(b"\x89PNG")


def test_without_the_renderer_the_reason_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name == "vl_convert":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(NoRenderer):
        write_png([tmp_path / "a.svg"])
