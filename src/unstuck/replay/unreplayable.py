"""The reason why a program cannot be run again."""


class Unreplayable(ValueError):
    """The program holds an operation that cannot be run again; the message names it."""
