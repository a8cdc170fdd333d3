"""`bistand release`: look at releases on disk."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.errors import PlainError
from orchestration.settings import load_settings


@click.group()
def release() -> None:
    """Utgåvorna på disken."""


@release.command()
@click.argument("release_id", metavar="[ID]", required=False)
@click.option("--before", metavar="ID", help="En tidigare öppen utgåva som den utomstående också har.")
@click.option("--truth", metavar="ID", help="Den interna utgåvan av samma innehåll: räkna rätt och fel.")
@click.option(
    "--seconds", default=60.0, show_default=True, help="Så länge får HiGHS leta efter mer; 0 hoppar över det."
)
def attack(release_id: str | None, before: str | None, truth: str | None, seconds: float) -> None:
    """Försök räkna fram dolda antal ur en öppen utgåva, som en utomstående skulle göra."""
    from orchestration.release.attack import attack_release
    from orchestration.release.attack.report import tell

    found = attack_release(
        _folder(release_id),
        before=_folder(before) if before else None,
        truth=_folder(truth) if truth else None,
        seconds=seconds,
    )
    for line in tell(found):
        click.echo(line)


def _folder(release_id: str | None) -> Path:
    """The folder of a release, the latest public one when none is named."""
    from orchestration.release.store import list_releases

    releases = list_releases(load_settings())
    for one in releases:
        if one.release_id == release_id or (release_id is None and one.profile == "public"):
            return one.folder
    name = f"Utgåvan {release_id}" if release_id else "En öppen utgåva"
    raise PlainError(f"{name} finns inte i published; kör bistand run, eller ange en som ligger där.")
