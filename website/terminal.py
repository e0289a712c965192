"""The pictures of the README: a real terminal as SVG, a real report as PNG; `python -m website.terminal`.

Both are of the run of XNOR that the site keeps, which is made where it is missing. The PNG needs Chromium and playwright.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from unstuck.casebook import case
from unstuck.cli import page as pages
from unstuck.report.lines import Page
from unstuck.report.marks import UNICODE
from unstuck.report.screen import screen
from unstuck.report.terminal import PAINT
from website.figures import diagnosis, report
from website.runs import ROOT, Made, made
from website.shown import of_case

PLACE = ROOT / "docs" / "pictures"
COLUMNS = 84
FONTS = "ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace"
FORMAT = re.sub(r"\s*@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", FONTS
)
"""rich's own, but for its fonts, which a browser would fetch from elsewhere."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
THEME = TerminalTheme(
    (20, 25, 30),
    (229, 233, 237),
    [(20, 25, 30), (231, 154, 99), (124, 199, 154), (224, 192, 104), (100, 185, 228), (195, 160, 230), (100, 185, 228), (229, 233, 237)],
)  # fmt: skip


def terminal(run: Made) -> str:
    """Return the report of a run as a terminal shows it, as SVG."""
    found = diagnosis(run)
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        highlight=False,
    )
    console.print(Text.assemble(("$ ", "dim"), ("unstuck run --members 32 xnor.py", "bold")))
    with contextlib.chdir(run.folder):
        lines = screen(found, Page(UNICODE, 80, True, 0), pages.source(found, run.run))
    for line in lines:
        console.print(Text.assemble(*((span.text, PAINT[span.style]) for span in line)))
    return console.export_svg(
        title="unstuck", theme=THEME, code_format=FORMAT, font_aspect_ratio=0.6
    )


def photograph(text: str, file: Path) -> None:
    """Write the first screen of an HTML report as PNG."""
    from playwright.sync_api import sync_playwright

    program = next(path for name in BROWSERS if (path := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        shown = Path(folder) / "report.html"
        shown.write_text(text, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1180, "height": 1120}, color_scheme="light")
        view.goto(shown.as_uri())
        view.screenshot(path=file)
        browser.close()


def main() -> None:
    """Make both pictures."""
    wanted = of_case(case("xnor"))
    run = made([wanted], ROOT / "build" / "runs")[wanted.name]
    PLACE.mkdir(exist_ok=True)
    text = "\n".join(line.rstrip() for line in terminal(run).splitlines()) + "\n"
    (PLACE / "terminal.svg").write_text(text, encoding="utf-8")
    photograph(report(run), PLACE / "report.png")
    print(*sorted(PLACE.iterdir()), sep="\n", file=sys.stdout)


if __name__ == "__main__":
    main()
