"""What was wrong with the words of a command, in Swedish: click says it in English."""

from __future__ import annotations

import click
from click.exceptions import NoSuchCommand


def usage_sentence(error: click.UsageError) -> str:
    """One sentence: what is wrong, and which command to ask for help. One that the house wrote itself is kept."""
    place = error.ctx.command_path if error.ctx else "bistand"
    return f"{_what(error).rstrip('.')}; se {place} --help."


def _what(error: click.UsageError) -> str:
    if isinstance(error, NoSuchCommand):
        return f"kommandot {error.command_name} finns inte"
    if isinstance(error, click.NoSuchOption):
        return f"{error.option_name} finns inte"
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} behöver ett värde"
    if isinstance(error, click.BadParameter) and error.param:
        name = error.param.get_error_hint(error.ctx).replace("'", "")
        if isinstance(error, click.MissingParameter):
            return f"{name} saknas"
        if isinstance(error.param.type, click.Choice):
            return f"{name} ska vara {' eller '.join(error.param.type.choices)}"
        if isinstance(error.param.type, click.IntRange):
            return f"{name} ska vara ett helt tal från {error.param.type.min} till {error.param.type.max}"
        if isinstance(error.param.type, click.types.IntParamType):
            return f"{name} ska vara ett helt tal"
    return (
        "det står fler ord än kommandot tar" if error.message.startswith("Got unexpected") else error.message
    )
