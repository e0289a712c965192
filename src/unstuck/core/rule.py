"""A rule: a name, the quantities that it needs, and a pure check; and the view that it looks through."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from unstuck.core.finding import Finding, NotRun
from unstuck.core.layers import Layer, layers
from unstuck.core.quantities import QUANTITIES
from unstuck.core.recording import Recording, Table, Where
from unstuck.core.setup import Setup


class Undeclared(LookupError):
    """A rule read something that it did not declare."""


class View:
    """A recording seen through a rule's declared needs; reading anything else raises `Undeclared`."""

    __slots__ = ("_needs", "_recording")

    def __init__(self, recording: Recording, needs: Iterable[str]) -> None:
        self._recording = recording
        self._needs = frozenset(needs)

    def table(self, quantity: str) -> Table:
        """Return a declared quantity's table."""
        if quantity not in self._needs:
            raise Undeclared(f"{quantity!r} is not among the declared needs {sorted(self._needs)}")
        return self._recording.tables[quantity]

    def value(self, quantity: str, site: str | None = None, index: int = -1) -> float:
        """Return one number: of this site (the first one by default), at the last step by default."""
        table = self.table(quantity)
        return table.at(site if site is not None else table.sites[0], index)

    @property
    def setup(self) -> Setup:
        """The training procedure; needs ``setup``."""
        if "setup" not in self._needs:
            raise Undeclared("'setup' is not among the declared needs")
        assert self._recording.setup is not None
        return self._recording.setup

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The network's layers in order; needs ``setup``."""
        return layers(self.setup)

    def line(self, role: str) -> Where | None:
        """Return the line of the source that plays this role, None where unknown."""
        return self._recording.lines.get(role)

    @property
    def framework(self) -> str:
        """What the script trains with: ``torch`` or ``keras`` (on torch)."""
        return self._recording.framework

    def built(self, path: str) -> Where | None:
        """Return the line where the module with this path was constructed, None where unknown."""
        return next((site.where for site in self._recording.sites if site.path == path), None)

    def kind(self, path: str) -> str:
        """Return the class of the module with this path, "" where unknown."""
        return next((site.kind for site in self._recording.sites if site.path == path), "")


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One fault. `page` is the module's docstring: what `explain` prints and the site shows.

    needs: names from `QUANTITIES`; without one of them the rule is not run, and says why. answer: it
    is about the data or the measuring, so that there is nothing to change in the script.
    """

    code: str
    name: str
    needs: tuple[str, ...]
    check: Callable[[View], Iterable[Finding]]
    page: str
    answer: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that needs something outside the vocabulary."""
        unknown = [need for need in self.needs if need not in QUANTITIES]
        if unknown:
            raise ValueError(f"rule {self.name}: unknown quantities {unknown}")

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().splitlines()[0]

    def judge(self, recording: Recording) -> list[Finding] | NotRun:
        """Return this rule's findings, or why it could not look."""
        for need in self.needs:
            missing = recording.setup is None if need == "setup" else need not in recording.tables
            if missing:
                because = recording.gaps.get(need, f"{need} was not measured")
                return NotRun("rule", self.name, because)
        return list(self.check(View(recording, self.needs)))
