"""The printed tables in data/published_tables as rows: one per printed cell, with the printed mark kept."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from orchestration.catalog.loader import Catalog, CatalogError
from orchestration.catalog.models import PublishedFigure, PublishedTable
from orchestration.settings import Settings

# Columns that say where a cell stands and not what it counts.
_PLACE_COLUMNS = {"municipality", "municipality_corrected", "region_type", "year", "status", "source_line"}


def published_figures(settings: Settings, catalog: Catalog) -> list[tuple]:
    """Rows of raw.published_figures in column order, in the order of the catalogue and of the files.

    `value` is in the printed unit (percent as 26.4, not 0.264); null when the cell holds a mark, whose meaning comes
    from the seed value_marks.csv. Raises CatalogError, naming file and line, for anything that is not understood.
    """
    codes = _codes_of_today(settings.reference_seeds / "municipalities.csv")
    marks = _value_marks(settings.reference_seeds / "value_marks.csv")
    rows: list[tuple] = []
    for table in catalog.published.tables:
        rows += _table_rows(settings.published_tables / table.file, table, catalog, codes, marks)
    return rows


def _table_rows(
    path: Path, table: PublishedTable, catalog: Catalog, codes: dict[str, str], marks: dict[str, str]
) -> Iterator[tuple]:
    for line, row in _read(path, table):
        where = f"{table.file}, rad {line}"
        area_type = catalog.published.area_types.get(row["region_type"])
        if area_type is None:
            raise CatalogError(
                f"{where}: områdestypen {row['region_type']} finns inte i published_tables.yml."
            )
        area_name = row["municipality_corrected"]
        code = codes.get(area_name) if area_type == "municipality" else None
        if area_type == "municipality" and code is None:
            raise CatalogError(
                f"{where}: kommunen {area_name} finns inte bland dagens kommuner; rätta namnet."
            )
        for figure in _figures_of(table, row, where):
            printed = row[figure.printed_column]
            value, status = _value(row[figure.value_column], printed, marks, where)
            year = figure.year if figure.year is not None else int(row["year"])
            yield (
                *(table.table_id, line, area_name, area_type, code, year),
                *(figure.indicator_id, figure.definition_id, figure.breakdown),
                *(printed, value, figure.decimals, status, figure.unit),
            )


def _read(path: Path, table: PublishedTable) -> Iterator[tuple[int, dict[str, str]]]:
    if not path.is_file():
        raise CatalogError(
            f"Den tryckta tabellen {path.name} saknas i data/published_tables; lägg dit filen."
        )
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        _check_columns(path.name, set(reader.fieldnames or []), table)
        for row in reader:
            yield reader.line_num, row


def _check_columns(file_name: str, columns: set[str], table: PublishedTable) -> None:
    wanted = {"municipality_corrected", "region_type"} | (
        {table.selector_column} if table.selector_column else set()
    )
    for figure in table.figures:
        wanted |= {figure.value_column, figure.printed_column} | ({"year"} if figure.year is None else set())
    if missing := sorted(wanted - columns):
        raise CatalogError(
            f"Den tryckta tabellen {file_name} saknar kolumnen {missing[0]}; rätta filen eller katalogen."
        )
    if unknown := sorted(columns - wanted - _PLACE_COLUMNS - set(table.not_loaded_columns)):
        raise CatalogError(
            f"Den tryckta tabellen {file_name} har kolumnen {unknown[0]}, som katalogen inte beskriver; "
            "lägg till den i published_tables.yml."
        )


def _figures_of(table: PublishedTable, row: dict[str, str], where: str) -> list[PublishedFigure]:
    if table.selector_column is None:
        return table.figures
    chosen = [figure for figure in table.figures if figure.selector == row[table.selector_column]]
    if not chosen:
        raise CatalogError(f"{where}: {row[table.selector_column]} beskrivs inte i published_tables.yml.")
    return chosen


def _value(transcribed: str, printed: str, marks: dict[str, str], where: str) -> tuple[float | None, str]:
    """The number and its status; the transcribed number must be the printed one."""
    if printed.strip() in marks:
        if transcribed:
            raise CatalogError(
                f"{where}: värdet {transcribed} är avskrivet där {printed!r} är tryckt; rätta filen."
            )
        return None, marks[printed.strip()]
    try:
        value = float("".join(printed.split()).replace(",", "."))
        agrees = float(transcribed) == value
    except ValueError:
        raise CatalogError(
            f"{where}: {printed!r} är varken ett tal eller ett märke i value_marks.csv; rätta filen eller lägg till märket."
        ) from None
    if not agrees:
        raise CatalogError(
            f"{where}: avskriften {transcribed} är inte det tryckta talet {printed}; rätta filen."
        )
    return value, "published"


def _codes_of_today(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["municipality_name"]: row["municipality_code"]
            for row in csv.DictReader(file)
            if not row["last_year"]
        }


def _value_marks(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["value_mark"]: row["value_status"] for row in csv.DictReader(file)}
