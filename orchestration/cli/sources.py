"""`bistand sources`: the official sources. Only `refresh` goes out on the network."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.progress import report
from orchestration.settings import load_settings


@click.group()
def sources() -> None:
    """De officiella källorna: hämta, lägga till, visa och jämföra."""


@sources.command()
@click.argument("name", required=False, metavar="[KÄLLA[/DEL]]")
def refresh(name: str | None) -> None:
    """Hämta nya uppgifter: alla källor, eller en (kolada) eller en del av en (kolada/values)."""
    from orchestration.sources.fetching.refresh import refresh as go_out

    outcomes = go_out(load_settings(), name, progress=report)
    failed = [one for one in outcomes if one.snapshot_id is None]
    if failed:
        raise click.ClickException(
            f"{len(failed)} av {len(outcomes)} hämtningar gav inget nytt; se bistand sources status."
        )


@sources.command()
def status() -> None:
    """Visa varje del av varje källa: vad som gäller, hur gammalt det är, när nästa väntas och vad som ändrats sedan förra."""
    from orchestration.sources.fetching.state import status_lines

    for line in status_lines(load_settings()):
        click.echo(line)


# the name it had in 1.0: scripts still say it
sources.add_command(status, "list")


@sources.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", required=True, metavar="KÄLLA/DEL", help="Till exempel kolada/values.")
@click.option("--url", default="", help="Adressen som filerna sparades från.")
def add(files: tuple[Path, ...], source: str, url: str) -> None:
    """Lägg till svar som sparats för hand (en eller flera filer) som en ögonblicksbild."""
    from orchestration.sources.fetching.refresh import add_files

    outcome = add_files(load_settings(), source, list(files), url)
    if outcome.snapshot_id is None:
        raise click.ClickException(outcome.message)
    click.echo(outcome.message)


@sources.command()
@click.argument("source", metavar="KÄLLA")
def diff(source: str) -> None:
    """Visa vad en källa har ändrat i det som redan var hämtat (kolada)."""
    from orchestration.sources.fetching.state import diff_lines

    for line in diff_lines(load_settings(), source):
        click.echo(line)
