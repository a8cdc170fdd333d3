"""What a report of an area and a year holds, section by section, in blocks for PDF and HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import duckdb

from orchestration.errors import PlainError
from orchestration.release import pictures, wording
from orchestration.release.figure import find_area, open_release, records, why_no_figures
from orchestration.release.report import charts, reading, sentences, tables
from orchestration.release.report.blocks import (
    Block,
    Paragraph,
    Picture,
    Report,
    Section,
    Sentences,
    Table,
    Told,
)
from orchestration.release.report.figures import Beside, Cell, Figures, Measure, ask
from orchestration.release.report.questions import Questions
from orchestration.release.store import Release
from orchestration.release.workbook_rows import release_info

_LONG, _VERY = "longterm:person_wide", "very_longterm:interior"
# indicator and definition, in the order of the table of the first page
KEY_FIGURES = [
    ("recipients", "default"),
    ("recipients_share_population", "default"),
    ("households", "default"),
    ("adult_recipients", "default"),
    ("longterm_adults", _LONG),
    ("longterm_adults_share_recipients", _LONG),
    ("very_longterm_adults_share_recipients", _VERY),
    ("child_recipients", "default"),
    ("child_recipients_share_population", "default"),
    ("longterm_children", _LONG),
    ("months_per_household_mean", "default"),
    ("paid_sek", "default"),
    ("paid_sek_per_household", "default"),
]
FLOW = [
    ("entries", "default"),
    ("exits", "default"),
    ("month10_share", "default"),
    ("return_share_12m", "default"),
]
_MORE = [("longterm_children_share_population", _LONG), ("reason_share", "reason:most_frequent")]
# what can be laid beside another municipality's without its size
_NOT_COMPARED = (*wording.COUNTS, "sek")
_WHOLE, _HALF, _HEIGHT = 640, 310, 180
_NONE = Told("–")


def make_report(release: Release, area: str, year: int | None, questions: Questions | None = None) -> Report:
    """The report of an area (id or name) and a year, of the latest one with figures when None.

    Raises PlainError when the release has no figures there, or a question asks for what it does not have.
    """
    with open_release(release) as connection:
        geography_id = find_area(connection, area)
        place = records(
            connection, "select * from dim_geographies where geography_id = $id", {"id": geography_id}
        )[0]
        year = _year(connection, place, year)
        place |= {"shown_name": reading.shown_name(connection, place, year)}
        asked = questions.measures(connection) if questions else []
        figures = ask(
            connection, place, year, release_info(connection),
            [*KEY_FIGURES, *FLOW, *_MORE, *((one.indicator_id, one.definition_id) for one in asked)],
            [one.breakdown for one in asked],
        )  # fmt: skip
        title = f"Ekonomiskt bistånd i {figures.place} {year}"
        sections = [
            _first_page(figures), _recipients(figures), _longterm(figures), _children(figures), _reasons(figures), _flow(figures),
        ]  # fmt: skip
        if questions:
            sections.append(Section(questions.title, list(questions.answers(figures, asked))))
        used = [*KEY_FIGURES, *FLOW, *_MORE, *((one.indicator_id, one.definition_id) for one in asked)]
        sections.append(reading.how_to_read(connection, release, figures, used))
        return Report(
            geography_id, year, title, reading.lead(figures), f"{title} · utgåva {release.release_id}", str(release.as_of),
            reading.notices(connection, figures), [section for section in sections if section.blocks],
        )  # fmt: skip


def _year(connection: duckdb.DuckDBPyConnection, place: dict[str, Any], year: int | None) -> int:
    """The year asked for, or the latest with a figure shown. Raises PlainError when the release has no such year."""
    years = connection.execute(
        "select distinct period_year from indicator_values where geography_id = $id and period_kind = 'year' "
        "and indicator_id = 'recipients' and (value_status = 'published' or $year is not null) order by 1",
        {"id": place["geography_id"], "year": year},
    ).fetchall()
    found = [int(one) for (one,) in years]
    name = place["geography_name"]
    if not found:
        why = why_no_figures(connection, place["geography_id"]) or "inget år är räknat där."
        raise PlainError(f"Utgåvan har inga siffror för {name}: {why}")
    if year is not None and year not in found:
        raise PlainError(f"Utgåvan har inte {year} för {name}; välj ett år från {found[0]} till {found[-1]}.")
    return year if year is not None else found[-1]


def _first_page(figures: Figures) -> Section:
    blocks: list[Block] = []
    if told := sentences.most_important(figures):
        blocks.append(Sentences(told))
    blocks.append(_key_figures(figures))
    return Section("Det viktigaste", blocks)


def _key_figures(figures: Figures) -> Table:
    """The year, the year before, the step, and the groups that a share can be laid beside."""
    year = figures.year
    measures = [found for one in KEY_FIGURES if (found := figures.find(*one))]
    groups = [group for kind in ("similar", "everyone") if (group := _group(kind, measures, year))]
    rows = []
    for measure in measures:
        cells = [
            tables.told(figures, measure, measure.cell(year - 1)), tables.told(figures, measure, measure.cell(year)),
            Told(wording.change(measure.cell(year).change, measure.unit, measure.decimals) or "–"),
            *(_beside(figures, measure, getattr(measure, kind).get(year), included) for kind, _, included in groups),
        ]  # fmt: skip
        rows.append((measure.name, cells))
    note = "Antal och belopp jämförs inte, eftersom kommunerna är olika stora." if groups else ""
    if any("(" in cell.text for _, cells in rows for cell in cells[3:]):
        note += " Inom parentes: antalet kommuner bakom siffran, där det är ett annat än i rubriken."
    heads = ["Mått", str(year - 1), str(year), "Förändring", *(head for _, head, _ in groups)]
    return Table("Nyckeltal", heads, rows, note)


def _group(kind: str, measures: Sequence[Measure], year: int) -> tuple[str, str, int] | None:
    """Heading of a group and how many stand behind most of its figures, or None without any to lay beside: `Liknande kommuner
    (5 av 7)`, `27 kommuner`, and `Riket` only when all stand behind it."""
    shown = [
        beside
        for measure in measures
        if (beside := getattr(measure, kind).get(year))
        and beside.status == "published"
        and measure.unit not in _NOT_COMPARED
    ]
    if not shown:
        return None
    most = max(shown, key=lambda beside: beside.included)
    if kind == "similar":
        return kind, f"Liknande kommuner ({most.included} av {most.total})", most.included
    return (
        kind,
        "Riket" if most.included == most.total else wording.municipalities(most.included),
        most.included,
    )


def _beside(figures: Figures, measure: Measure, beside: Beside | None, included: int) -> Told:
    if beside is None or measure.unit in _NOT_COMPARED:
        return _NONE
    found = tables.told(figures, measure, beside)
    return (
        found if found.is_word or beside.included == included else Told(f"{found.text} ({beside.included})")
    )


def _recipients(figures: Figures) -> Section:
    persons, share = figures.find("recipients"), figures.find("recipients_share_population")
    return Section(
        "Hur många har bistånd?",
        [*_line(figures, persons, half=True), *_line(figures, share, half=True, beside=True)],
    )


def _longterm(figures: Figures) -> Section:
    share = figures.find("longterm_adults_share_recipients", _LONG)
    very = figures.find("very_longterm_adults_share_recipients", _VERY)
    blocks: list[Block] = [
        *_line(figures, share, half=True, beside=True),
        *_line(figures, very, half=True, beside=True),
    ]
    groups = [
        measure
        for dimension in ("sex", "age")
        for measure in _finest(figures.split("longterm_adults_share_recipients", _LONG, dimension))
    ]
    if groups and share:
        blocks.append(
            tables.years(figures, f"{share.name}, för kvinnor och män och efter ålder", [share, *groups])
        )
    return Section("Hur många har bistånd länge?", blocks)


def _finest(groups: list[Measure]) -> list[Measure]:
    """Ages that lie over no others; groups that are no ages are as they are."""
    bands = {
        group.key[2]: span
        for group in groups
        if (span := re.findall(r"\d+", group.key[2])) and len(span) == 2
    }
    ages = {name: (int(low), int(high)) for name, (low, high) in bands.items()}
    return [
        group
        for group in groups
        if (own := ages.get(group.key[2])) is None
        or not any(own != other and own[0] <= other[0] and other[1] <= own[1] for other in ages.values())
    ]


def _reasons(figures: Figures) -> Section:
    split = figures.split("reason_share", "reason:most_frequent", "reason")
    year = figures.year
    rows = sorted(split, key=lambda one: one.cell(year).value or 0, reverse=True)
    if not any(sentences.is_shown(one, year) for one in rows):
        return Section("Varför behövs bistånd?", [])
    drawn = [
        (
            one.part,
            one.cell(year).value if sentences.is_shown(one, year) else None,
            figures.told(one, one.cell(year)),
        )
        for one in rows
    ]
    name = f"Försörjningshinder {year}, andel av vuxna klassade efter hinder"
    spoken = "; ".join(f"{part} {shown}" for part, _, shown in drawn)
    return Section(
        "Varför behövs bistånd?",
        [
            Picture(name, pictures.svg(charts.bars(drawn, _WHOLE)), f"Liggande staplar. {name}: {spoken}."),
        ],
    )


def _children(figures: Figures) -> Section:
    share = figures.find("child_recipients_share_population")
    long = figures.find("longterm_children_share_population", _LONG)
    return Section(
        "Barn i familjer med bistånd",
        [*_line(figures, share, half=True, beside=True), *_line(figures, long, half=True, beside=True)],
    )


def _flow(figures: Figures) -> Section:
    measures = [found for one in FLOW if (found := figures.find(*one))]
    if not any(sentences.is_shown(one, year) for one in measures for year in one.cells):
        return Section("Vilka kommer och vilka går?", [])
    blocks: list[Block] = [tables.years(figures, "Nya, avslutade och återkomna", measures)]
    if any(one.cell(figures.year).status == "not_reported" for one in measures):
        blocks.append(
            Paragraph(
                "Avslutade bistånd och månad tio behöver månader efter årets slut. De kan räknas när de är levererade."
            )
        )
    return Section("Vilka kommer och vilka går?", blocks)


def _line(figures: Figures, measure: Measure | None, half: bool, beside: bool = False) -> list[Picture]:
    """The picture of a measure over the years, beside the groups that stand on enough municipalities."""
    if measure is None or not any(sentences.is_shown(measure, year) for year in measure.cells):
        return []
    series = [charts.Line(figures.place, _points(figures, measure, measure.cells))]
    for group, name in ((measure.similar, "Liknande"), (measure.everyone, "")) if beside else ():
        counts = [one.included for one in group.values() if one.status == "published"]
        if counts and min(counts) >= sentences.LEAST_COMPARED:
            is_whole = all(one.included == one.total for one in group.values())
            fewest = "" if min(counts) == max(counts) else f"{min(counts)}–"
            name = name or ("Riket" if is_whole else fewest + wording.municipalities(max(counts)))
            series.append(charts.Line(name, _points(figures, measure, group)))
    spoken = "; ".join(
        f"{line.name}: " + ", ".join(f"{year} {shown}" for year, (_, shown) in sorted(line.points.items()))
        for line in series
    )
    drawn = charts.lines(series, measure.unit, _HALF if half else _WHOLE, _HEIGHT)
    return [Picture(measure.name, pictures.svg(drawn), f"Linjer över år. {measure.name}. {spoken}.", half)]


def _points(
    figures: Figures, measure: Measure, cells: dict[int, Cell] | dict[int, Beside]
) -> dict[int, tuple[float | None, str]]:
    return {
        year: (cell.value if cell.status == "published" else None, figures.told(measure, cell))
        for year, cell in cells.items()
    }
