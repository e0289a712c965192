"""The HTML report in a real browser: it draws, copies, fits, and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit, launched
from hostile import nasty
from made import DIFF, curved, healthy, nothing_seen
from pictured import pictured

from unstuck.report.page.page import page
from unstuck.report.source import Source

MADE = {"stuck": curved(), "healthy": healthy(), "nothing seen": nothing_seen(), "hostile": nasty()}
MEASURED = {"stuck": pictured()}
CHARTS = 12  # the loss, a trial, and whatever can be measured


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, made in MADE.items():
        found[name] = folder / f"{name}.html"
        told = page(made, Source(("train.py",)), pictures=MEASURED.get(name))
        found[name].write_text(told, encoding="utf-8")
    return found


@pytest.fixture
def visit(browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_(name: str, **more: Any) -> Visit:
        opened.append(Visit(browser, files[name], **more))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.mark.parametrize("name", MADE)
def test_a_page_says_nothing_on_the_console_and_asks_nobody(name: str, visit: Any) -> None:
    seen = visit(name)
    assert seen.said == []
    assert seen.strangers == []


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", MADE)
def test_a_page_is_no_wider_than_its_window(name: str, width: int, visit: Any) -> None:
    seen = visit(name, width=width)
    assert seen.overflow <= 0
    assert seen.cut_words == []


@pytest.mark.parametrize(("width", "kind"), [(375, "phone"), (1280, "wide")])
def test_the_charts_are_drawn_in_the_size_that_fits(width: int, kind: str, visit: Any) -> None:
    seen = visit("stuck", width=width)
    shown = seen.page.locator("figure svg:visible")
    assert shown.count() == CHARTS
    for index in range(2):
        box = shown.nth(index).bounding_box()
        assert box is not None
        assert 250 < box["width"] <= width
        assert box["height"] > 150
        assert shown.nth(index).locator("path").count() > 2
    assert seen.page.locator(f".{kind} svg:visible").count() == CHARTS


def test_the_button_copies_the_patch_byte_for_byte(visit: Any) -> None:
    seen = visit("stuck")
    seen.page.get_by_role("button", name="Copy the patch").first.click()
    seen.page.get_by_role("button", name="Copied").wait_for()
    assert seen.pasted() == DIFF


def test_the_button_is_reached_and_pressed_by_keyboard(visit: Any) -> None:
    seen = visit("stuck")
    for _ in range(10):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.dataset.copy") == "patch":
            break
    seen.page.keyboard.press("Enter")
    seen.page.get_by_role("button", name="Copied").wait_for()
    assert seen.pasted() == DIFF


def test_a_screen_reader_is_told_what_each_chart_shows(visit: Any) -> None:
    images = visit("stuck").page.get_by_role("img")
    names = [images.nth(index).get_attribute("aria-label") for index in range(images.count())]
    assert any("from 0.7412 to 0.6786" in (name or "") for name in names)
    assert any("0/64 networks learned" in (name or "") for name in names)


def test_the_page_follows_the_theme(visit: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = (visit("stuck", theme=theme).page.evaluate(ground) for theme in ("light", "dark"))
    assert light == "rgb(252, 252, 250)"
    assert dark == "rgb(20, 25, 30)"


def test_nothing_is_lost_without_javascript(browser: Any, files: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(files["stuck"].as_uri())
    assert opened.locator("figure svg:visible").count() == CHARTS
    assert "+rates = (rates - 92.6) / 5.5" in opened.locator("#cure + p + .code-block").inner_text()
    context.close()
