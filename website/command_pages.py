"""The reference of the command line, from click's own records: what `--help` says, as tables."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import click

from unstuck.cli.group import unstuck

HEAD = """# The command line

Every command and every option, as `--help` has them. Options stand before the script; what follows the script
is the script's. They may also stand in `pyproject.toml` (`[tool.unstuck]`, `budget = "5m"`), or in the variable of the
environment that is named with them.
"""


def command_pages() -> dict[str, str]:
    """Return the one page, by its place."""
    parts = [HEAD, *(_section(name, one) for name, one in commands())]
    return {"reference/command-line.md": "\n\n".join(parts) + "\n"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words that call it, groups before what is in them."""
    yield from _below("unstuck", unstuck)


def _below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=words)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield from _below(f"{words} {name}", found)


def _section(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    parts = [
        f"## {words}",
        _text(command.help or ""),
        fenced(command.get_usage(context).removeprefix("Usage: ")),
    ]
    rows = [row for parameter in command.get_params(context) if (row := _row(parameter, context))]
    if rows:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    examples = re.findall(r"^\s+(unstuck .*)$", command.epilog or "", re.MULTILINE)
    if examples:
        parts.append("For example:\n\n" + fenced("\n".join(examples)))
    return "\n\n".join(part for part in parts if part)


def fenced(text: str) -> str:
    """Return lines as a block of a shell's."""
    return f"```sh\n{text}\n```"


def _row(parameter: click.Parameter, context: click.Context) -> str:
    told = parameter.get_help_record(context)
    if told is None:
        return ""
    variable = f" `{parameter.envvar}`" if isinstance(parameter.envvar, str) else ""
    return f"| `{_cell(told[0], code=True)}` | {_cell(told[1])}{variable} |"


def _cell(text: str, *, code: bool = False) -> str:
    told = " ".join(text.split()).replace("|", "\\|")
    return told if code else re.sub(r"([<>*_])", r"\\\1", told)


def _text(text: str) -> str:
    """Return the help's paragraphs; what click keeps as it is stays a block."""
    parts = []
    for part in re.split(r"\n\s*\n", text.replace("\f", "").strip()):
        lines = part.strip().split("\n")
        kept = lines[0].strip() == "\b"
        parts.append(
            "```text\n" + textwrap.dedent("\n".join(lines[1:])) + "\n```" if kept else _cell(part)
        )
    return "\n\n".join(parts)
