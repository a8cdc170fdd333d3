"""Commands that help with a file before it is delivered: `bistand deliveries preview` and `new-mapping`."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", help="Läs filen med den här mappningen, också om den är ett utkast.")
def preview(file: Path, mapping: str | None) -> None:
    """Visa vad som skulle läsas ur en fil; inget sparas och personnummer döljs."""
    from orchestration.intake.preview.preview import preview_file, preview_lines

    for line in preview_lines(preview_file(load_settings(), file, mapping)):
        click.echo(line)


@click.command("new-mapping")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Mappningens namn; annars filens.")
def new_mapping(file: Path, name: str | None) -> None:
    """Skriv ett utkast till mappning för en fil, att fylla i."""
    from orchestration.intake.mappings.drafts import write_draft

    target = write_draft(load_settings(), file, name)
    click.echo(f"Utkastet ligger i {target}")
    click.echo(f"Fyll i det och pröva: bistand deliveries preview {file} --mapping {target.stem}")
