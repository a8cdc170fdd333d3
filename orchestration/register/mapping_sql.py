"""A mapping, compiled to the SQL of the view `raw_rows` over the columns of one file.

`raw_rows` has one row per canonical row: file_row (the row of the file it came from), row_key (unique), is_whole,
is_filtered, and the canonical columns as text. Every row of the file gives at least one row here, also when the
mapping's filters leave it out (is_filtered) or a household row holds nobody, so that nothing can vanish unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestration.register.headers import FoundHeader, normalised_name
from orchestration.register.mappings import PERIOD_PARTS, Mapping, RowFilter
from orchestration.register.rules import canonical_columns

AMOUNTS = ("forsorjningsstod_kr", "ovrigt_bistand_kr")
# what shows that a place for a person in a household row is taken
_PRESENCE = ("personnummer", "forsorjningshinder", "forsorjningshinder_2", *AMOUNTS)
# more places than a household row can have (two adults and repeated persons of at most 30)
_ROW_KEYS = 1000
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?"


class ColumnMissingError(Exception):
    """A source column of the mapping stands not in the file, or twice. The text is the Swedish reason."""


@dataclass(frozen=True)
class Table:
    """A file as SQL can read it. `relation` gives file_row, is_whole and what `cell` refers to.

    `cell(position, column)` is SQL for one cell as clean text, to be used as that canonical column (None: as it is).
    """

    header: FoundHeader
    relation: str
    cell: Callable[[int, str | None], str]
    is_spreadsheet: bool = False


@dataclass(frozen=True)
class Compiled:
    """`sql` makes `raw_rows`; `used` says where each canonical column comes from; `ignored` are left positions."""

    sql: str
    used: dict[str, str]
    ignored: tuple[int, ...]


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def compile_identity(table: Table, positions: dict[str, int], names: Iterable[str]) -> Compiled:
    """A delivery in the form of the contract: every one of the columns `names` as it is."""
    cells = {
        name: _repaired(name, table.cell(place, name), table.is_spreadsheet)
        for name, place in positions.items()
    }
    columns = [f"{cells.get(name, 'cast(null as varchar)')} as {name}" for name in names]
    sql = (
        "create or replace temp view raw_rows as select file_row, file_row as row_key, is_whole, "
        f"false as is_filtered, {', '.join(columns)} from ({table.relation}) as delivered"
    )
    left = tuple(place for place in range(len(table.header.names)) if place not in positions.values())
    return Compiled(sql, {name: table.header.names[place] for name, place in positions.items()}, left)


def compile_mapping(mapping: Mapping, table: Table) -> Compiled:
    """The mapping over the file's columns. Raises ColumnMissingError when a column it names is not there."""
    builder = _Builder(mapping, table)
    filtered = " or ".join(builder.filter_sql(row_filter) for row_filter in mapping.filters) or "false"
    rows = builder.household_rows() if mapping.persons else builder.person_rows()
    cells = "".join(f", {sql} as {name}" for name, sql in builder.cells.items())
    sql = f"""
        create or replace temp view raw_rows as
        with cells as (select file_row, is_whole{cells} from ({table.relation}) as delivered),
        marked as (select *, is_whole and ({filtered}) as is_filtered from cells)
        {rows}
    """
    left = tuple(place for place in range(len(table.header.names)) if place not in builder.used_places)
    return Compiled(sql, builder.used, left)


