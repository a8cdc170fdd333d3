"""`bistand`: the commands of bistand. Heavy libraries are imported where they are used."""

from __future__ import annotations

import errno
import os
import sys

import click

from orchestration.cli.figures import activity_report, explain, workbook
from orchestration.cli.figures import report as yearly_report
from orchestration.cli.mappings import new_mapping, preview
from orchestration.cli.operation import backup, doctor, health, init, status, watch
from orchestration.cli.release import release
from orchestration.cli.sources import sources
from orchestration.cli.usage import usage_sentence
from orchestration.cli.vault import vault
from orchestration.errors import DISK_FULL, ExitCode, PlainError, tells_of_full_disk
from orchestration.operation.log import keep_log
from orchestration.operation.settings_file import adopt_settings_file
from orchestration.progress import report
from orchestration.settings import CHOICES, PROFILES, choose_profile, home_folder, home_profile, load_settings

# the commands that change something, and so leave a line in the log
LOGGED = ("run", "watch", "backup", "vault", "sources")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--home", metavar="MAPP", help="Var landing, register och utgåvor ligger; annars BISTAND_HOME.")
@click.pass_context
def commands(context: click.Context, home: str | None) -> None:
    """Biståndslagret: leveranser in, indikatorer ut."""
    if home:
        os.environ["BISTAND_HOME"] = home
    if context.invoked_subcommand == "init":
        return
    adopt_settings_file(home_folder())
    is_logged = context.invoked_subcommand in LOGGED and home_folder().is_dir()
    keep_log(home_folder() if is_logged else None, str(context.invoked_subcommand))


@commands.command()
def demo() -> None:
    """Gör ett påhittat register för 27 kommuner 2015–2019, och fyra av dem juli 2025–oktober 2026."""
    from orchestration.demo.generate import generate_demo

    settings = load_settings()
    if home_profile(settings.home) is None:
        choose_profile(settings.home, "public")
    report("Demoregister: skapar påhittade personer och hushåll")
    generate_demo(settings, progress=report)


@commands.command()
@click.option(
    "--profile",
    type=click.Choice(list(CHOICES)),
    help="Bara den här gången: public skyddar små antal, internal visar alla, both gör en av varje.",
)
@click.option(
    "--as-of", metavar="ÅÅÅÅ-MM-DD", help="Bygg det som var känt den dagen; läggs i published/as-of/<dag>."
)
@click.option("--rebuild", is_flag=True, help="Bygg även när inget har ändrats.")
@click.option(
    "--accept-changes", metavar="VARFÖR", help="Publicera det som grinden stoppade; skälet står i utgåvan."
)
def run(profile: str | None, as_of: str | None, rebuild: bool, accept_changes: str | None) -> None:
    """Läs nya leveranser, bygg, pröva och publicera."""
    if profile:
        os.environ["BISTAND_PROFILE"] = profile
        home = load_settings().home
        # the first run sets the home up: later ones need not say it, and cannot forget it
        if home_profile(home) is None and not (home / "published").exists():
            choose_profile(home, profile)
    if as_of:
        os.environ["BISTAND_AS_OF"] = as_of
    if accept_changes is not None:
        from orchestration.intake.scrubbing import scrub_text

        if not accept_changes.strip():
            raise click.UsageError("Skriv varför ändringen är rätt efter --accept-changes.")
        os.environ["BISTAND_ACCEPT_CHANGES"] = scrub_text(accept_changes.strip())
    from orchestration.operation.running import run_and_remember

    sys.exit(run_and_remember(load_settings(), rebuild=rebuild))


@commands.command("check-definitions")
@click.option(
    "--municipality", "codes", multiple=True, metavar="KOMMUN", help="Just den kommunen; kan upprepas."
)
@click.option("--municipalities", default=2, show_default=True, help="Så många kommuner dras annars.")
@click.option("--persons", default=500, show_default=True, help="Så många personer dras, i alla kommuner.")
@click.option("--seed", default=1, show_default=True, help="Ett annat tal ger ett annat urval.")
@click.option("--all", "is_everything", is_flag=True, help="Alla kommuner, områden och personer (långsamt).")
def check_definitions(
    codes: tuple[str, ...], municipalities: int, persons: int, seed: int, is_everything: bool
) -> None:
    """Räkna om indikatorerna på ett andra, enkelt sätt för ett urval och jämför med datalagret."""
    from orchestration.conformance.check import check_definitions as check
    from orchestration.conformance.reading import Sample

    if not check(load_settings(), Sample(codes, municipalities, persons, seed, is_everything), click.echo):
        raise PlainError(
            "Datalagret och den andra uträkningen är inte överens; se raderna med OLIKA, och det som saknas, ovan."
        )


