"""`bistand`: the commands of the house. Heavy libraries are imported where they are used."""

from __future__ import annotations

import os
import sys

import click

from orchestration.cli_mappings import new_mapping, preview
from orchestration.errors import PlainError
from orchestration.lib.progress import report
from orchestration.settings import PROFILES, load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Biståndslagret: leveranser in, indikatorer ut."""


@commands.command()
def demo() -> None:
    """Gör ett påhittat register för 27 kommuner 2015–2019 i landing/register."""
    from orchestration.register.synthetic import generate_demo

    report("Demoregister: skapar påhittade personer och hushåll")
    generate_demo(load_settings(), progress=report)


@commands.command()
@click.option(
    "--profile", type=click.Choice(PROFILES), help="public döljer små antal (förval), internal visar alla."
)
def run(profile: str | None) -> None:
    """Läs nya leveranser, bygg, pröva och publicera."""
    if profile:
        os.environ["BISTAND_PROFILE"] = profile
    from orchestration.run import run_whole_house

    run_whole_house(load_settings())


@commands.command()
@click.option("--port", default=8501, show_default=True, help="Port på 127.0.0.1.")
def serve(port: int) -> None:
    """Visa sidorna för den senaste utgåvan i webbläsaren."""
    from dashboards.serve import serve as serve_pages

    serve_pages(load_settings(), port=port)


@commands.command()
@click.option("--port", default=3000, show_default=True, help="Port på 127.0.0.1.")
def ui(port: int) -> None:
    """Öppna Dagster: grafen, körningarna och proven."""
    from orchestration.run import open_dagster

    open_dagster(load_settings(), port)


@commands.group()
def deliveries() -> None:
    """Leveranserna i registret."""


@deliveries.command("list")
def list_deliveries() -> None:
    """Visa varje leverans med tillstånd och antal rader."""
    from orchestration.register.ledger import list_deliveries as listed

    rows = listed(load_settings())
    if not rows:
        click.echo("Inga leveranser i registret än; lägg filer i landing/register och kör bistand run.")
    for line in rows:
        click.echo(line)


@deliveries.command("declare-empty")
@click.argument("municipality_code")
@click.argument("period")
def declare_empty(municipality_code: str, period: str) -> None:
    """Förklara en månad (ÅÅÅÅ-MM) utan hushåll i en kommun som levererad och tom."""
    from orchestration.register.door import declare_empty as declare

    declare(load_settings(), municipality_code, period)
    click.echo(f"{municipality_code} {period} är förklarad tom.")


deliveries.add_command(preview)
deliveries.add_command(new_mapping)


def main() -> None:
    """Run a command; an error that a user can mend is one sentence and exit code 1."""
    try:
        commands(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Avbrutet.", err=True)
        sys.exit(130)
    except (PlainError, ValueError) as error:
        click.echo(f"Fel: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        # the text of an unforeseen error may quote data: only its kind is shown unless asked for
        if os.environ.get("BISTAND_DEBUG"):
            raise
        click.echo(
            f"Fel: något oväntat hände ({type(error).__name__}); den förra utgåvan gäller, kör igen med BISTAND_DEBUG=1 "
            "för detaljer.",
            err=True,
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
