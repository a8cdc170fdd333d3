"""`bistand release`: look at releases on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from orchestration.errors import PlainError
from orchestration.settings import PROFILES, load_settings


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


@release.command("list")
def list_releases() -> None:
    """Visa utgåvorna: id, profil, dag, vilken som gäller, vilka som sparas och vilka som är återkallade."""
    from orchestration.release.store import (
        all_releases,
        current_release,
        is_to_be_withdrawn,
        kept_releases,
        withdrawals,
    )

    settings = load_settings()
    found = all_releases(settings)
    if not found:
        click.echo("Inga utgåvor än; kör bistand run.")
    for one in found:
        own = replace(settings, profile=one.profile)
        current, kept = current_release(own), kept_releases(own)
        notes = ["gäller"] if current and current.release_id == one.release_id else []
        notes += [f"sparas: {kept[one.release_id]}"] if one.release_id in kept else []
        if is_to_be_withdrawn(own, one.release_id):
            notes.append("återkallas när nästa utgåva gäller")
        size = sum(path.stat().st_size for path in one.folder.rglob("*") if path.is_file())
        click.echo(f"{one.release_id}  {size / 1e6:.0f} MB  {'; '.join(notes)}".rstrip())
    for profile in PROFILES:
        for release_id, said in withdrawals(replace(settings, profile=profile)).items():
            if said["withdrawn"]:
                click.echo(f"{release_id}  återkallad {said['withdrawn']}: {said['why']}")


@release.command()
@click.argument("release_id", metavar="ID")
def verify(release_id: str) -> None:
    """Pröva att en utgåvas filer är de som skrevs (samma som sha256sum -c SHA256SUMS i mappen)."""
    from orchestration.release.files import is_whole
    from orchestration.release.store import find_release

    found = find_release(load_settings(), release_id)
    if not is_whole(found.folder):
        raise PlainError(f"Utgåvan {found.release_id} är ändrad: en fil stämmer inte med sin kontrollsumma.")
    click.echo(f"Utgåvan {found.release_id} är hel.")


@release.command()
@click.argument("release_id", metavar="ID")
@click.option("--why", metavar="VARFÖR", help="Var den citeras, eller varför den sparas.")
@click.option("--no-longer", is_flag=True, help="Spara den inte längre.")
def keep(release_id: str, why: str | None, no_longer: bool) -> None:
    """Spara en utgåva som citeras: den tas inte bort för sin ålder."""
    from orchestration.release.store import find_release, keep_release

    if not why and not no_longer:
        raise click.UsageError("Skriv varför den sparas efter --why, eller --no-longer.")
    settings = load_settings()
    found = find_release(settings, release_id)
    keep_release(replace(settings, profile=found.profile), found.release_id, None if no_longer else why)
    click.echo(f"Utgåvan {found.release_id} sparas{' inte längre' if no_longer else ''}.")


@release.command()
@click.argument("release_id", metavar="ID")
def rollback(release_id: str) -> None:
    """Låt en tidigare utgåva gälla igen, tills nästa körning gör en ny."""
    from orchestration.release.store import find_release, roll_back
    from orchestration.run_lock import only_run

    settings = load_settings()
    with only_run(settings):
        found = find_release(settings, release_id)
        roll_back(settings, found)
    click.echo(f"Utgåvan {found.release_id} gäller nu i profilen {found.profile}.")


@release.command()
@click.argument("before_id", metavar="FÖRE")
@click.argument("now_id", metavar="EFTER")
def diff(before_id: str, now_id: str) -> None:
    """Visa vad som skiljer två utgåvor av samma profil, per område, och varför."""
    from orchestration.release.compare import compare, names_of, tell, totals
    from orchestration.release.files import read_manifest
    from orchestration.release.store import find_release

    settings = load_settings()
    before, now = find_release(settings, before_id), find_release(settings, now_id)
    if before.profile != now.profile:
        raise PlainError("Utgåvorna har olika profil och går inte att jämföra; välj två av samma.")
    manifests = (read_manifest(before.folder) or {}, read_manifest(now.folder) or {})
    for line in tell(compare(before, now, manifests), totals(before, now), names_of(now)):
        click.echo(line)


@release.command()
@click.argument("release_id", metavar="ID")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), required=True, help="Mapp som görs, eller sjöns mapp."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "duckdb", "ducklake"]),
    default="csv",
    show_default=True,
)
@click.option(
    "--catalogue",
    envvar="BISTAND_LAKE_CATALOGUE",
    metavar="postgres:dbname=…",
    help="Var DuckLake har sin katalog; annars en fil i mappen.",
)
def export(release_id: str, folder: Path, form: str, catalogue: str | None) -> None:
    """Kopiera en utgåva till en mapp; csv läses rätt av svenska Excel (semikolon, decimalkomma).

    Med ducklake blir utgåvan en ögonblicksbild i en sjö, som kan ha flera och läsas av många.
    """
    from orchestration.release.store import find_release

    release = find_release(load_settings(), release_id)
    if form == "ducklake":
        from orchestration.release.lake import export_to_lake

        number = export_to_lake(release, folder, catalogue)
        click.echo(
            f"{release_id} är ögonblicksbild {number} i {folder}."
            if number
            else f"{release_id} är redan den senaste i {folder}."
        )
        return
    from orchestration.release.export import export_release

    click.echo(f"{export_release(release, folder, form)} filer i {folder}.")


def _folder(release_id: str | None) -> Path:
    """The folder of a release, the latest public one when none is named."""
    from orchestration.release.store import all_releases

    for one in all_releases(load_settings()):
        if one.release_id == release_id or (release_id is None and one.profile == "public"):
            return one.folder
    name = f"Utgåvan {release_id}" if release_id else "En öppen utgåva"
    raise PlainError(f"{name} finns inte i published; kör bistand run, eller ange en som ligger där.")