@commands.command()
@click.argument("choice", type=click.Choice(list(CHOICES)), required=False)
def profile(choice: str | None) -> None:
    """Säg vilka utgåvor som görs här: public (små antal skyddas), internal (alla antal, bara för ägaren) eller both."""
    home = load_settings("public").home
    if choice:
        choose_profile(home, choice)
    chosen = home_profile(home)
    click.echo(
        f"Här görs {' och '.join(CHOICES[chosen])}, utom när en körning får något annat med --profile."
        if chosen in CHOICES
        else "Inget är valt, så public görs; välj med bistand profile public, internal eller both."
    )


@commands.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port på 127.0.0.1."
)
@click.option("--profile", type=click.Choice(PROFILES), help="Vilken utgåva; annars den som görs här.")
def serve(port: int, profile: str | None) -> None:
    """Visa sidorna för den senaste utgåvan i webbläsaren."""
    from dashboards.serve import serve as serve_pages

    serve_pages(load_settings(profile), port=port)


@commands.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port på 127.0.0.1."
)
def ui(port: int) -> None:
    """Öppna Dagster: grafen, körningarna och proven."""
    from orchestration.pipeline import open_dagster

    sys.exit(open_dagster(load_settings(), port))


@commands.group()
def deliveries() -> None:
    """Leveranserna i registret."""


DELIVERY_STATES = ("accepted", "partly_rejected", "rejected", "held", "superseded", "forgotten", "duplicate")
_month_option = click.option(
    "--month",
    "months",
    multiple=True,
    metavar="KOMMUN:MÅNAD",
    help="Bara den månaden (2161:2015-03); kan upprepas.",
)
_reason_option = click.option("--reason", default="", help="Varför, med egna ord. Inga personuppgifter.")


@deliveries.command("list")
@click.option("--state", type=click.Choice(DELIVERY_STATES), help="Bara leveranser i det tillståndet.")
def list_deliveries(state: str | None) -> None:
    """Visa varje leverans med tillstånd och antal rader."""
    from orchestration.intake.deliveries.decisions import list_deliveries as listed

    rows = listed(load_settings(), state)
    if not rows:
        click.echo(
            "Ingen leverans i det tillståndet."
            if state
            else "Inga leveranser i registret än; lägg filer i landing/register och kör bistand run."
        )
    for line in rows:
        click.echo(line)


@deliveries.command()
@click.argument("delivery_id", type=int)
def show(delivery_id: int) -> None:
    """Visa en leverans: månader, träffade regler, vad som behöver göras och beslut."""
    from orchestration.intake.deliveries.decisions import show_delivery

    for line in show_delivery(load_settings(), delivery_id):
        click.echo(line)


@deliveries.command()
@click.argument("delivery_id", type=int)
@_month_option
@_reason_option
def accept(delivery_id: int, months: tuple[str, ...], reason: str) -> None:
    """Låt månader som väntar på beslut (eller avvisats av en person) gälla."""
    _decide("accept", delivery_id, months, reason)


@deliveries.command()
@click.argument("delivery_id", type=int)
@_month_option
@_reason_option
def reject(delivery_id: int, months: tuple[str, ...], reason: str) -> None:
    """Avvisa månader: de som väntar, annars alla i leveransen. Den tidigare leveransen gäller."""
    _decide("reject", delivery_id, months, reason)


def _decide(decision: str, delivery_id: int, months: tuple[str, ...], reason: str) -> None:
    from orchestration.intake.deliveries.decisions import decide, parse_month

    for line in decide(
        load_settings(), decision, delivery_id, [parse_month(month) for month in months], reason
    ):
        click.echo(line)
    click.echo("Kör bistand run för att bygga om utgåvan.")


