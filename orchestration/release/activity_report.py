"""The quarter's report of the activity requirement: the words that page and workbook share, and the workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from orchestration.errors import PlainError
from orchestration.release import wording
from orchestration.release.figure import find_area, open_release, records, why_no_figures
from orchestration.release.store import Release
from orchestration.release.workbook import open_book
from orchestration.release.workbook_rows import release_info

# a column of activity_quarters, and what it is called in the table; the law's three counts come first, as flow
REPORT_COLUMNS = {
    "activity_directed_4a": "Anvisade 4 a §, nya",
    "activity_directed_4d": "Anvisade 4 d §, nya",
    "support_refused_or_reduced": "Nekade eller nedsatta",
    "activity_in_force_4a": "Anvisade 4 a §, gällande",
    "activity_in_force_4d": "Anvisade 4 d §, gällande",
    "support_refused": "varav nekade",
    "support_reduced": "varav nedsatta",
}
SHEETS = {"publication": "Publiceringskategorier", "registration": "Registrerade hinder"}
_EXPLANATIONS = (
    ("Nya", "Personer med minst en anvisning med datum i kvartalet."),
    ("Gällande", "Personer med en anvisning som gällde någon dag i kvartalet, också om den gavs tidigare."),
    ("Vår läsning", "Lagen (34 kap. 12 § socialtjänstlagen) säger inte vilket av dem som ska rapporteras, och inte vilken dag "
     "som avgör kvartalet. Här är det anvisningens och beslutets dag."),
    ("Hinder", "Det som står på anvisningen, annars personens senaste registrerade till och med månaden. Den som haft flera "
     "står i flera rader, så raderna kan bli fler än raden Alla, där var och en räknas en gång."),
)  # fmt: skip


def check_quarter(text: str) -> str:
    """`2026-Q4` in its form. Raises PlainError."""
    found = re.fullmatch(r"([0-9]{4})-?[QqKk]([1-4])", text.strip())
    if found is None:
        raise PlainError("Kvartalet kan inte tolkas: skriv det som ÅÅÅÅ-Qn, till exempel 2026-Q4.")
    return f"{found[1]}-Q{found[2]}"


def warnings_of(row: Mapping[str, Any], quarter: str, is_municipality: bool) -> list[str]:
    """What keeps the quarter from being reported, one sentence each; `row` is any of the quarter in activity_quarters."""
    if is_municipality and row["delivered_months_count"] < 3:
        return [
            f"{row['delivered_months_count']} av 3 månader i {wording.month_text(quarter)} är levererade; kvartalet kan inte rapporteras "
            "förrän alla är det. Leverera månaderna som saknas och kör igen."
        ]
    found = []
    if not row["is_directed_reported"]:
        found.append(
            "Inga anvisningar är levererade. Lämna filen aktivitet, eller säg att ingen anvisades: "
            "bistand deliveries declare-empty KOMMUN ÅÅÅÅ-MM --kind aktivitet."
        )
    if not row["is_reduced_reported"]:
        found.append(
            "Inga beslut om nekat eller nedsatt försörjningsstöd är levererade. Lämna filen nedsattning, eller säg att inga "
            "fattades: bistand deliveries declare-empty KOMMUN ÅÅÅÅ-MM --kind nedsattning."
        )
    return found


def state_of(row: Mapping[str, Any], profile: str) -> str:
    """How many municipalities are behind the counts, and whether they are whole."""
    included = (
        f"Bygger på {row['municipalities_included']} av {row['municipalities_total']} kommuner som levererat till registret. "
        if row["municipalities_total"] > 1
        else ""
    )
    whole = (
        "Hela antal, för rapporteringen."
        if profile == "internal"
        else "Antalen är skyddade och ska inte rapporteras; rapportera ur den interna utgåvan."
    )
    return included + whole


def report_name(area: str, quarter: str, release: Release) -> str:
    """`aktivitetskravet_1480_2026-Q4_<release>.xlsx`."""
    return f"aktivitetskravet_{area.replace(':', '_')}_{quarter}_{release.release_id}.xlsx"


def write_report(release: Release, area: str, quarter: str, target: Path | BinaryIO) -> list[str]:
    """Write the quarter's workbook of a municipality or area (id or name); returns what keeps it from being reported.

    The same release gives the same file. Raises PlainError when the release has no such quarter of the area.
    """
    with open_release(release) as connection:
        geography_id = find_area(connection, area)
        rows = records(
            connection,
            "select * from activity_quarters where geography_id = $id and period = $period "
            "order by reason_level, sort_order",
            {"id": geography_id, "period": quarter},
        )
        if not rows:
            why = why_no_figures(connection, geography_id) or "registret når inte dit."
            raise PlainError(f"Utgåvan har inte {quarter} för {geography_id}: {why}")
        kind = connection.execute(
            "select geography_type from dim_geographies where geography_id = $id", {"id": geography_id}
        ).fetchall()[0][0]
        info = release_info(connection)
        warnings = warnings_of(rows[0], quarter, kind == "municipality")
        _write(release, quarter, rows, info, warnings, target)
    return warnings


def _write(
    release: Release, quarter: str, rows: list[dict[str, Any]], info: dict[str, Any], warnings: list[str],
    target: Path | BinaryIO,
) -> None:  # fmt: skip
    place = rows[0]["geography_name"]
    book = open_book(release, f"Aktivitetskravet, {place}, {quarter}", target)
    for level, name in SHEETS.items():
        _counts(book, name, [row for row in rows if row["reason_level"] in ("total", level)], info)
    sheet = book.add_worksheet("Läs mig")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 90)
    head = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    lines = [
        ("Kommun", place), ("Kvartal", wording.month_text(quarter)), ("Utgåva", info["release_id"]),
        ("Uppgifter per", str(info["as_of"])), ("Antal", state_of(rows[0], info["profile"])),
        *(("Obs!", warning) for warning in warnings), *_EXPLANATIONS,
        *((wording.STATUS_WORDS[status], told) for status, told in wording.STATUS_EXPLANATIONS.items()),
    ]  # fmt: skip
    for line, (name, told) in enumerate(lines):
        sheet.set_row(line, 15 * (1 + len(told) // 85))
        sheet.write_string(line, 0, name, head)
        sheet.write_string(line, 1, told, text)
    book.close()


def _counts(book: Any, name: str, rows: list[dict[str, Any]], info: dict[str, Any]) -> None:
    """Reasons down, counts across: a number, or the word that says why there is none."""
    head = book.add_format(
        {"bold": True, "bg_color": "#f3f5f7", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    number = book.add_format({"num_format": "#,##0"})
    word = book.add_format({"italic": True, "align": "right", "font_color": "#4b5560"})
    total = book.add_format({"bold": True})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, len(REPORT_COLUMNS), 15)
    sheet.set_row(0, 32)
    for column, heading in enumerate(["Försörjningshinder", *REPORT_COLUMNS.values()]):
        sheet.write_string(0, column, heading, head)
    ordered = sorted(rows, key=lambda row: (row["reason_level"] != "total", row["sort_order"]))
    for line, row in enumerate(ordered, 1):
        sheet.write_string(line, 0, row["reason_name"], total if row["reason_level"] == "total" else None)
        for column, measure in enumerate(REPORT_COLUMNS, 1):
            value, status = row[f"{measure}_count"], row[f"{measure}_status"]
            if status == "published":
                sheet.write_number(line, column, value, number)
            else:
                told = wording.status_word(status, "persons", info["band_to"])
                sheet.write_string(line, column, told.replace(wording.SPACE, " "), word)
