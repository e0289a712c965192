"""A group of commands that answers an unknown one with the nearest it has."""

from __future__ import annotations

import click

from unstuck.cli.mistake import nearest


class Commands(click.Group):
    """A group of commands, in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands as they are shown."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; refuse an unknown one with a sentence."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            raise click.UsageError(unknown(args[0], known))
        return super().resolve_command(ctx, args)


def unknown(word: str, known: list[str]) -> str:
    """Return a sentence that says what a mistyped command may have meant."""
    if word.endswith(".py"):
        return f"there is no command {word!r}; to run that script: unstuck run {word}"
    return f"there is no command {word!r}; {nearest(word, known)}"
