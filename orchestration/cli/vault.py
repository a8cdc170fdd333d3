"""Commands for the vault itself: `bistand vault …`. What they ask for is never an argument and never echoed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.progress import report
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.release.store import Release

NEW_VAULT_KEY = "BISTAND_VAULT_NEW_KEY"
NEW_PSEUDONYM_KEY = "BISTAND_PSEUDONYM_NEW_KEY"
_yes_option = click.option("--yes", is_flag=True, help="Fråga inte först.")


@click.group()
def vault() -> None:
    """Registret på disken: nycklar, gallring, radering och arkiv."""


@vault.command()
@click.option("--pseudonyms", is_flag=True, help="Byt pseudonymnyckeln; originalen läses om.")
def rekey(pseudonyms: bool) -> None:
    """Byt registrets krypteringsnyckel; kopplingen mellan månader påverkas inte.

    Den nya nyckeln (64 hexadecimala tecken) tas ur filen i BISTAND_VAULT_NEW_KEY_FILE, annars frågas den efter.

    Med --pseudonyms byts i stället nyckeln för pseudonymer, ur filen i BISTAND_PSEUDONYM_NEW_KEY_FILE: varje person får
    en ny pseudonym, samma rader hör fortfarande ihop, och leveranser måste därefter läsas in med den nya nyckeln.
    Originalen till allt som är inläst måste finnas i landing/register eller archive.
    """
    from orchestration.upkeep import rekeying

    if pseudonyms:
        persons = rekeying.new_pseudonyms(load_settings(), _new_key(NEW_PSEUDONYM_KEY), report)
        click.echo(
            f"Klart: {persons} personer har nya pseudonymer. Ange den nya nyckeln i BISTAND_PSEUDONYM_KEY_FILE från nu; "
            "den gamla öppnar bara gamla säkerhetskopior. Kör bistand run."
        )
    else:
        rekeying.new_encryption_key(load_settings(), _new_key(NEW_VAULT_KEY).hex(), report)
        click.echo(
            "Klart: registret är krypterat med den nya nyckeln. Ange den i BISTAND_VAULT_KEY_FILE från nu. "
            "Pseudonymerna är desamma, så månaderna kopplas som förut."
        )


def _new_key(variable: str) -> bytes:
    """From the file that `<variable>_FILE` points to, else typed twice without echo. Raises KeyMissingError."""
    from orchestration.vault import pseudonym

    given = pseudonym.key_of(None, f"{variable}_FILE")
    if given is not None:
        return given
    typed = click.prompt(
        "Ny nyckel (64 hexadecimala tecken, syns inte)",
        hide_input=True,
        confirmation_prompt="En gång till",
    )
    return pseudonym.parse_key(typed.strip(), "Det som skrevs")


@vault.command()
@click.option("--before", metavar="ÅÅÅÅ-MM", help="Gallra månader före den här, i alla leveranser.")
@click.option("--person", is_flag=True, help="Radera en person; personnumret frågas efter.")
@click.option("--delivery", type=int, metavar="ID", help="Ta bort raderna i en avvisad leverans.")
@_yes_option
def forget(before: str | None, person: bool, delivery: int | None, yes: bool) -> None:
    """Ta bort personuppgifter ur registret för gott: gamla månader, en person, eller en avvisad leverans.

    Gallrade månader räknas sedan som ej levererade, aldrig som noll, och läses inte in igen. En raderad persons rader
    försvinner ur alla leveranser; hushållets belopp räknas utan personen. En leverans som hör hemma någon annanstans avvisas
    först (bistand deliveries reject), sedan tas dess rader bort. Liggarens antal finns kvar.
    """
    from orchestration.upkeep import forgetting

    if bool(before) + person + (delivery is not None) != 1:
        raise click.UsageError("Ange ett av --before ÅÅÅÅ-MM, --person och --delivery ID.")
    settings = load_settings()
    if before:
        month = forgetting.month_of(before)
        _confirm(
            f"Alla personuppgifter i månader före {month:%Y-%m} tas bort och går inte att få tillbaka.", yes
        )
        outcome = forgetting.forget_months(settings, month, report)
        click.echo(
            f"Gallrat: {outcome.rows} rader i {outcome.deliveries} leveranser. Månaderna räknas nu som ej levererade; "
            "kommer de igen hamnar raderna i karantän (R02)."
        )
    elif delivery is not None:
        _confirm(f"Alla rader i leverans {delivery} tas bort och går inte att få tillbaka.", yes)
        outcome = forgetting.forget_delivery(settings, delivery, report)
        click.echo(f"Borttaget: {outcome.rows} rader i leverans {delivery}.")
    else:
        typed = click.prompt("Personnummer (syns inte)", hide_input=True)
        _confirm("Personens rader tas bort i alla leveranser och går inte att få tillbaka.", yes)
        outcome = forgetting.erase_person(settings, typed, report)
        click.echo(
            f"Raderat: {outcome.rows} rader i {outcome.deliveries} leveranser. Hushållets belopp räknas kvar utan personen. "
            "Levererar kommunen personen igen, i en ny fil, läses raderna in igen."
        )
    if outcome.files_left:
        click.echo(
            "I landing/register ligger originalen kvar med uppgifterna; ta bort dem: "
            + ", ".join(outcome.files_left)
        )
    for line in _what_is_withdrawn(settings, outcome.releases):
        click.echo(line)
    click.echo(
        "Kör bistand run för att bygga om utgåvan. Säkerhetskopior rörs inte, och inte det som andra har hämtat."
        if outcome.releases
        else "Kör bistand run för att bygga om utgåvan; äldre utgåvor och säkerhetskopior rörs inte."
    )


@vault.command()
def retain() -> None:
    """Gallra månader som är äldre än BISTAND_KEEP_MONTHS; för ett schema, och frågar därför inte."""
    from orchestration.operation.retention import VARIABLE, first_kept_month
    from orchestration.settings import utc_now
    from orchestration.upkeep import forgetting

    settings = load_settings()
    month = first_kept_month(utc_now().date())
    if month is None:
        click.echo(f"Inget gallras av sig självt: {VARIABLE} är inte angiven.")
        return
    outcome = forgetting.forget_older(settings, month, report)
    if outcome is None:
        click.echo(f"Inget att gallra: månader före {month:%Y-%m} är redan borta.")
        return
    click.echo(
        f"Gallrat: {outcome.rows} rader i månader före {month:%Y-%m}. Nästa körning bygger om utgåvan."
    )
    if outcome.files_left:
        click.echo(
            "I landing/register ligger originalen kvar med uppgifterna; ta bort dem: "
            + ", ".join(outcome.files_left)
        )


@vault.command()
@click.option(
    "--dry-run", is_flag=True, help="Pröva på en kopia och säg vad som skulle ändras; registret rörs inte."
)
def upgrade(dry_run: bool) -> None:
    """Ge ett äldre register dagens tabeller. Nästa körning gör det annars av sig själv."""
    from orchestration.upkeep.upgrading import upgrade_vault

    done = upgrade_vault(load_settings(), is_trial=dry_run)
    for line in done.lines():
        click.echo(line)
    if done.is_needed and dry_run:
        click.echo(
            "Prövat på en kopia som är borttagen; registret är orört. Gör en säkerhetskopia med den förra versionen, och kör sedan "
            "bistand run."
        )


def _what_is_withdrawn(settings: Settings, releases: tuple[Release, ...]) -> Iterator[str]:
    """Which releases go, the kept ones by name, and which profile must be asked for."""
    from orchestration.release.store import kept_releases

    if not releases:
        return
    yield (
        f"{len(releases)} {'utgåva' if len(releases) == 1 else 'utgåvor'} skulle genom skillnaden visa var personen fanns och "
        "återkallas (tas bort) när nästa körning har satt nya i kraft, också de som sparas:"
    )
    for one in releases:
        why = kept_releases(replace(settings, profile=one.profile)).get(one.release_id)
        yield f"  {one.release_id}" + (f" (sparad: {why})" if why else "")
    for profile in sorted({one.profile for one in releases} - {settings.profile, *settings.also}):
        yield f"Profilen {profile} görs inte här; dess utgåvor återkallas först av bistand run --profile {profile}."


def _confirm(what: str, yes: bool) -> None:
    if not yes:
        click.confirm(f"{what} Fortsätta?", abort=True)


@vault.command("log")
def show_log() -> None:
    """Visa när något har gallrats, raderats eller fått ny nyckel. Aldrig vem det gällde."""
    from orchestration.upkeep.forgetting import log_lines

    lines = log_lines(load_settings())
    for line in lines or ["Inget har gallrats, raderats eller fått ny nyckel."]:
        click.echo(line)


@vault.command()
@click.argument("delivery_id", type=int)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path(),
    help="Mappen att skriva till; annars den du står i.",
)  # fmt: skip
def restore(delivery_id: int, folder: Path) -> None:
    """Skriv tillbaka originalet till en leverans ur arkivet, läsbart bara för dig."""
    from orchestration.intake.deliveries.originals import restore as restore_original

    path = restore_original(load_settings(), delivery_id, folder)
    click.echo(f"Originalet ligger i {path}. Det innehåller personnummer: ta bort det när du är klar.")
