"""The site: built without a warning from what is here, and looked at in a browser; no runs are made for it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit, launched

from unstuck.casebook import cases
from unstuck.rules import rules

pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install 'unstuck[site]'")

from website.command_pages import commands
from website.links import Page, broken
from website.runs import Made, Wanted, made
from website.staged import section

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole build, with none of the runs."""
    folder = tmp_path_factory.mktemp("built")
    words = [
        "-m",
        "website",
        "--quick",
        "--out",
        str(folder / "site"),
        "--kept",
        str(folder / "runs"),
    ]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []

    def open_(name: str, **more: Any) -> Visit:
        opened.append(Visit(browser, site / name, **more))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def test_every_rule_every_case_and_every_command_has_its_place(site: Path) -> None:
    for rule in rules():
        text = (site / "rules" / f"{rule.name}.html").read_text()
        assert "This build of the site made no run of it." in text
        assert "How it is proved" in text
    assert all((site / "casebook" / f"{one.name}.html").is_file() for one in cases())
    page = Page((site / "reference" / "command-line.html").read_text())
    for words, _ in commands():
        assert words.replace(" ", "-") in page.places


def test_the_interface_is_told_from_its_docstrings(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text()
    for name in ("diagnose", "watch", "fit", "certify", "Diagnosis", "Certificate"):
        assert re.search(rf'id="unstuck\.[\w.]*{name}"', text), name


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>'
        '<a href="https://else.where">4</a><img src="https://else.where/x.png">'
    )
    (tmp_path / "b.html").write_text('<h2 id="there">x</h2>')
    assert broken(tmp_path) == [
        "a.html fetches https://else.where/x.png",
        "a.html links to b.html#gone",
        "a.html links to c.html",
    ]


def test_a_part_of_the_readme_that_is_gone_fails_the_build() -> None:
    assert section("## A\n\nx\n\n## B\n", "A") == "x"
    with pytest.raises(LookupError, match="no section 'C'"):
        section("## A\n", "C")


def test_a_run_that_is_kept_is_not_made_again_and_another_script_is_another_run(
    tmp_path: Path,
) -> None:
    one, other = Wanted("a", "print(1)"), Wanted("a", "print(2)")
    (tmp_path / f"a.{one.key}").mkdir()
    assert made([one], tmp_path) == {"a": Made(tmp_path / f"a.{one.key}")}
    assert made([other], tmp_path, quick=True) == {}


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize(
    "name", ["index.html", "playground.html", "rules/wrong-axis.html", "casebook/index.html"]
)
def test_a_page_fits_says_nothing_and_asks_nobody(
    name: str, width: int, visit: Callable[..., Visit]
) -> None:
    seen = visit(name, width=width)
    assert seen.strangers == []
    assert seen.said == []
    assert seen.overflow <= 0


def test_the_playground_trains_a_cured_network(visit: Callable[..., Visit]) -> None:
    page = visit("playground.html").page
    assert "Ready." in page.locator("#play-verdict").inner_text()
    page.get_by_role("button", name="Train").click()
    page.get_by_text("Stuck. After 10 steps").wait_for()
    page.get_by_role("button", name="A cure").click()
    page.get_by_role("button", name="Train").click()
    page.get_by_text("Learned. After 1,000 steps").wait_for()
    assert page.locator("#play-course path").count() == 1
    assert "bending" in (page.locator("#play-bends svg").get_attribute("aria-label") or "")


def test_the_whole_state_is_in_the_link(visit: Callable[..., Visit]) -> None:
    page = visit("playground.html").page
    page.locator("#play-case").select_option("heart-rate")
    page.locator("#play-scale").select_option("standard")
    page.locator("#play-width").fill("7")
    page.locator("#play-opt").select_option("sgd")
    page.locator("#play-zero").uncheck()
    link = page.url
    assert re.search("case=heart-rate&width=7&.*scale=standard&.*opt=sgd&.*zero=0", link)
    again = page.context.new_page()
    again.goto(link)
    assert again.locator("#play-width").input_value() == "7"
    assert not again.locator("#play-zero").is_checked()
    assert again.url == link


def test_a_link_that_means_nothing_is_the_case_as_it_was_posted(
    visit: Callable[..., Visit],
) -> None:
    page = visit("playground.html").page
    page.goto(page.url.partition("#")[0] + "#case=<b>&width=-3&act=constructor&lr=1e999&steps=x")
    page.reload()
    assert re.search("case=xnor&width=2&depth=2&act=relu&.*lr=0.01&zero=0&steps=10&", page.url)


def test_starts_are_counted(visit: Callable[..., Visit]) -> None:
    page = visit("playground.html").page
    page.get_by_role("button", name="A cure").click()
    page.get_by_role("button", name="Twenty starts").click()
    page.get_by_text(re.compile(r"^(1[5-9]|20) of 20 starts learned\.$")).wait_for()
