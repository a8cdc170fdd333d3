"""The printed tables in data/published_tables as rows: one per printed cell, with the printed mark kept."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.catalog.loader import Catalog, CatalogError
from orchestration.catalog.models import PrintedWords, PublishedFigure, PublishedTable
from orchestration.settings import Settings

# Columns that say where a cell stands and how sure it is, and not what it counts.
_PLACE_COLUMNS = {
    *("municipality", "municipality_corrected", "region_type", "area_code", "year", "status", "source_line"),
    *("printed_in", "certainty", "decimals"),
}
# How sure a transcribed figure is: read where it was printed first, quoted by somebody else, or our reading of it.
_CERTAINTIES = ("printed", "secondary", "assumed")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0]\d{3})+(?:,\d+)?|\d+(?:,\d+)?")


@dataclass(frozen=True)
class _Names:
    """What a printed name or mark means: codes by municipality, counties by name, statuses by mark, words beside numbers."""

    municipalities: dict[str, str]
    counties: dict[str, str]
    marks: dict[str, str]
    words: PrintedWords


def published_figures(settings: Settings, catalog: Catalog) -> list[tuple]:
    """Rows of raw.published_figures in column order, in the order of the catalogue and of the files.

    `value` is in the printed unit (percent as 26.4, not 0.264); null when the cell holds a mark, whose meaning comes
    from the seed value_marks.csv. Raises CatalogError, naming file and line, for anything that is not understood.
    """
    municipalities, counties = _places_of_today(settings.reference_seeds / "municipalities.csv")
    marks = _value_marks(settings.reference_seeds / "value_marks.csv")
    names = _Names(municipalities, counties, marks, catalog.published.words)
    rows: list[tuple] = []
    for table in catalog.published.tables:
        rows += _table_rows(settings.published_tables / table.file, table, catalog, names)
    return rows


def _table_rows(path: Path, table: PublishedTable, catalog: Catalog, names: _Names) -> Iterator[tuple]:
    for line, row in _read(path, table):
        where = f"{table.file}, rad {line}"
        area_type, code, area_code = _area(row, catalog, names, where)
        certainty = row.get("certainty") or "printed"
        if certainty not in _CERTAINTIES:
            raise CatalogError(
                f"{where}: säkerheten {certainty} är ingen av {', '.join(_CERTAINTIES)}; rätta filen."
            )
        for figure in _figures_of(table, row, where):
            printed = row[figure.printed_column]
            value, status, is_approximate = _value(row[figure.value_column], printed, names, where)
            year = figure.year if figure.year is not None else int(row["year"])
            decimals = int(row["decimals"]) if row.get("decimals") else figure.decimals
            yield (
                *(table.table_id, line, row["municipality_corrected"], area_type, code, area_code, year),
                *(figure.indicator_id, figure.definition_id, figure.breakdown),
                *(printed, value, decimals, status, figure.unit),
                *(table.source_id or catalog.published.source_id, row.get("printed_in") or table.title),
                *(certainty, is_approximate),
            )


def _area(
    row: dict[str, str], catalog: Catalog, names: _Names, where: str
) -> tuple[str, str | None, str | None]:
    """Type, municipality code and other code of the area of a row."""
    printed_type, name = row["region_type"], row["municipality_corrected"]
    area_type = catalog.published.area_types.get(printed_type)
    if area_type is None:
        raise CatalogError(f"{where}: områdestypen {printed_type} finns inte i published_tables.yml.")
    if area_type == "municipality":
        if name not in names.municipalities:
            raise CatalogError(f"{where}: kommunen {name} finns inte bland dagens kommuner; rätta namnet.")
        return area_type, names.municipalities[name], None
    if "county" in printed_type:
        if name not in names.counties:
            raise CatalogError(f"{where}: länet {name} finns inte; rätta namnet.")
        code = f"lan:{names.counties[name]}"
        return area_type, None, f"ovagt_medel:{code}" if area_type == "unweighted_mean" else code
    if area_type in ("district", "group") and not row.get("area_code"):
        raise CatalogError(f"{where}: {name} behöver en kod i kolumnen area_code; skriv den.")
    return area_type, None, row.get("area_code") or None


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


def _value(transcribed: str, printed: str, names: _Names, where: str) -> tuple[float | None, str, bool]:
    """The number, its status and whether it is printed as about that much; it must be among the printed numbers."""
    text = printed.strip()
    if status := names.marks.get(text) or names.words.only.get(text):
        if transcribed:
            raise CatalogError(
                f"{where}: värdet {transcribed} är avskrivet där {printed!r} är tryckt; rätta filen."
            )
        return None, status, False
    words = re.findall(r"[^\W\d_]+|[%≈<>]", _NUMBER.sub(" ", text))
    known = {*names.words.approximate, *names.words.plain}
    numbers = [float(re.sub(r"\s", "", one).replace(",", ".")) for one in _NUMBER.findall(text)]
    if not numbers or any(word not in known for word in words):
        raise CatalogError(
            f"{where}: {printed!r} är varken ett tal eller ett märke i value_marks.csv; rätta filen, lägg till märket "
            "eller ordet under words i published_tables.yml."
        )
    try:
        value = float(transcribed)
    except ValueError:
        value = None
    if value not in numbers:
        raise CatalogError(
            f"{where}: avskriften {transcribed} är inte det tryckta talet {printed}; rätta filen."
        )
    return value, "published", any(word in names.words.approximate for word in words)


def _places_of_today(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Municipality codes and county codes by name, of the municipalities that exist."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["last_year"]]
    return (
        {row["municipality_name"]: row["municipality_code"] for row in rows},
        {row["county_name"]: row["county_code"] for row in rows},
    )


def _value_marks(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["value_mark"]: row["value_status"] for row in csv.DictReader(file)}
