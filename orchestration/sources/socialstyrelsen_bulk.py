"""Socialstyrelsen's bulk zip: data files with codes and small files that say what the codes mean.

Large (every area, year and group since 1990), so a column is read once per distinct text and never row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from orchestration.sources.socialstyrelsen_tables import may_be_thousands, title_slug
from orchestration.sources.tables.cells import read_month, read_period, read_value, read_year
from orchestration.sources.tables.finding import header_word
from orchestration.sources.tables.grids import FETCH_AGAIN, SourceFileError, decoded, delimiter_of
from orchestration.sources.tables.measures import BREAKDOWN_ORDER, definitions
from orchestration.sources.tables.places import find_place

LAYOUT = "bulk"
_DATA = re.compile(r"(?i)[ _]-[ _]data[ _]-[ _]")


def is_bulk(members: dict[str, bytes]) -> bool:
    """Whether a zip holds data files of the bulk form, told by their names."""
    return any(_DATA.search(name) for name in members)


def bulk_figures(members: dict[str, bytes], file_name: str, schema: pa.Schema) -> tuple[pa.Table, list[str]]:
    """All figures of the zip as a table of `schema`, and Swedish sentences for what could not be read.

    Raises SourceFileError when a data file has no column of values, or nothing was read at all.
    """
    texts_of_codes = _code_lists(members)
    tables, unread = [], []
    for name in sorted(members):
        if _DATA.search(name):
            table, problems = _DataFile(name, members[name], file_name, texts_of_codes).figures(schema)
            tables.append(table)
            unread += problems
    return pa.concat_tables(tables) if tables else schema.empty_table(), unread


def _code_lists(members: dict[str, bytes]) -> dict[str, dict[str, str]]:
    """What the codes of each column mean, from the files with the columns kod and text."""
    lists: dict[str, dict[str, str]] = {}
    for name, content in members.items():
        if _DATA.search(name) or not name.lower().endswith(".csv"):
            continue
        table = _read(name, content, name)
        by_word = {header_word(column): column for column in table.column_names}
        if {"kod", "text"} <= set(by_word):
            pairs = zip(table[by_word["kod"]].to_pylist(), table[by_word["text"]].to_pylist(), strict=True)
            stem = name.rsplit(".", 1)[0].rsplit(" - ", 1)[-1]
            lists[header_word(stem)] = {_code(code): text.strip() for code, text in pairs}
    return lists


def _code(code: str) -> str:
    """Codes are padded with zeros in one file and not in the other; a blank is no code."""
    plain = code.strip()
    return plain and (plain.lstrip("0") or "0")


def _read(name: str, content: bytes, file_name: str) -> pa.Table:
    """Every column as text."""
    text = decoded(content, f"{file_name}/{name}")
    header = text.partition("\n")[0].strip("\r\n")
    delimiter = delimiter_of(text[:20_000])
    names = [column.strip().strip('"') for column in header.split(delimiter)]
    if len(set(names)) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        raise SourceFileError(f"I filen {file_name}/{name} står kolumnen {twice} två gånger; {FETCH_AGAIN}.")
    try:
        return pa_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter),
            convert_options=pa_csv.ConvertOptions(
                column_types={column: pa.string() for column in names}, strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        raise SourceFileError(
            f"I filen {file_name}/{name} har någon rad fler eller färre fält än rubrikraden; {FETCH_AGAIN}."
        ) from None


class _DataFile:
    def __init__(self, name: str, content: bytes, file_name: str, texts: dict[str, dict[str, str]]) -> None:
        self.name = name
        self.file_name = file_name
        self.where = f"{file_name}/{name}"
        self.words = definitions()
        self.data = _read(name, content, file_name)
        self.texts = texts
        self.unread: list[str] = []
        roles = {column: self.words.words.role(column) for column in self.data.column_names}
        self.columns = {role: column for column, role in roles.items() if role}
        # a column whose header is no known word divides the rows, if there is a list of what its codes mean
        self.others = [column for column, role in roles.items() if role is None]
        if "value" not in self.columns:
            found = ", ".join(self.data.column_names)
            raise SourceFileError(
                f"Filen {self.where} har ingen kolumn med värden (kolumnerna är {found}); lägg till värdekolumnens namn "
                "under columns: value i data/catalog/socialstyrelsen.yml."
            )
        if not {"year", "period"} & set(self.columns):
            raise SourceFileError(
                f"Filen {self.where} har ingen kolumn med år; lägg till kolumnens namn under columns: year i "
                "data/catalog/socialstyrelsen.yml."
            )

    def figures(self, schema: pa.Schema) -> tuple[pa.Table, list[str]]:
        rows = self.data.num_rows
        title = (
            _DATA.split(self.name)[0].strip() + ", " + _DATA.split(self.name)[-1].rsplit(".", 1)[0].strip()
        )
        values = self._each("value", read_value)
        area, measure = self._area(), self._measure(title)
        breakdown, is_ours = self._breakdown()
        period = self._period()
        indicator = pc.if_else(
            pc.and_(is_ours, pc.is_valid(area["geography_id"])), measure["indicator_id"], None
        )
        definition = pc.if_else(pc.is_valid(indicator), measure["definition_id"], None)
        constant = {
            "file_name": self.file_name,
            "table_id": f"{LAYOUT}:{title_slug(title)}", "table_title": title, "layout": LAYOUT, "sheet": self.name,
            "column_as_printed": self.columns["value"], "area_basis": "column",
        }  # fmt: skip
        columns = {
            **{name: pa.repeat(pa.scalar(text), rows) for name, text in constant.items()},
            "file_row": pa.array(range(2, rows + 2), pa.int32()),
            **{name: measure[name] for name in ("measure", "unit")},
            "indicator_id": indicator, "definition_id": definition, **area, "period": period, "breakdown": breakdown,
            "value": values["value"], "decimals": values["decimals"], "value_status": values["status"],
            "value_as_printed": self.data[self.columns["value"]],
        }  # fmt: skip
        arrays = [
            columns[name].cast(kind) if name in columns else pa.nulls(rows, kind)
            for name, kind in zip(schema.names, schema.types, strict=True)
        ]
        kept = self._kept(columns)
        return pa.Table.from_arrays(arrays, schema=schema).filter(kept), self.unread

    def _kept(self, columns: dict[str, Any]) -> pa.Array:
        """Which rows can be read; those that cannot are told."""
        is_unsure = self._may_be_thousands(columns)
        kept = pc.and_(
            pc.and_(pc.is_valid(columns["value_status"]), pc.is_valid(columns["period"])),
            pc.invert(is_unsure),
        )
        unsure = pc.sum(is_unsure).as_py() or 0
        if unsure:
            self.unread.append(
                f"I filen {self.where} har {unsure} rader ett antal eller belopp med decimaler, som kan vara ett tusental; "
                f"{FETCH_AGAIN}."
            )
        lost = self.data.num_rows - unsure - (pc.sum(kept).as_py() or 0)
        if lost:
            self.unread.append(
                f"I filen {self.where} kunde {lost} rader inte läsas: värdet är varken ett tal eller ett märke, eller tiden "
                f"varken ett år eller en månad; {FETCH_AGAIN}."
            )
        return kept

    def _may_be_thousands(self, columns: dict[str, Any]) -> pa.Array:
        """Rows whose decimals may be thousands, asked once per distinct indicator, unit and text with decimals."""
        names = ("indicator_id", "unit", "decimals", "value_as_printed")
        # a join finds no null
        asked = {**columns, "indicator_id": pc.fill_null(columns["indicator_id"], "")}
        table = pa.table({name: asked[name] for name in names})
        table = table.append_column("row", pa.array(range(self.data.num_rows)))
        table = table.filter(pc.greater(table["decimals"], 0))
        kinds = table.group_by(list(names)).aggregate([]).to_pylist()
        unsure = [one for one in kinds if may_be_thousands(*(one[name] for name in names))]
        found = table.join(
            pa.Table.from_pylist(unsure, pa.schema([table.schema.field(name) for name in names])),
            list(names),
            join_type="left semi",
        )
        return pc.is_in(pa.array(range(self.data.num_rows)), found["row"].combine_chunks())

    def _each(self, role: str, reads: Callable[[str], Any]) -> dict[str, pa.ChunkedArray]:
        """`reads` asked once per distinct text; its attributes as columns, null where it gave None."""
        encoded = self.data[self.columns[role]].combine_chunks().dictionary_encode()
        found = [reads(text) for text in encoded.dictionary.to_pylist()]
        kinds = {"value": pa.float64(), "decimals": pa.int32(), "status": pa.string()}
        return {
            name: pa.array([getattr(one, name, None) for one in found], kind).take(encoded.indices)
            for name, kind in kinds.items()
        }

    def _mapped(self, column: str, reads: Callable[[str], str | None]) -> pa.Array:
        encoded = self.data[column].combine_chunks().dictionary_encode()
        return pa.array([reads(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(
            encoded.indices
        )

    def _text(self, column: str, code: str) -> str:
        """What a code of the column means; the code itself where no list says."""
        return self.texts.get(header_word(column), {}).get(_code(code), code.strip())

    def _area(self) -> dict[str, pa.Array]:
        column = next(
            (self.columns[role] for role in ("code", "place", "county") if role in self.columns), None
        )
        if column is None:
            country = find_place("Riket")
            assert country is not None
            texts = {
                "area_as_printed": country.name,
                "area_type": country.kind,
                "geography_id": country.geography_id,
            }
            return {name: pa.repeat(pa.scalar(text), self.data.num_rows) for name, text in texts.items()}

        def place(code: str) -> Any:
            return find_place(code) or find_place(self._text(column, code))

        unknown = sorted({code for code in pc.unique(self.data[column]).to_pylist() if place(code) is None})
        if unknown:
            self.unread.append(
                f"I filen {self.where}, kolumnen {column}, är {len(unknown)} områden okända (det första {unknown[0]!r}); "
                "deras figurer behålls utan område."
            )
        return {
            "area_as_printed": self._mapped(column, lambda code: self._text(column, code)),
            "area_type": self._mapped(column, lambda code: getattr(place(code), "kind", None)),
            "geography_id": self._mapped(column, lambda code: getattr(place(code), "geography_id", None)),
        }

    def _measure(self, title: str) -> dict[str, pa.Array]:
        column = self.columns.get("measure")
        if column is None:
            unit = self.words.unit(title)
            meaning = self.words.measure(title, unit)
            texts = {
                "measure": title,
                "unit": unit,
                "indicator_id": meaning.indicator_id,
                "definition_id": meaning.definition_id,
            }
            return {
                name: pa.repeat(pa.scalar(text, pa.string()), self.data.num_rows)
                for name, text in texts.items()
            }

        def meaning_of(code: str) -> Any:
            text = self._text(column, code)
            return self.words.measure(text, self.words.unit(text))

        return {
            "measure": self._mapped(column, lambda code: self._text(column, code)),
            "unit": self._mapped(column, lambda code: meaning_of(code).unit),
            "indicator_id": self._mapped(column, lambda code: meaning_of(code).indicator_id),
            "definition_id": self._mapped(column, lambda code: meaning_of(code).definition_id),
        }

    def _breakdown(self) -> tuple[pa.Array, pa.Array]:
        """The breakdown of each row, and whether all its parts are known."""
        joined = pa.repeat(pa.scalar(""), self.data.num_rows)
        is_ours = pa.repeat(pa.scalar(True), self.data.num_rows)
        columns: list[tuple[str | None, Any]] = [
            (role, self.columns[role]) for role in BREAKDOWN_ORDER if role in self.columns
        ]
        columns += [(None, column) for column in self.others]
        for role, column in columns:
            name = role or header_word(column).replace(" ", "_")

            def part(
                code: str, role: str | None = role, column: str = column, name: str = name
            ) -> str | None:
                text = self._text(column, code)
                group = self.words.group(text, role)
                if group is None:
                    return f"{name}={text}"
                return "" if group[0] == "total" else f"{group[0]}={group[1]}"

            texts = self._mapped(column, part)
            known = pc.unique(self.data[column]).to_pylist()
            unknown = [code for code in known if self.words.group(self._text(column, code), role) is None]
            is_ours = pc.and_(
                is_ours,
                pc.invert(pc.is_in(self.data[column].combine_chunks(), pa.array(unknown, pa.string()))),
            )
            separator = pc.if_else(pc.or_(pc.equal(joined, ""), pc.equal(texts, "")), "", ";")
            joined = pc.binary_join_element_wise(joined, separator, texts, "")
        return pc.if_else(pc.equal(joined, ""), "total", joined), is_ours

    def _period(self) -> pa.Array:
        def year_of(text: str) -> str | None:
            year = read_year(text)
            return str(year[0]) if year else read_period(text)

        year = self._mapped(self.columns.get("year") or self.columns["period"], year_of)
        if "month" not in self.columns:
            return year
        column = self.columns["month"]

        def month_of(code: str) -> str | None:
            text = self._text(column, code)
            number = read_month(text) or (
                int(code) if re.fullmatch(r"0?[1-9]|1[0-2]", code.strip()) else None
            )
            # what is no month is not read: only the whole is the year
            return f"-{number:02}" if number else "" if self.words.group(text) == ("total", "") else None

        return pc.binary_join_element_wise(year, self._mapped(column, month_of), "")
