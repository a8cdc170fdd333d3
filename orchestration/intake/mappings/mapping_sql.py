"""A mapping, compiled to the SQL of the view `raw_rows` over the columns of one file.

`raw_rows` has one row per canonical row: file_row (the row of the file it came from), row_key (unique), is_whole,
is_filtered, is_unknown_kind (a value that a closed list of the mapping has not), and the canonical columns as text. Every row of the file gives at least one row here, also when the
mapping's filters leave it out (is_filtered) or a household row holds nobody, so that nothing can vanish unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestration.intake.files.headers import FoundHeader, normalised_name
from orchestration.intake.mappings.mapping_files import PERIOD_PARTS, KnownValues, Mapping, Person, RowFilter
from orchestration.intake.rules.catalogue import canonical_columns

AMOUNTS = ("forsorjningsstod_kr", "ovrigt_bistand_kr")
# what shows that a place for a person in a household row is taken
_PRESENCE = ("personnummer", "forsorjningshinder", "forsorjningshinder_2", *AMOUNTS)
# more places than a household row can have (each person may be a hundred, in repeated columns or in one cell), and more
# months than a row is made into
_ROW_KEYS = 100_000
_SPLIT_PLACES = 100
_MONTHS_MAX = 24
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
        f"false as is_filtered, false as is_unknown_kind, {', '.join(columns)} from ({table.relation}) as delivered"
    )
    left = tuple(place for place in range(len(table.header.names)) if place not in positions.values())
    return Compiled(sql, {name: table.header.names[place] for name, place in positions.items()}, left)


def compile_mapping(mapping: Mapping, table: Table) -> Compiled:
    """The mapping over the file's columns. Raises ColumnMissingError when a column it names is not there."""
    builder = _Builder(mapping, table)
    left_out = [builder.filter_sql(row_filter) for row_filter in mapping.filters]
    left_out += [builder.one_of_sql(known.column, known.leave_out) for known in mapping.known_values]
    filtered = " or ".join(left_out) or "false"
    unknown = " or ".join(builder.unknown_sql(known) for known in mapping.closed_lists()) or "false"
    months = builder.months_sql()
    rows = builder.household_rows() if mapping.persons else builder.person_rows()
    builder.check_fill_down()
    cells = "".join(f", {builder.filled(name, sql)} as {name}" for name, sql in builder.cells.items())
    sql = f"""
        create or replace temp view raw_rows as
        with cells as (select file_row, is_whole{cells} from ({table.relation}) as delivered),
        kept as (
            select *, is_whole and ({filtered}) as is_filtered, is_whole and ({unknown}) as is_unknown_kind from cells
        ),
        marked as ({months})
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

    def months_sql(self) -> str:
        """The kept rows, each once for every month it holds for; one whose days cannot be read, or are too far apart or in the
        wrong order, stays one row without a month."""
        if self.mapping.months is None:
            return f"select *, file_row * {_MONTHS_MAX + 1} as month_key from kept"
        first, last = (
            f"date_trunc('month', day_of({self.cell(column, None)}))"
            for column in (self.mapping.months.first, self.mapping.months.last)
        )
        self.used["period"] = f"{self.mapping.months.first} – {self.mapping.months.last}"
        return f"""
            select
                * exclude (first_month, months_count),
                file_row * {_MONTHS_MAX + 1} + month_place as month_key,
                strftime(first_month + to_months(cast(month_place as integer)), '%Y-%m') as month_text,
                greatest(months_count, 1) as months_of_row
            from (
                select *, unnest(range(greatest(months_count, 1))) as month_place
                from (
                    select * replace (
                        case when months_count between 1 and {_MONTHS_MAX} then first_month end as first_month,
                        case when months_count between 1 and {_MONTHS_MAX} then months_count else 1 end as months_count
                    )
                    from (
                        select *, {first} as first_month, datediff('month', {first}, {last}) + 1 as months_count from kept
                    )
                )
            )
        """

    def check_fill_down(self) -> None:
        """Raises ColumnMissingError when a column to fill down is not there."""
        for column in self.mapping.fill_down:
            if self.table.header.position(column) is None:
                raise ColumnMissingError(f"kolumnen {column} saknas")

    def filled(self, name: str, sql: str) -> str:
        """A cell, with the one above it where it is blank and its column is filled down."""
        places = {self.table.header.position(column) for column in self.mapping.fill_down}
        if int(re.sub("^c([0-9]+).*$", r"\1", name, flags=re.DOTALL)) not in places:
            return sql
        return (
            f"last_value({sql} ignore nulls) over "
            "(order by file_row rows between unbounded preceding and current row)"
        )

    def with_months(self, columns: dict[str, str]) -> dict[str, str]:
        """The canonical columns with the month of the row and its part of the amounts."""
        if self.mapping.months is None:
            return columns
        divided = {
            name: self._part_of_month(columns[name])
            for name in set(AMOUNTS) & set(columns)
            if not self.mapping.months.amount_per_month
        }
        return columns | divided | {"period": "month_text"}

    def _part_of_month(self, text: str) -> str:
        """An amount divided over the months of its row; what is no amount stays as it is, for the rules to judge."""
        amount = f"{'payment_sek' if self.mapping.sum_payments else 'amount_sek'}({text})"
        return (
            f"case when months_of_row = 1 or {amount} is null then {text} "
            f"else cast(part_of_month({amount}, months_of_row, month_place) as varchar) end"
        )

    def person_rows(self) -> str:
        columns = {name: self.value(name, source) for name, source in self.mapping.columns.items()}
        columns = self.with_months(columns | self.constants())
        if self.mapping.derive:
            together = self.cell(self.mapping.derive.co_applicant, None)
            columns["roll"] = f"role_of({together}, {columns['personnummer']}, {columns['period']})"
            self.used["roll"] = f"{self.mapping.derive.co_applicant} och ålder"
        if "roll" in columns:
            of_applicant = [*AMOUNTS] * self.mapping.amounts_on_rl_row
            of_applicant += ["forsorjningshinder", "forsorjningshinder_2"] * self.mapping.reason_on_rl_row
            for name in set(of_applicant) & set(columns):
                columns[name] = f"case when upper({columns['roll']}) = 'RL' then {columns[name]} end"
        return (
            "select file_row, month_key as row_key, is_whole, is_filtered, is_unknown_kind, "
            f"{_in_order(columns)} from marked"
        )

    def household_rows(self) -> str:
        """One row per taken place of the household row; what stands once for the household goes to the first of them."""
        shared = {name: self.value(name, source) for name, source in self.mapping.columns.items()}
        shared = self.with_months(shared | self.constants())
        persons = self._persons()
        told = [columns[name] for _, columns in persons for name in columns]
        self._shared_by_persons = {sql for sql in told if told.count(sql) > 1}
        places = [self._place(number, person, columns) for number, (person, columns) in enumerate(persons, 1)]
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
            , listed as (select *, {self._places(places)} as places from marked),
            taken as (
                select *, list_filter(places, lambda one: one.is_present and is_whole and not is_filtered) as present
                from listed
            ),
            people as (
                select
                    * exclude (places, present),
                    -- what stands once for the household goes to the first person who is told
                    coalesce(
                        list_filter(present, lambda one: one.personnummer is not null)[1].place,
                        case when len(present) > 0 then present[1].place else 1 end
                    ) as first_place,
                    unnest(case when len(present) > 0 then present else places[1:1] end) as person
                from taken
            )
            select
                file_row, month_key * {_ROW_KEYS} + person.place as row_key, is_whole, is_filtered, is_unknown_kind,
                {_in_order(values)}
            from people
        """

    def _persons(self) -> list[tuple[Person, dict[str, str]]]:
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
                found.append((person, {name: self.value(name, source) for name, source in sources.items()}))
        if not found:
            raise ColumnMissingError("ingen av personernas kolumner finns")
        return found

    def _places(self, places: list[str]) -> str:
        """The places of a household row as one list; a cell with several numbers gives as many places."""
        fixed = f"[{', '.join(places)}]"
        if not any(person.split for person in self.mapping.persons):
            return fixed
        return f"""flatten(list_transform({fixed}, lambda one: case
            when one.is_split and len(numbers_in(one.personnummer)) > 1 then list_transform(
                numbers_in(one.personnummer), lambda number, place: struct_update(
                    one, place := cast(one.place + place as integer), personnummer := number
                )
            )
            else [one]
        end))"""

    def _place(self, number: int, person: Person, columns: dict[str, str]) -> str:
        own = [name for name in _PRESENCE if name in columns and columns[name] not in self._shared_by_persons]
        present = " or ".join(f"{columns[name]} is not null" for name in own)
        # a household has an applicant, also where the number is left out
        present = "true" if person.role == "RL" else present
        parts = [
            f"'place': {number * _SPLIT_PLACES}",
            f"'is_present': {present}",
            f"'is_split': {str(person.split).lower()}",
            f"'roll': '{person.role}'",
        ]
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
        if name == "period" and self.mapping.period_format:
            text = _period_sql(text, self.mapping.period_format)
        if name in AMOUNTS and self.mapping.amount_by:
            kinds = self.one_of_sql(self.mapping.amount_by.column, getattr(self.mapping.amount_by, name))
            text = f"(case when {kinds} then {text} end)"
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

    def one_of_sql(self, column: str, values: Iterable[str]) -> str:
        """SQL that is true where the column has one of the values, without case and surrounding blanks; '' is a blank."""
        listed = ", ".join(literal(_folded(value)) for value in values)
        cell = self.cell(column, None) or "cast(null as varchar)"
        return f"(coalesce(lower({cell}), '') in ({listed}))" if listed else "false"

    def unknown_sql(self, known: KnownValues) -> str:
        """SQL that is true where the column has a value that the list does not."""
        return f"not {self.one_of_sql(known.column, (*known.read, *known.leave_out))}"

    def filter_sql(self, row_filter: RowFilter) -> str:
        """SQL that is true for the rows to leave out."""
        cell = self.cell(row_filter.column, None) or "cast(null as varchar)"
        if texts := row_filter.contains or row_filter.not_contains:
            found = " or ".join(f"contains(lower({cell}), {literal(_folded(text))})" for text in texts)
            found = f"coalesce({found}, false)"
            return f"not ({found})" if row_filter.contains else f"({found})"
        found = self.one_of_sql(row_filter.column, row_filter.values or row_filter.not_in)
        return f"not {found}" if row_filter.values else found


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