@deliveries.command("report")
@click.argument("delivery_id", type=int)
def write_delivery_report(delivery_id: int) -> None:
    """Skriv rapporten om en leverans: fel, filrader och vad som behöver göras (HTML och CSV)."""
    from orchestration.intake.deliveries.reports import write_report

    state, page, rows = write_report(load_settings(), delivery_id)
    click.echo(f"Rapporten om leverans {delivery_id} ({state}):\n  {page}\n  {rows}")


@deliveries.command()
@click.argument("what", metavar="ID|FIL")
def replay(what: str) -> None:
    """Läs in en avvisad fil igen, när regler eller koder har ändrats."""
    from orchestration.intake.deliveries.loading import replay as replay_file

    outcome = replay_file(load_settings(), what)
    for message in outcome.messages:
        click.echo(message)


@deliveries.command("declare-empty")
@click.argument("municipality_code")
@click.argument("period")
@click.option("--yes", is_flag=True, help="Fråga inte först när något gäller för månaden.")
@click.option(
    "--kind",
    type=click.Choice(["aktivitet", "nedsattning"]),
    help="Säg i stället att ingen anvisades till aktivitet, eller att inget försörjningsstöd nekades eller sattes ned.",
)
def declare_empty(municipality_code: str, period: str, yes: bool, kind: str | None) -> None:
    """Förklara en månad (ÅÅÅÅ-MM) utan hushåll i en kommun som levererad och tom."""
    from orchestration.intake.deliveries import loading

    settings = load_settings()
    of_kind = {"aktivitet": "activities", "nedsattning": "reductions"}.get(kind or "", "declared_empty")
    try:
        waiting = loading.declare_empty(settings, municipality_code, period, replaces=yes, kind=of_kind)
    except loading.MonthInForceError as question:
        click.confirm(f"{question} Fortsätta?", abort=True)
        waiting = loading.declare_empty(settings, municipality_code, period, replaces=True, kind=of_kind)
    click.echo(f"{municipality_code} {period} är förklarad tom." + (f" {waiting}" if waiting else ""))


def _outside(error: OSError) -> str:
    """A sentence for what the system refused, without any name: a file name may hold personal data."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "behörighet saknas i BISTAND_HOME; den förra utgåvan gäller, ge kontot skrivrätt och kör igen."
    return (
        f"en fil går inte att läsa eller skriva ({type(error).__name__}); den förra utgåvan gäller, kör igen."
    )


deliveries.add_command(preview)
deliveries.add_command(new_mapping)
commands.add_command(vault)
commands.add_command(sources)
commands.add_command(release)
commands.add_command(explain)
commands.add_command(workbook)
for one in (init, doctor, status, watch, health, backup):
    commands.add_command(one)
commands.add_command(activity_report)
commands.add_command(yearly_report)


def main() -> None:
    """Run a command; an error that a user can mend is one sentence and an exit code of ExitCode.

    Whatever it writes is for its owner only; a public release is opened up by the one who publishes it.
    """
    os.umask(0o077)
    try:
        commands(prog_name="bistand", standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except click.UsageError as error:
        click.echo(f"Fel: {usage_sentence(error)}", err=True)
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Avbrutet.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except PlainError as error:
        click.echo(f"Fel: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if os.environ.get("BISTAND_DEBUG"):
            raise
        click.echo(f"Fel: {_outside(error)}", err=True)
        sys.exit(ExitCode.FAILED)
    except Exception as error:
        # the text of an unforeseen error may quote data: only its kind is shown unless asked for
        if os.environ.get("BISTAND_DEBUG"):
            raise
        if tells_of_full_disk(str(error)):
            click.echo(f"Fel: {DISK_FULL}", err=True)
            sys.exit(ExitCode.FAILED)
        click.echo(
            f"Fel: något oväntat hände ({type(error).__name__}); den förra utgåvan gäller, kör igen med BISTAND_DEBUG=1 "
            "för detaljer.",
            err=True,
        )
        sys.exit(ExitCode.FAILED)


if __name__ == "__main__":
    main()
