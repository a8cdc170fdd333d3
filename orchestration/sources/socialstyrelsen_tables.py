"""A table of Socialstyrelsen's web tools or yearly workbook as figures in long form, one per printed cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from orchestration.sources.tables.above import YEAR_IN_TEXT, Above, area_in_title, read_above
from orchestration.sources.tables.cells import (
    Value,
    is_error_cell,
    read_month,
    read_period,
    read_value,
    read_year,
    stars_of,
    without_stars,
)
from orchestration.sources.tables.finding import (
    LONG_TEXT,
    Column,
    FoundTable,
    Row,
    find_tables,
    header_word,
    label_places,
)
from orchestration.sources.tables.grids import Grid
from orchestration.sources.tables.measures import BREAKDOWN_ORDER, Definitions, definitions
from orchestration.sources.tables.places import COUNTRY, Place, find_place, names_municipality

_FOOTNOTE = re.compile(
    r"(?P<stars>\*{1,3}|\d\)|[¹²³⁴⁵])\s*(?P<text>(?:(?P<year>(?:19|20)\d\d)\b)?.*)", re.DOTALL
)
_AREA_ROLES = ("place", "county", "code")
# a header that means a time, in a form that is not read: `Sep-24`, `Kv 1`
_LIKE_TIME = re.compile(r"(?i)[a-zåäö]{3,9}\.?[\s'/-]*\d{2}|(kv|kvartal|q|tertial)\s*\d.*")
_THOUSANDS = re.compile(r"-?\d{1,3}\.\d{3}")


@dataclass(frozen=True)
class Figure:
    """One printed cell. `value` is in the printed unit (tkr, percent); null unless the status is published.

    `area_basis` says where the area was read: column, title, or `whole_country` when the table names no area at all.
    """

    table_id: str
    table_title: str
    layout: str
    sheet: str
    file_row: int
    column_as_printed: str
    measure: str
    unit: str
    indicator_id: str | None
    definition_id: str | None
    area_as_printed: str
    area_type: str | None
    geography_id: str | None
    area_basis: str
    period: str
    breakdown: str
    value: float | None
    decimals: int
    value_status: str
    value_as_printed: str
    footnote: str | None
    table_note: str | None


@dataclass(frozen=True)
class _Cell:
    """What the column and the row together say of a cell, before the value."""

    area: str = ""
    place: Place | None = None
    area_basis: str = ""
    year: int | None = None
    month: int | None = None
    period: str | None = None
    measures: tuple[str, ...] = ()
    unit_text: str = ""
    groups: tuple[tuple[str, str], ...] = ()
    unknown_groups: tuple[str, ...] = ()
    stars: frozenset[str] = frozenset()
    # what stands in a column of years or months and is neither
    odd_time: str = ""


def sheet_figures(grid: Grid, layout: str) -> tuple[list[Figure], list[str]]:
    """The figures of a sheet, and a Swedish sentence for each thing that could not be read."""
    words = definitions()
    figures: list[Figure] = []
    unread: list[str] = []
    for table in find_tables(grid, words.words, names_municipality):
        reader = _TableReader(table, layout, words)
        figures += reader.figures()
        unread += reader.unread
    return figures, list(dict.fromkeys(unread))


def may_be_thousands(indicator_id: str | None, unit: str, decimals: int, printed: str) -> bool:
    """Whether decimals may be thousands: no count of ours has any, and an amount with a point and three is not sure."""
    if unit in ("households", "persons"):
        return bool(indicator_id and decimals)
    return unit in ("tkr", "sek", "sek_per_household") and _THOUSANDS.fullmatch(printed.strip()) is not None


def plain_title(text: str) -> str:
    """A title without its number and years: it holds from one edition to the next."""
    plain = re.sub(r"(?i)^tab(ell)?\.?\s*\d+[a-z]?\s*[.:]?\s*", "", without_stars(text))
    plain = re.sub(r"[,(]?\s*(?:åren|år)?\s*\b(?:19|20)\d\d\b(?:\s*[-–]\s*(?:19|20)\d\d\b)?\)?", "", plain)
    return " ".join(plain.split()).strip(" ,.:–-") or text


def title_slug(text: str) -> str:
    """The plain title as part of an id."""
    letters = unicodedata.normalize("NFKD", plain_title(text).casefold()).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", letters))[:100] or "tabell"


class _TableReader:
    def __init__(self, table: FoundTable, layout: str, words: Definitions) -> None:
        self.table = table
        self.words = words
        self.unread: list[str] = []
        self.layout = layout
        self.title = table.title or table.grid.sheet or table.grid.file_name.rsplit("/", 1)[-1]
        self.values = self._with_odd_times(list(self._value_columns()))
        self.labels = list(self._label_columns())
        self.area_above = self._area_above()
        self.above = self._read_above()

    def figures(self) -> Iterator[Figure]:
        if not self.values:
            return
        for row in self.table.rows:
            by_row = self._row(row)
            for column, by_column in self.values:
                yield from self._figure(row, column, _joined(by_row, by_column))

    def _figure(self, row: Row, column: Column, cell: _Cell) -> Iterator[Figure]:
        text = row.cells[column.place]
        value = read_value(text)
        where = f"{self.table.grid.where}, rad {row.number}, kolumnen {column.header}"
        if value is None:
            self.unread.append(
                f"I {where}, står {text[:40]!r}, som varken är ett tal eller ett märke; rätta cellen, eller lägg till "
                "märket i value_marks.csv."
            )
            return
        if cell.odd_time:
            self.unread.append(
                f"I {where}, är tiden {cell.odd_time[:40]!r}, som varken är ett år eller en månad; skriv månaden med namn "
                "eller som ÅÅÅÅ-MM, och Hela året för ett helt år."
            )
            return
        cell = self._with_area_of_title(cell)
        period = _period(cell, _year_of_title(self.table))
        if period is None:
            self.unread.append(
                f"I {self.table.grid.where}, kolumnen {column.header}, saknas året; hämta tabellen med år i rubrik, "
                "kolumn eller titel."
            )
            return
        if cell.place is None:
            self.unread.append(
                f"I {self.table.grid.where} står området {cell.area!r}, som varken är riket, ett län, en kommun eller en "
                "kommungrupp; figurerna behålls utan område, rätta namnet om det är felskrivet."
            )
        figure = self._build(row, column, self._with_title_groups(cell), value, period)
        if may_be_thousands(figure.indicator_id, figure.unit, figure.decimals, text):
            what = "ett antal" if figure.unit in ("households", "persons") else "ett belopp"
            self.unread.append(
                f"I {where}, står {text[:40]!r}: {what} med decimaler kan vara ett tusental; skriv talet utan punkt."
            )
            return
        yield figure

    def _area_above(self) -> str | None:
        """The area that the title names, or else a line of its own, the sheet or (without both) the file."""
        sheet = self.table.grid.sheet
        areas = [area_in_title(text) for text in (self.table.title, *self.table.other_lines)]
        areas.append(sheet if not sheet.isdigit() and find_place(sheet) else None)
        return next((area for area in areas if area), None) or area_in_title(self.title)

    def _read_above(self) -> Above:
        table = self.table
        others = [line for line in table.other_lines if len(line) < LONG_TEXT]
        # without a title the file may be named after the group
        others.append(table.grid.sheet)
        if not table.title:
            others.append(re.sub(r"[\W_]+", " ", table.grid.file_name.rsplit("/", 1)[-1].rpartition(".")[0]))
        columns = [text for _, cell in self.values if not cell.odd_time for text in cell.measures]
        above = read_above(table.title, others, columns, self.words)
        for text in above.unknown:
            self.unread.append(
                f"Titeln i {table.grid.where} begränsar tabellen till {text!r}, som inte är någon känd grupp; figurerna "
                "behålls utan indikator. Lägg till gruppens namn under groups i data/catalog/socialstyrelsen.yml om den är känd."
            )
        return above

    def _with_title_groups(self, cell: _Cell) -> _Cell:
        named = {name for name, _ in cell.groups}
        groups = tuple(group for group in self.above.groups if group[0] not in named)
        unknown = tuple(f"grupp={text}" for text in self.above.unknown)
        return replace(cell, groups=(*groups, *cell.groups), unknown_groups=(*cell.unknown_groups, *unknown))

    def _build(self, row: Row, column: Column, cell: _Cell, value: Value, period: str) -> Figure:
        title = self.table.context.get("measure") or self.above.measure or plain_title(self.title)
        telling = [text for text in dict.fromkeys(cell.measures) if self.words.says_something(text)]
        # Antal and Andel alone tell two columns apart, but what they measure stands in the title
        measures = telling or [title, *dict.fromkeys(cell.measures)]
        unit = self.words.unit(cell.unit_text, *cell.measures)
        if unit == "unknown" and any(re.search(r"(?i)\bantal\b", text) for text in cell.measures):
            unit = self.words.count_unit(title, self.title)
        elif unit == "unknown":
            unit = self.words.unit(title, self.title)
        meaning = self.words.measure(" ".join(measures), unit)
        is_ours = cell.place is not None and not cell.unknown_groups
        footnote, table_note = self._notes(cell.stars | stars_of(value.stars), period, value.remark)
        return Figure(
            table_id=f"{self.layout}:{title_slug(self.title)}",
            table_title=self.title,
            layout=self.layout,
            sheet=self.table.grid.sheet,
            file_row=row.number,
            column_as_printed=column.header,
            measure=without_stars(", ".join(measures)),
            unit=unit,
            indicator_id=meaning.indicator_id if is_ours else None,
            definition_id=meaning.definition_id if is_ours else None,
            area_as_printed=cell.area,
            area_type=cell.place.kind if cell.place else None,
            geography_id=cell.place.geography_id if cell.place else None,
            area_basis=cell.area_basis,
            period=period,
            breakdown=_breakdown(cell),
            value=value.value,
            decimals=value.decimals,
            value_status=value.status,
            value_as_printed=row.cells[column.place],
            footnote=footnote,
            table_note=table_note,
        )

    def _value_columns(self) -> Iterator[tuple[Column, _Cell]]:
        named = self.table.by_role("value")
        for column in named or self.table.columns:
            if named:
                yield column, _Cell()
            elif column.path and column.role is None and not self._is_text(column):
                yield column, self._of_header(column)

    def _with_odd_times(self, values: list[tuple[Column, _Cell]]) -> list[tuple[Column, _Cell]]:
        """Among columns that are months, one whose header is neither a month nor a known measure is a time not understood."""
        months = sum(bool(cell.month or cell.period) for _, cell in values)

        def is_odd(cell: _Cell) -> bool:
            if cell.month or cell.period or not cell.measures:
                return False
            text = cell.measures[-1]
            return _LIKE_TIME.fullmatch(text) is not None or (
                2 * months >= len(values)
                and self.words.says_something(text)
                and not self.words.names_measure(text)
            )

        return [
            (column, replace(cell, odd_time=cell.measures[-1]) if is_odd(cell) else cell)
            for column, cell in values
        ]

    def _label_columns(self) -> Iterator[Column]:
        """The columns that say what a row is about; those whose cells are areas are areas, whatever they are called."""
        places = label_places(self.table.columns)
        measured = {column.place for column, _ in self.values}
        for column in self.table.columns:
            if column.place in measured or column.role in ("ignored", "value"):
                continue
            if column.role is None and self._holds_places(column):
                yield replace(column, role="place")
            elif column.role is None and self._holds_years(column):
                yield replace(column, role="year")
            elif column.place in places or (column.path and self._is_text(column)):
                yield column

    def _cells(self, column: Column) -> list[str]:
        return [row.cells[column.place] for row in self.table.rows if row.cells[column.place]]

    def _is_text(self, column: Column) -> bool:
        """Whether a column without a known header holds words: then it divides the rows and measures nothing."""
        cells = [cell for cell in self._cells(column) if not is_error_cell(cell)]
        return 2 * sum(read_value(cell) is None for cell in cells) > len(cells)

    def _holds_places(self, column: Column) -> bool:
        cells = self._cells(column)
        return 2 * sum(not cell.isdigit() and find_place(cell) is not None for cell in cells) > len(cells)

    def _holds_years(self, column: Column) -> bool:
        cells = self._cells(column)
        return bool(cells) and not column.path and all(read_year(cell) for cell in cells)

    def _of_header(self, column: Column) -> _Cell:
        cell = _Cell(stars=frozenset().union(*(stars_of(text) for text in column.path)))
        for text in column.path:
            cell = self._with_header_text(cell, text)
        return cell

    def _with_header_text(self, cell: _Cell, text: str) -> _Cell:
        if year := read_year(text):
            return replace(cell, year=year[0], stars=cell.stars | {year[1]} - {""})
        if month := read_month(text):
            return replace(cell, month=month)
        if period := read_period(text):
            return replace(cell, period=period)
        if group := self.words.group(text):
            return cell if group[0] == "total" else replace(cell, groups=(*cell.groups, group))
        if place := find_place(text):
            return replace(cell, area=without_stars(text), place=place, area_basis="column")
        if len(years := set(YEAR_IN_TEXT.findall(text))) == 1 and cell.year is None:
            cell, text = replace(cell, year=int(years.pop())), YEAR_IN_TEXT.sub("", text).strip(" ,")
        return replace(cell, measures=(*cell.measures, text))

    def _row(self, row: Row) -> _Cell:
        cell = _Cell()
        if row.section and find_place(row.section) is None:
            cell = self._with_group(cell, None, "grupp", row.section)
        areas: dict[str, str] = {}
        has_blank_month = False
        for column in self.labels:
            text = row.cells[column.place]
            has_blank_month = has_blank_month or (column.role == "month" and not text)
            if not text:
                continue
            cell = replace(cell, stars=cell.stars | stars_of(text))
            if column.role in _AREA_ROLES:
                if len(text) > len(areas.get(column.role, "")):
                    areas[column.role] = without_stars(text)
            else:
                cell = self._with_label(cell, column, text)
        for role, text in self.table.context.items():
            if role in BREAKDOWN_ORDER:
                cell = self._with_group(cell, role, role, text)
        if has_blank_month and not cell.period and not cell.odd_time:
            cell = replace(cell, odd_time="(tom)")
        return _with_area(cell, areas)

    def _with_label(self, cell: _Cell, column: Column, text: str) -> _Cell:
        if column.role in ("year", "period") and (year := read_year(text)):
            return replace(cell, year=year[0], stars=cell.stars | {year[1]} - {""})
        if column.role == "month":
            month = read_month(text) or (int(text) if re.fullmatch(r"0?[1-9]|1[0-2]", text) else None)
            period = cell.period or read_period(text)
            is_whole = self.words.group(text) == ("total", "")
            return replace(
                cell, month=month, period=period, odd_time="" if month or period or is_whole else text
            )
        if column.role in ("period", "year"):
            period = read_period(text)
            return replace(cell, period=period, odd_time="" if period else text)
        if column.role == "measure":
            return replace(cell, measures=(*cell.measures, without_stars(text)))
        if column.role == "unit":
            return replace(cell, unit_text=text)
        return self._with_group(cell, column.role, column.header, text)

    def _with_group(self, cell: _Cell, role: str | None, header: str, text: str) -> _Cell:
        group = self.words.group(text, role)
        if group is None:
            name = role or header_word(header).replace(" ", "_") or "grupp"
            return replace(cell, unknown_groups=(*cell.unknown_groups, f"{name}={without_stars(text)}"))
        return cell if group[0] == "total" else replace(cell, groups=(*cell.groups, group))

    def _with_area_of_title(self, cell: _Cell) -> _Cell:
        if cell.area:
            return cell
        context = self.table.context
        if text := context.get("place") or context.get("county") or self.area_above:
            return replace(cell, area=text, place=find_place(text), area_basis="title")
        return replace(cell, place=COUNTRY, area=COUNTRY.name, area_basis="whole_country")

    def _notes(
        self, stars: frozenset[str] | set[str], period: str, remark: str
    ) -> tuple[str | None, str | None]:
        """The footnotes that concern a cell, and the notes of the whole table."""
        concerning, whole = [remark] if remark else [], []
        pointed = set(stars) | stars_of(self.title)
        for note in self.table.notes:
            found = _FOOTNOTE.fullmatch(note)
            if found is None:
                whole.append(note)
            elif found["stars"] in pointed and found["year"] in (None, period[:4]):
                concerning.append(found["text"].strip())
        return " ".join(concerning) or None, " ".join(whole) or None


def _with_area(cell: _Cell, areas: dict[str, str]) -> _Cell:
    """A code goes before a name, and a municipality before the county it stands beside."""
    code, name, county = (areas.get(role, "") for role in ("code", "place", "county"))
    printed = name or county or code
    if not printed:
        return cell
    place = (
        (find_place(code) if code else None)
        or (find_place(name) if name else None)
        or (find_place(county, "county") if not name else None)
    )
    return replace(cell, area=printed, place=place, area_basis="column")


def _joined(row: _Cell, column: _Cell) -> _Cell:
    """Row and column together; where both name a thing the column, which stands closer to the figure, decides."""
    return _Cell(
        area=column.area or row.area,
        place=column.place or row.place,
        area_basis=column.area_basis or row.area_basis,
        year=column.year or row.year,
        month=column.month or row.month,
        period=column.period or row.period,
        measures=(*column.measures, *row.measures),
        unit_text=f"{column.unit_text} {row.unit_text}".strip(),
        groups=(*row.groups, *column.groups),
        unknown_groups=(*row.unknown_groups, *column.unknown_groups),
        stars=row.stars | column.stars,
        odd_time=column.odd_time or row.odd_time,
    )


def _period(cell: _Cell, year_of_title: int | None) -> str | None:
    if cell.period:
        return cell.period
    year = cell.year or year_of_title
    if year is None:
        return None
    return f"{year}-{cell.month:02}" if cell.month else str(year)


def _breakdown(cell: _Cell) -> str:
    groups = dict(cell.groups)
    parts = [f"{name}={groups[name]}" for name in BREAKDOWN_ORDER if name in groups]
    return ";".join([*parts, *sorted(cell.unknown_groups)]) or "total"


def _year_of_title(table: FoundTable) -> int | None:
    years = set(re.findall(r"\b(?:19|20)\d\d\b", table.title))
    if text := table.context.get("year"):
        years = set(re.findall(r"\b(?:19|20)\d\d\b", text)) or years
    return int(years.pop()) if len(years) == 1 else None
