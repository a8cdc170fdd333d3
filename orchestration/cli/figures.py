"""`bistand explain` and `bistand workbook`: figures of the release in force, one by one or one municipality at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.errors import PlainError
from orchestration.settings import PROFILES, Settings, load_settings

if TYPE_CHECKING:
    from orchestration.release.store import Release

_area = click.option(
    "--kommun", "area", required=True, help="Kommunkod eller namn, eller ett område (0000, lan:14)."
)
_profile = click.option(
    "--profile", type=click.Choice(PROFILES), help="Vilken utgåva; annars den som görs här."
)


@click.command()
@click.argument("indicator")
@_area
@click.option("--year", help="Året, 2019.")
@click.option("--period", help="Eller en månad, 2019-05.")
@click.option("--breakdown", default="total", show_default=True, help="Till exempel sex=K eller age=25-29.")
@click.option("--definition", help="Annars den officiella.")
@_profile
def explain(
    indicator: str,
    area: str,
    year: str | None,
    period: str | None,
    breakdown: str,
    definition: str | None,
    profile: str | None,
) -> None:
    """Visa hur en siffra räknades: definition, täljare och nämnare, leveranser, förbehåll, andra utgåvor."""
    from orchestration.release.explain import as_lines
    from orchestration.release.explain import explain as open_figure
    from orchestration.release.figure import Question
    from orchestration.release.store import list_releases

    if (year is None) == (period is None):
        raise click.UsageError("Ange --year eller --period, en av dem.")
    settings = load_settings(profile)
    release = _in_force(settings)
    others = [one for one in list_releases(settings) if one.release_id != release.release_id]
    question = Question(indicator, area, year or period or "", breakdown, definition)
    for line in as_lines(open_figure(release, question, others)):
        click.echo(line)


@click.command()
@_area
@click.option(
    "--to", "path", type=click.Path(path_type=Path), help="Filen som skrivs; annars <kod>_<utgåva>.xlsx här."
)
@_profile
def workbook(area: str, path: Path | None, profile: str | None) -> None:
    """Skriv en Excelbok för en kommun: siffror år för år, definitioner och källor."""
    from orchestration.release.workbook import workbook_name, write_workbook

    release = _in_force(load_settings(profile))
    target = _writable(path or Path(workbook_name(release, area)))
    figures = write_workbook(release, area, target)
    click.echo(f"{target}: {figures} siffror.")


@click.command("activity-report")
@_area
@click.option("--quarter", required=True, help="Kvartalet, 2026-Q4.")
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    help="Filen som skrivs; annars aktivitetskravet_<kod>_<kvartal>_<utgåva>.xlsx här.",
)
@_profile
def activity_report(area: str, quarter: str, path: Path | None, profile: str | None) -> None:
    """Skriv kvartalets antal för rapporteringen till IVO: anvisade, nekade och nedsatta, per försörjningshinder."""
    from orchestration.release.activity_report import check_quarter, report_name, write_report

    release = _in_force(load_settings(profile))
    period = check_quarter(quarter)
    target = _writable(path or Path(report_name(area, period, release)))
    for warning in write_report(release, area, period, target):
        click.echo(f"Obs! {warning}")
    click.echo(f"{target}")


@click.command()
@_area
@click.option("--year", type=int, help="Året, 2019; annars det senaste med siffror.")
@click.option(
    "--questions",
    "questions_path",
    type=click.Path(path_type=Path),
    help="Kommunens fasta frågor (YAML); annars fragor/<kod>.yml i mappen, om den finns.",
)
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    help="Filen som skrivs, .pdf eller .html; annars båda här, rapport_<kod>_<år>_<utgåva>.",
)
@_profile
def report(
    area: str, year: int | None, questions_path: Path | None, path: Path | None, profile: str | None
) -> None:
    """Skriv årets rapport om en kommun, för nämnd och årsredovisning: nyckeltal, diagram, meningar, definitioner (PDF och HTML)."""
    from orchestration.release.report.content import make_report
    from orchestration.release.report.questions import own_questions, read_questions
    from orchestration.release.report.writing import FORMS, report_name, written

    if path is not None and path.suffix.lstrip(".").lower() not in FORMS:
        raise click.UsageError("Filen efter --to ska sluta på .pdf eller .html.")
    _writable(path or Path("rapport"))
    settings = load_settings(profile)
    release = _in_force(settings)
    questions = (
        read_questions(questions_path) if questions_path else own_questions(settings.home, release, area)
    )
    made = make_report(release, area, year, questions)
    targets = (
        [path] if path else [Path(report_name(made.geography_id, made.year, release, form)) for form in FORMS]
    )
    for target in targets:
        target.write_bytes(written(made, target.suffix.lstrip(".").lower()))
        click.echo(f"{target}")


def _writable(target: Path) -> Path:
    """The file that is to be written. Raises PlainError when its folder is not there or may not be written in."""
    if target.is_dir() or not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise PlainError(
            f"Filen {target} går inte att skriva; ange med --to en fil i en mapp som finns och där du har skrivrätt."
        )
    return target


def _in_force(settings: Settings) -> Release:
    from orchestration.release.store import current_release

    release = current_release(settings)
    if release is None:
        raise PlainError(f"Det finns ingen utgåva i profilen {settings.profile}; kör bistand run först.")
    return release
