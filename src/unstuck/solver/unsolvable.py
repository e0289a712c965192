"""The one error of this package: what was asked for cannot be solved, and what to do instead."""


class Unsolvable(ValueError):
    """What was asked for cannot be solved; the message says what was given and what to do."""
