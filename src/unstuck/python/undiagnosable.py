"""The one error of this package: what was given cannot be diagnosed, and what to give instead."""


class Undiagnosable(ValueError):
    """What was given cannot be diagnosed; the message says what it was and what to do."""
