"""The system's Chromium, driven by playwright; where there is none, tests that need one are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def launched() -> Iterator[Any]:
    """Yield a browser; skip with the reason where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser is installed: none of {', '.join(NAMES)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


CUT = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return edge.width && (box.left < edge.left - 1 || box.right > edge.right + 1
                          || box.top < edge.top - 1 || box.bottom > edge.bottom + 1);
  }).map(text => text.textContent);
})"""


class Visit:
    """A page that was opened, and everything that it said and asked for."""

    def __init__(
        self, browser: Any, file: Path, *, width: int = 1280, theme: str = "light"
    ) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=theme
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    @property
    def strangers(self) -> list[str]:
        """Addresses beyond the file that were asked for."""
        return [url for url in self.asked if not url.startswith(("file:", "data:"))]

    @property
    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        page = self.page
        return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    @property
    def cut_words(self) -> list[str]:
        """Words of charts that stand out over the chart's edge."""
        found = self.page.evaluate(CUT)
        return [str(word) for word in found]

    def pasted(self) -> str:
        """What the clipboard holds."""
        self.page.evaluate(
            "document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))"
        )
        self.page.locator("#paste").focus()
        self.page.keyboard.press("ControlOrMeta+v")
        return str(self.page.locator("#paste").input_value())

    def close(self) -> None:
        """Close it."""
        self.context.close()
