"""A number a step, in bounded memory: all of the first steps, then evenly thinned."""

from __future__ import annotations

CAPACITY = 8192
"""Points kept at most; when full, every second one after the head is dropped."""

HEAD = 256
"""First steps that are never thinned."""


class Curve:
    """Steps and values; `add` takes what the newest step showed."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []
        self.last: tuple[int, float] | None = None
        self._stride = 1

    def add(self, step: int, value: float) -> None:
        """Keep the value if its step is on the present stride."""
        self.last = (step, value)
        if step >= HEAD and step % self._stride:
            return
        self.steps.append(step)
        self.values.append(value)
        if len(self.steps) >= CAPACITY:
            self._stride *= 2
            kept = [i for i, s in enumerate(self.steps) if s < HEAD or s % self._stride == 0]
            self.steps = [self.steps[i] for i in kept]
            self.values = [self.values[i] for i in kept]

    def points(self) -> tuple[list[int], list[float]]:
        """Return steps and values, the newest included."""
        if self.last is None or (self.steps and self.steps[-1] == self.last[0]):
            return self.steps, self.values
        return [*self.steps, self.last[0]], [*self.values, self.last[1]]
