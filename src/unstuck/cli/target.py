"""What is to be run: a script, a module or code, with its arguments, as python itself would read it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from unstuck.cli import settings
from unstuck.cli.mistake import nearest

Kind = Literal["script", "module", "code"]
FLAGS: dict[str, Kind] = {"-m": "module", "-c": "code"}


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """What python is asked to run."""

    kind: Kind
    target: str
    argv: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that follow `python`, and `unstuck run`."""
        flag = next((flag for flag, kind in FLAGS.items() if kind == self.kind), None)
        return (*([flag] if flag else []), self.target, *self.argv)

    @property
    def label(self) -> str:
        """A short name for folders: the file's or module's last part."""
        if self.kind == "code":
            return "code"
        name = Path(self.target).stem if self.kind == "script" else self.target.rsplit(".", 1)[-1]
        return "".join(c if c.isalnum() or c in "-_" else "-" for c in name) or "script"


def target_of(words: Sequence[str]) -> Target:
    """Return what the words behind our options ask for; refuses a script that python cannot open."""
    if not words:
        raise click.UsageError("name a script to run, such as train.py")
    first, *rest = words
    if first in FLAGS:
        if not rest:
            wanted = "a module's name" if first == "-m" else "code"
            raise click.UsageError(f"{first} needs {wanted} behind it")
        return Target(FLAGS[first], rest[0], tuple(rest[1:]))
    _check_script(Path(first))
    return Target("script", first, tuple(rest))


def _check_script(path: Path) -> None:
    if not path.exists():
        folder = path.parent
        scripts = [str(found) for found in folder.glob("*.py")] if folder.is_dir() else []
        near = nearest(str(path), scripts, otherwise=" ")
        raise click.UsageError(
            f"there is no file {str(path)!r}{'; ' * bool(near.strip())}{near.strip()}"
        )
    if path.is_dir() and not (path / "__main__.py").is_file():
        raise click.UsageError(f"{str(path)!r} is a folder without a __main__.py")
    if not os.access(path, os.R_OK):
        raise click.UsageError(f"{str(path)!r} cannot be read")


class TargetCommand(click.Command):
    """A command whose options end at the first positional word, or at -m or -c, as python's do.

    What is not given on the line or in the environment is looked up in pyproject.toml.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Give the command the defaults that the user's pyproject.toml sets."""
        own = {param.name for param in self.params}
        found = settings.defaults(Path.cwd())
        extra["default_map"] = {name: value for name, value in found.items() if name in own}
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split our options from the script's words, which are left as they are."""
        ours, ctx.meta["words"] = split(args, _valued(self.params))
        return super().parse_args(ctx, ours)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the usage line's pieces."""
        return ["[OPTIONS]", "[SCRIPT | -m MODULE | -c CODE]", "[ARGS]..."]


def words(ctx: click.Context) -> tuple[str, ...]:
    """Return the script's words as `TargetCommand` found them."""
    found: tuple[str, ...] = ctx.meta["words"]
    return found


def split(args: Sequence[str], valued: frozenset[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return our options and the script's words; `valued` names the options that take a value."""
    remaining = iter(range(len(args)))
    for at in remaining:
        word = args[at]
        if word == "--":
            return list(args[:at]), tuple(args[at + 1 :])
        if word[:2] in FLAGS:
            return list(args[:at]), _unjoined(word, args[at + 1 :])
        if word == "-" or not word.startswith("-"):
            return list(args[:at]), tuple(args[at:])
        if _takes_next(word, valued):
            next(remaining, None)
    return list(args), ()


def _unjoined(word: str, rest: Sequence[str]) -> tuple[str, ...]:
    """Return ``-m module …`` for both ``-m module`` and ``-mmodule``."""
    return (word[:2], *([word[2:]] if word[2:] else []), *rest)


def _takes_next(word: str, valued: frozenset[str]) -> bool:
    """Whether the value of this option is the next word."""
    if word.startswith("--"):
        return word in valued
    letters = (f"-{letter}" for letter in word[1:])
    takes = [at for at, letter in enumerate(letters) if letter in valued]
    return bool(takes) and takes[0] == len(word) - 2


def _valued(params: Sequence[click.Parameter]) -> frozenset[str]:
    return frozenset(name for param in _options(params) for name in param.opts)


def _options(params: Sequence[click.Parameter]) -> Iterator[Any]:
    return (p for p in params if isinstance(p, click.Option) and not p.is_flag and not p.count)
