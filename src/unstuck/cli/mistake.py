"""How a mistake of the user's is answered: one clear sentence that restates the input, and exit 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import click
from click.core import ParameterSource

MISTAKE = 2


def nearest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return ``did you mean …?`` with the nearest known words, or what there is to choose from."""
    words = sorted(known)
    near = difflib.get_close_matches(word.lower(), words, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return otherwise or f"there is {', '.join(words)}"


def sentence(error: click.ClickException) -> str:
    """Return what was wrong, with the place where it was said."""
    if isinstance(error, click.NoSuchOption):
        near = (
            f"; did you mean {' or '.join(sorted(error.possibilities))}?"
            if error.possibilities
            else ""
        )
        return f"there is no option {error.option_name}{near}"
    if isinstance(error, click.MissingParameter):
        return f"{_missing(error)}; see {_help(error)}"
    if isinstance(error, click.BadParameter):
        return f"{_said_where(error)}: {_lower(error.message.removesuffix('.'))}"
    message = error.message if isinstance(error, click.UsageError) else error.format_message()
    return _lower(message.strip().removesuffix("."))


def _missing(error: click.MissingParameter) -> str:
    name = error.param.human_readable_name.upper() if error.param is not None else "an argument"
    return f"{name} is missing"


def _help(error: click.UsageError) -> str:
    return f"`{error.ctx.command_path} --help`" if error.ctx is not None else "`unstuck --help`"


def _said_where(error: click.BadParameter) -> str:
    """Return the option, variable or file in which the bad value stands."""
    param, ctx = error.param, error.ctx
    if param is None or ctx is None or param.name is None:
        return error.param_hint if isinstance(error.param_hint, str) else "a value"
    source = ctx.get_parameter_source(param.name)
    if source is ParameterSource.ENVIRONMENT:
        return str(param.envvar)
    option = max(param.opts, key=len)
    if source is ParameterSource.DEFAULT_MAP:
        return f"{option.lstrip('-')} in [tool.unstuck] of pyproject.toml"
    return option if option.startswith("-") else option.upper()


def _lower(message: str) -> str:
    """Begin in lower case, unless the first word is a name."""
    first = message.split(" ", 1)[0]
    return message if first.isupper() or "'" in first else message[:1].lower() + message[1:]
