"""Commands for the one who keeps it going: `bistand init`, `doctor`, `status`, `watch`, `health` and `backup …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.errors import ExitCode, PlainError
from orchestration.progress import report
from orchestration.settings import CHOICES, load_settings

if TYPE_CHECKING:
    from orchestration.operation.backup import Backup


@click.command()
@click.argument("folder", metavar="MAPP", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--key-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FIL",
    help="Var nyckeln läggs, utanför mappen; annars bredvid den.",
)  # fmt: skip
@click.option(
    "--profile",
    type=click.Choice(list(CHOICES)),
    default="public",
    show_default=True,
    help="Vad som görs här.",
)
def init(folder: Path, key_file: Path | None, profile: str) -> None:
    """Gör en ny plats: mappar, nyckel, inställningar och exempel på scheman. Skriver aldrig över något."""
    from orchestration.operation.starting import start_home

    folder = folder.expanduser().resolve()
    for line in start_home(folder, key_file or folder.with_name(f"{folder.name}.nyckel"), profile):
        click.echo(line)


@click.command()
def doctor() -> None:
    """Pröva om datorn och platsen duger: varje rad är ok, eller säger vad som ska göras."""
    from orchestration.operation.doctor import examine

    faults = 0
    for line in examine(load_settings()):
        click.echo(str(line))
        faults += bool(line.todo and line.is_fault)
    if faults:
        raise PlainError(f"{faults} {'rad' if faults == 1 else 'rader'} ovan säger vad som behöver göras.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="För ett program: samma som /health svarar.")
@click.option("--check", is_flag=True, help="Sluta med 1 när något är allvarligt.")
def status(as_json: bool, check: bool) -> None:
    """Visa senaste körningen, vad som tar plats, och vad någon behöver göra något åt."""
    import json

    from orchestration.operation import status as standing
    from orchestration.operation.findings import find

    settings = load_settings()
    found = find(settings)
    if as_json:
        click.echo(json.dumps(standing.status(settings, found), ensure_ascii=False, indent=1))
    else:
        for line in standing.status_lines(settings, found):
            click.echo(line)
    if check and any(one.is_serious for one in found):
        sys.exit(ExitCode.FAILED)


@click.command()
def watch() -> None:
    """Skicka larm om det som är nytt sedan sist, till dem som inställningarna säger; för ett schema."""
    from orchestration.operation.alerts import tell
    from orchestration.operation.findings import find
    from orchestration.operation.log import note

    settings = load_settings()
    found = find(settings)
    for one in found:
        click.echo(one.text)
    for said in tell(settings, found):
        note(said, event="alert", findings=len(found))
        click.echo(said)


@click.command()
@click.option("--port", default=8502, show_default=True, help="Port på 127.0.0.1.")
def health(port: int) -> None:
    """Svara på http://127.0.0.1:PORT/health: 200 när allt är väl, annars 503."""
    from orchestration.operation.status import serve_health

    server = serve_health(load_settings(), port)
    click.echo(f"Hälsan svarar på http://127.0.0.1:{port}/health (avsluta med Ctrl+C).")
    with server:
        server.serve_forever()


@click.group()
def backup() -> None:
    """Säkerhetskopior av registret och det som hör till."""


_folder_option = click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="MAPP",
    help="Mappen med kopior; annars den i BISTAND_BACKUP_FOLDER.",
)  # fmt: skip


@backup.command()
@_folder_option
def create(folder: Path | None) -> None:
    """Gör en kopia, också medan en körning pågår, pröva den och ta bort för gamla."""
    from orchestration.operation.backup import create_backup
    from orchestration.operation.limits import limit

    settings = load_settings()
    create_backup(settings, _where(folder), int(limit(settings, "backups_kept")), report)


@backup.command("list")
@_folder_option
def show(folder: Path | None) -> None:
    """Visa kopiorna, äldst först."""
    from orchestration.operation.backup import list_backups

    found = list_backups(_where(folder))
    for one in found:
        click.echo(f"{one.name}  {one.made_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        click.echo("Inga säkerhetskopior där; kör bistand backup create.")


@backup.command()
@click.argument("name", metavar="[KOPIA]", required=False)
@_folder_option
def verify(name: str | None, folder: Path | None) -> None:
    """Pröva att varje fil i en kopia är som den skrevs; annars i den senaste."""
    from orchestration.operation.backup import verify_backup

    chosen = _chosen(_where(folder), name)
    click.echo(f"Kopian {chosen.name} är hel: {verify_backup(chosen)} filer.")


@backup.command()
@click.argument("name", metavar="[KOPIA]", required=False)
@_folder_option
@click.option("--replace", is_flag=True, help="Lägg registret som finns där åt sidan.")
def restore(name: str | None, folder: Path | None, replace: bool) -> None:
    """Lägg tillbaka en kopia i BISTAND_HOME; annars den senaste. Nyckeln den gjordes med behövs."""
    from orchestration.operation.backup import restore_backup

    chosen = _chosen(_where(folder), name)
    for line in restore_backup(load_settings(), chosen, replace, report):
        click.echo(line)


def _where(folder: Path | None) -> Path:
    from orchestration.operation.backup import FOLDER_VARIABLE, backup_folder

    chosen = folder.expanduser().resolve() if folder else backup_folder()
    if chosen is None:
        raise PlainError(f"Ange mappen med säkerhetskopior i {FOLDER_VARIABLE}, eller efter --to.")
    return chosen


def _chosen(folder: Path, name: str | None) -> Backup:
    from orchestration.operation.backup import list_backups

    found = list_backups(folder)
    if name:
        found = [one for one in found if one.name == name]
    if not found:
        raise PlainError(f"Kopian finns inte i {folder}; se bistand backup list.")
    return found[-1]
