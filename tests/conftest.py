"""How the suite is run: on one thread a process, and what shares a slow result in one process."""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported; processes inherit it

SLOW = {"test_generated.py", "test_readme.py"}
"""Files whose tests run whole scripts and share the results: they begin first, so none is left last."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests of one script together (`pytest -n 2 --dist loadgroup`)."""
    slow = [item for item in items if item.path.name in SLOW]
    for item in slow:
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{subject(item)}"))
    rest = [item for item in items if item.path.name not in SLOW]
    items[:] = [*slow, *rest]


def subject(item: pytest.Item) -> str:
    """What a test is about: the name of its rule, if it has one."""
    callspec = getattr(item, "callspec", None)
    params = callspec.params if callspec is not None else {}
    rule = params.get("rule")
    return str(params.get("name", "") if rule is None else rule.name)
