"""pytest's plugin: the fixture `assert_learns`, and `--unstuck-report DIR`. Imports nothing until it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from unstuck.python.diagnosis import Diagnosis


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("unstuck").addoption(
        "--unstuck-report",
        metavar="DIR",
        default=None,
        help="write a page with pictures for each network that does not learn",
    )


@pytest.fixture(name="assert_learns", scope="session")
def _assert_learns() -> Callable[..., Diagnosis]:
    """`unstuck.testing.assert_learns`, which a test calls with a model, X and y."""
    from unstuck.testing import assert_learns

    return assert_learns


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, Any, None]:
    """Write the page of a network that does not learn, and say where it is."""
    outcome = yield
    folder = item.config.getoption("--unstuck-report")
    diagnosis = getattr(call.excinfo.value, "diagnosis", None) if call.excinfo else None
    if folder is None or diagnosis is None or not hasattr(diagnosis, "save"):
        return
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in item.nodeid)
    page = Path(folder) / f"{name[-120:]}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    diagnosis.save(page)
    outcome.get_result().sections.append(("unstuck", f"the report as a page: {page}"))