class _Builder:
    """Collects the cells that the mapping needs while its parts are put into SQL."""

    def __init__(self, mapping: Mapping, table: Table) -> None:
        self.mapping = mapping
        self.table = table
        self.cells: dict[str, str] = {}
        self.used: dict[str, str] = {}
        self.used_places: set[int] = set()
        self._optional = {normalised_name(name) for name in mapping.optional}

    def person_rows(self) -> str:
        columns = {name: self.value(name, source) for name, source in self.mapping.columns.items()}
        columns |= self.constants()
        if self.mapping.amounts_on_rl_row and "roll" in columns:
            for name in set(AMOUNTS) & set(columns):
                columns[name] = f"case when upper({columns['roll']}) = 'RL' then {columns[name]} end"
        return (
            f"select file_row, file_row as row_key, is_whole, is_filtered, {_in_order(columns)} from marked"
        )

    def household_rows(self) -> str:
        """One row per taken place of the household row; what stands once for the household goes to the first of them."""
        shared = {name: self.value(name, source) for name, source in self.mapping.columns.items()}
        shared |= self.constants()
        places = [
            self._place(number, role, columns) for number, (role, columns) in enumerate(self._persons(), 1)
        ]
        names = [column.name for column in canonical_columns()]
        values = {name: f"coalesce(person.{name}, {sql})" for name, sql in shared.items()}
        for name in AMOUNTS:
            if name in shared:
                values[name] = (
                    f"coalesce(person.{name}, case when person.place = first_place then {shared[name]} end)"
                )
        if "hushallstyp" in shared:
            values["hushallstyp"] = f"case when person.roll = 'RL' then {shared['hushallstyp']} end"
        values |= {name: f"person.{name}" for name in names if name not in values}
        return f"""
            , listed as (select *, [{", ".join(places)}] as places from marked),
            taken as (
                select *, list_filter(places, lambda one: one.is_present and is_whole and not is_filtered) as present
                from listed
            ),
            people as (
                select
                    * exclude (places, present),
                    case when len(present) > 0 then present[1].place else 1 end as first_place,
                    unnest(case when len(present) > 0 then present else places[1:1] end) as person
                from taken
            )
            select
                file_row, file_row * {_ROW_KEYS} + person.place as row_key, is_whole, is_filtered, {_in_order(values)}
            from people
        """

    def _persons(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        for person in self.mapping.persons:
            for number in range(1, max(person.up_to, 1) + 1):
                sources = {
                    name: tuple(part.replace("{n}", str(number)) for part in source)
                    for name, source in person.columns.items()
                }
                if person.up_to:
                    # repeated persons: as many as the file has columns for
                    if not all(self.table.header.holds(part) for part in sources["personnummer"]):
                        continue
                    sources = {
                        name: source
                        for name, source in sources.items()
                        if all(self.table.header.holds(part) for part in source)
                    }
                found.append(
                    (person.role, {name: self.value(name, source) for name, source in sources.items()})
                )
        if not found:
            raise ColumnMissingError("ingen av personernas kolumner finns")
        return found

    def _place(self, number: int, role: str, columns: dict[str, str]) -> str:
        present = " or ".join(f"{columns[name]} is not null" for name in _PRESENCE if name in columns)
        parts = [f"'place': {number}", f"'is_present': {present}", f"'roll': '{role}'"]
        parts += [
            f"'{column.name}': {columns.get(column.name, 'cast(null as varchar)')}"
            for column in canonical_columns()
            if column.name != "roll"
        ]
        return "{" + ", ".join(parts) + "}"

    def constants(self) -> dict[str, str]:
        self.used |= {name: f"konstanten {value}" for name, value in self.mapping.constants.items()}
        return {name: literal(value) for name, value in self.mapping.constants.items()}

    def value(self, name: str, source: tuple[str, ...]) -> str:
        """SQL for a canonical column out of its source columns: joined, put in form, and its codes exchanged."""
        cells = [cell for cell in (self.cell(part, name) for part in source) if cell]
        if len(cells) < len(source):
            return "cast(null as varchar)"
        self.used[name] = ", ".join([*filter(None, [self.used.get(name)]), " + ".join(source)])
        text = " || ' ' || ".join(cells)
        text = f"({text})" if len(cells) > 1 else text
        has_format = name == "period" and bool(self.mapping.period_format)
        if self.table.is_spreadsheet or not has_format:
            text = _repaired(name, text, self.table.is_spreadsheet)
        if name == "personnummer":
            text = f"nullif(regexp_replace({text}, '[ \\x{{00A0}}]|[.,]0+$', '', 'g'), '')"
        if name in AMOUNTS:
            text = f"nullif(regexp_replace({text}, '(?i)[ \\x{{00A0}}]*(kr\\.?|sek|:-|kronor)$', ''), '')"
        if name == "period" and self.mapping.period_format:
            text = _period_sql(text, self.mapping.period_format)
        return _coded(text, self.mapping.codes.get(name, {}))

    def cell(self, source: str, column: str | None) -> str | None:
        """The name of a cell in the common table; None when the column is optional and not there."""
        try:
            place = self.table.header.position(source)
        except LookupError:
            raise ColumnMissingError(f"kolumnen {source} finns två gånger") from None
        if place is None:
            if normalised_name(source) in self._optional:
                return None
            raise ColumnMissingError(f"kolumnen {source} saknas")
        self.used_places.add(place)
        name = f"c{place}" if column is None else f"c{place}_{column}"
        self.cells[name] = self.table.cell(place, column)
        return name

    def filter_sql(self, row_filter: RowFilter) -> str:
        """SQL that is true for the rows to leave out."""
        cell = self.cell(row_filter.column, None) or "cast(null as varchar)"
        listed = ", ".join(literal(_folded(value)) for value in (row_filter.values or row_filter.not_in))
        found = f"coalesce(lower({cell}), '') in ({listed})"
        return f"not ({found})" if row_filter.values else f"({found})"


def _in_order(columns: dict[str, str]) -> str:
    return ", ".join(
        f"{columns.get(column.name, 'cast(null as varchar)')} as {column.name}"
        for column in canonical_columns()
    )


def _folded(value: str) -> str:
    return value.strip().lower()


def _coded(text: str, codes: dict[str, str]) -> str:
    """Codes are compared without case and surrounding blanks; what is not among them is left as it is."""
    if not codes:
        return text

    def target(value: str) -> str:
        return literal(value.strip()) if value.strip() else "null"

    folded = {_folded(code): value for code, value in codes.items()}
    blank = f"when {text} is null then {target(folded.pop(''))} " if "" in folded else ""
    cases = " ".join(
        f"when lower({text}) = {literal(code)} then {target(value)}" for code, value in folded.items()
    )
    return f"case {blank}{cases} else {text} end"


def period_pattern(period_format: str) -> tuple[str, list[str]]:
    """An RE2 pattern for the format and its parts in order: `year`, `year2`, `month`, `name`, `day`."""
    kinds = {
        "ÅÅÅÅ": "year",
        "YYYY": "year",
        "ÅÅ": "year2",
        "YY": "year2",
        "månad": "name",
        "MM": "month",
        "M": "month",
    }
    forms = {
        "ÅÅÅÅ": "([0-9]{4})", "YYYY": "([0-9]{4})", "ÅÅ": "([0-9]{2})", "YY": "([0-9]{2})", "MM": "([0-9]{2})",
        "M": "([0-9]{1,2})", "månad": r"(\pL{3,9})\.?", "DD": "([0-9]{2})", "D": "([0-9]{1,2})",
    }  # fmt: skip
    pattern, parts, last = "", [], 0
    for found in PERIOD_PARTS.finditer(period_format):
        pattern += re.escape(period_format[last : found.start()]) + forms[found[0]]
        parts.append(kinds.get(found[0], "day"))
        last = found.end()
    pattern += re.escape(period_format[last:])
    return pattern + ("([ T].*)?" if "day" in parts else ""), parts


def _period_sql(text: str, period_format: str) -> str:
    pattern, parts = period_pattern(period_format)

    def part(kind: str) -> str:
        return f"regexp_extract({text}, {literal(pattern)}, {parts.index(kind) + 1})"

    year = (
        part("year")
        if "year" in parts
        else f"(case when {part('year2')} < '70' then '20' else '19' end || {part('year2')})"
    )
    if "month" in parts:
        month = f"lpad({part('month')}, 2, '0')"
    else:
        names = " ".join(f"when '{name}' then '{number:02d}'" for number, name in enumerate(_MONTHS, 1))
        month = f"case left(lower({part('name')}), 3) {names} when 'may' then '05' when 'oct' then '10' end"
    return f"case when regexp_full_match({text}, {literal(pattern)}) then {year} || '-' || {month} else {text} end"


def _repaired(name: str, text: str, is_spreadsheet: bool) -> str:
    """A spreadsheet keeps dates and numbers, not text, and so does a text file that was saved from one: months out of dates,
    and zeros that a number has lost."""
    if name == "period":
        if is_spreadsheet:
            return f"case when regexp_full_match({text}, '{_ISO_DATE}') then left({text}, 7) else {text} end"
        return f"period_of_saved_sheet({text})"
    width = {"kommunkod": 4, "personnummer": 10}.get(name)
    if width and is_spreadsheet:
        return f"case when regexp_full_match({text}, '[0-9]+') then padded({text}, {width}) else {text} end"
    if width:
        # shorter ones have lost more than the zeros of a number
        least = width - (1 if name == "kommunkod" else 3)
        return (
            f"case when length({text}) between {least} and {width - 1} and regexp_full_match({text}, '[0-9]+') "
            f"then padded({text}, {width}) else {text} end"
        )
    return text
