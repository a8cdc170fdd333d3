"""Öppna jämförelser of economic assistance: the yearly workbooks with every municipality's answers.

The edition is the year of publication; the year that an answer concerns is printed beside it or not at all. Answers are
kept as answered next to their code, and codes are read with the version of the question that the edition had.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pyarrow as pa

from orchestration.catalog.models import Dataset, Route
from orchestration.sources.connector import Questions
from orchestration.sources.oj_catalog import OjCatalog, Question, Version, oj_catalog
from orchestration.sources.oj_respondents import Respondent, find_respondent, slug
from orchestration.sources.tables.cells import Value, is_mark, read_value, read_year, stars_of, without_stars
from orchestration.sources.tables.finding import (
    Column,
    FoundTable,
    Row,
    find_tables,
    header_word,
    looks_like_table,
)
from orchestration.sources.tables.grids import (
    FETCH_AGAIN,
    UNREAD,
    Grid,
    SourceFileError,
    file_name_of,
    open_grids,
    unread_table,
)
from orchestration.sources.tables.places import names_municipality

PARSER_VERSION = 1
_TEXT, _NUMBER, _REAL = pa.string(), pa.int32(), pa.float64()
ANSWERS = pa.schema(
    [
        ("file_name", _TEXT), ("edition_year", _NUMBER), ("data_year", _NUMBER), ("sheet", _TEXT), ("file_row", _NUMBER),
        ("column_as_printed", _TEXT), ("row_kind", _TEXT), ("question_id", _TEXT), ("indicator_id", _TEXT),
        ("indicator_name", _TEXT), ("version", _NUMBER), ("coding", _TEXT), ("question", _TEXT), ("respondent_id", _TEXT), ("respondent_type", _TEXT),
        ("respondent_name", _TEXT), ("respondent_as_printed", _TEXT), ("geography_id", _TEXT),
        ("parent_geography_id", _TEXT), ("answer", _TEXT), ("answer_code", _NUMBER), ("harmonised_code", _NUMBER),
        ("value", _REAL), ("unit", _TEXT), ("decimals", _NUMBER), ("value_status", _TEXT), ("answer_as_printed", _TEXT),
        ("footnote", _TEXT),
    ]
)  # fmt: skip
QUESTIONS = pa.schema(
    [
        ("file_name", _TEXT), ("edition_year", _NUMBER), ("sheet", _TEXT), ("file_row", _NUMBER), ("question_id", _TEXT),
        ("indicator_id", _TEXT), ("question", _TEXT), ("description", _TEXT),
    ]
)  # fmt: skip
TABLES = {"oj_answers": ANSWERS, "oj_questions": QUESTIONS, "oj_unread": UNREAD}
_EDITION = re.compile(r"(?i)öppna jämförelser\D{0,80}?((?:19|20)\d\d)")
_AGGREGATES = ("country", "county", "skr_group", "unweighted_mean")
_TABLE_NUMBER = re.compile(r"(?i)^tabell\s*\d+[a-z]?\s*[.:]?\s*")
_YEAR_IN_HEADER = re.compile(r"[,(]?\s*\b(?:år\s+)?((?:19|20)\d\d)\b(?!\s*[-–])\*{0,3}\)?")


@dataclass(frozen=True)
class ParsedOj:
    """`answers` has the columns of ANSWERS, `questions` of QUESTIONS; `unread` one Swedish sentence per thing not read."""

    answers: pa.Table
    questions: pa.Table
    unread: tuple[str, ...]


@dataclass(frozen=True)
class SurveyAnswer:
    """One answered cell; row_kind `count` is a printed number of respondents that gave the answer."""

    edition_year: int
    data_year: int | None
    sheet: str
    file_row: int
    column_as_printed: str
    row_kind: str
    question_id: str
    indicator_id: str | None
    indicator_name: str | None
    version: int | None
    coding: str | None
    question: str
    respondent_id: str
    respondent_type: str
    respondent_name: str
    respondent_as_printed: str
    geography_id: str | None
    parent_geography_id: str | None
    answer: str | None
    answer_code: int | None
    harmonised_code: int | None
    value: float | None
    unit: str | None
    decimals: int
    value_status: str
    answer_as_printed: str
    footnote: str | None


@dataclass(frozen=True)
class _Asked:
    """The question of a column: its text, and what the catalogue knows of it in this edition."""

    text: str
    data_year: int | None
    question: Question | None
    number: int | None
    version: Version | None
    is_fraction: bool = False

    @property
    def question_id(self) -> str:
        return self.question.indicator_id if self.question else slug(self.text)


def requests(dataset: Dataset, route: Route, year: int) -> Questions:
    """Nothing: the addresses of the workbooks are not known, they are saved from the page and laid in by hand."""
    yield from ()


def parse(dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]:
    """The answers and questions of one kept workbook, and what could not be read of it. Raises SourceFileError."""
    parsed = parse_file(body, file_name_of(url))
    return {
        "oj_answers": parsed.answers,
        "oj_questions": parsed.questions,
        "oj_unread": unread_table(file_name_of(url), parsed.unread),
    }


def parse_file(content: bytes, file_name: str) -> ParsedOj:
    """The answers and descriptions of one workbook. No file system, no network, no clock.

    Raises SourceFileError when it holds no answers, or its edition cannot be told.
    """
    grids = open_grids(content, file_name)
    edition = _edition(grids, file_name)
    answers: list[SurveyAnswer] = []
    questions: list[dict[str, object]] = []
    unread: list[str] = []
    for grid in grids:
        reader = _SheetReader(grid, edition, oj_catalog())
        if reader.is_text:
            continue
        reader.read()
        answers += reader.answers
        questions += reader.questions
        unread += reader.unread
    answers, twice = _without_duplicates(answers, file_name)
    unread = list(dict.fromkeys([*unread, *twice]))
    if not answers:
        raise SourceFileError(
            unread[0]
            if unread
            else f"Filen {file_name} har inget blad med rubrikrad och svar; {FETCH_AGAIN}."
        )
    return ParsedOj(
        pa.Table.from_pylist([asdict(one) | {"file_name": file_name} for one in answers], schema=ANSWERS),
        pa.Table.from_pylist([one | {"file_name": file_name} for one in questions], schema=QUESTIONS),
        tuple(unread),
    )


def _edition(grids: Sequence[Grid], file_name: str) -> int:
    """The year of publication: from a title, the publication date, the article number, or the file's name."""
    cells = [cell for grid in grids for row in grid.rows[:60] for cell in row if cell]
    if named := [found[1] for cell in cells if (found := _EDITION.search(cell))]:
        return int(named[0])
    for place, cell in enumerate(cells):
        if header_word(cell).startswith("publiceringsdatum"):
            for text in cells[place : place + 2]:
                if found := re.search(r"\b((?:19|20)\d\d)-\d\d-\d\d", text):
                    return int(found[1])
    base = file_name.rsplit("/", 1)[-1]
    if found := re.match(r"((?:19|20)\d\d)-\d{1,2}-\d+", base):
        return int(found[1])
    years = set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", base))
    if len(years) == 1:
        return int(years.pop())
    raise SourceFileError(
        f"Filen {file_name} säger inte vilket år utgåvan är från; döp den så att året står i namnet, till exempel "
        "oppna-jamforelser-2024.xlsx."
    )


class _SheetReader:
    def __init__(self, grid: Grid, edition: int, catalog: OjCatalog) -> None:
        self.grid, self.edition, self.catalog = grid, edition, catalog
        self.answers: list[SurveyAnswer] = []
        self.questions: list[dict[str, object]] = []
        self.unread: list[str] = []

    @property
    def is_text(self) -> bool:
        name = header_word(self.grid.sheet)
        return any(
            name == known or name.startswith(f"{known} ")
            for known in map(header_word, self.catalog.text_sheets)
        )

    def read(self) -> None:
        tables = find_tables(self.grid, self.catalog.words, names_municipality)
        for table in tables:
            roles = {column.role for column in table.columns}
            if roles & {"place", "code", "county", "district"}:
                self._read_respondents(table)
            elif "question" in roles and (counts := self._answer_columns(table)):
                self._read_counts(table, counts)
            elif "question" in roles:
                self._read_descriptions(table)
        if not tables and looks_like_table(self.grid):
            self.unread.append(
                f"I {self.grid.where} finns svar eller tal men ingen rubrikrad med Kommun eller Kommunkod; lägg till "
                "rubrikens ord under columns i data/catalog/oppna_jamforelser.yml, eller hämta filen på nytt."
            )

    def _read_respondents(self, table: FoundTable) -> None:
        is_long = bool(table.by_role("question")) and bool(table.by_role("answer") + table.by_role("value"))
        asked = {} if is_long else self._asked_columns(table)
        for row in table.rows:
            cells = {column.role: row.cells[column.place] for column in table.columns if column.role}
            respondent = find_respondent(cells, row.section, self.catalog)
            if respondent is None:
                self.unread.append(
                    f"I {self.grid.where}, rad {row.number}, saknas kommunens namn och kod; rätta raden."
                )
                continue
            if respondent.respondent_type == "unknown":
                self.unread.append(
                    f"I {self.grid.where}, rad {row.number}, är {respondent.as_printed!r} varken kommun, stadsdel, län, riket "
                    "eller kommungrupp; svaren behålls utan område, skriv rätt namn under spellings i katalogen."
                )
            year = read_year(cells.get("year", ""))
            if is_long:
                question = self._asked(cells["question"], year[0] if year else None, [])
                column = (table.by_role("answer") or table.by_role("value"))[0]
                self._answer(row, column, respondent, question, table)
            for column, question in asked.items():
                dated = replace(question, data_year=question.data_year or (year[0] if year else None))
                self._answer(row, column, respondent, dated, table)

    def _asked_columns(self, table: FoundTable) -> dict[Column, _Asked]:
        asked: dict[Column, _Asked] = {}
        title = _TABLE_NUMBER.sub("", table.title)
        for column in table.columns:
            if column.role or not column.path:
                continue
            year, texts = None, []
            for text in column.path:
                if found := read_year(text):
                    year = found[0]
                else:
                    texts.append(without_stars(text))
            text = " ".join(texts)
            if year is None and len(years := set(_YEAR_IN_HEADER.findall(text))) == 1:
                year, text = int(years.pop()), _YEAR_IN_HEADER.sub("", text).strip(" ,")
            cells = [row.cells[column.place] for row in table.rows]
            asked[column] = self._asked(text if texts else title or self.grid.sheet, year, cells)
        return self._told_apart(asked)

    def _told_apart(self, asked: dict[Column, _Asked]) -> dict[Column, _Asked]:
        """Without the columns that stand twice, and without a question of the catalogue that two columns fit."""
        kept = dict(asked)
        for column, one in asked.items():
            rivals = [
                other for other in asked
                if other is not column and (asked[other].question_id, asked[other].data_year) == (one.question_id, one.data_year)
            ]  # fmt: skip
            if any(other.header == column.header for other in rivals):
                kept.pop(column)
                self.unread.append(
                    f"I {self.grid.where} står kolumnen {column.header!r} två gånger; den läses inte, ta bort den ena."
                )
            elif rivals and one.question:
                kept[column] = replace(one, question=None, number=None, version=None)
                self.unread.append(
                    f"I {self.grid.where} passar flera kolumner på frågan {one.question.name} (en är {column.header!r}); de "
                    "behålls som egna frågor, skriv fler ord under words i data/catalog/oppna_jamforelser.yml."
                )
        return kept

    def _asked(self, text: str, year: int | None, cells: Sequence[str]) -> _Asked:
        found = self.catalog.question(text)
        question = found[0] if len(found) == 1 else None
        version = question.version(year or self.edition) if question else None
        if question and version is None:
            self.unread.append(
                f"I {self.grid.where} finns frågan {question.name}, som katalogen inte har någon version av för utgåvan "
                f"{year or self.edition}; lägg till den under versions i data/catalog/oppna_jamforelser.yml."
            )
        number, content = version or (None, None)
        values = [one.value for cell in cells if (one := read_value(cell)) and one.value is not None]
        # a cell formatted as per cent holds a fraction
        is_fraction = bool(
            content
            and content.unit == "percent"
            and values
            and max(values) <= 1
            and any(one % 1 for one in values)
        )
        return _Asked(text, year, question, number, content, is_fraction)

    def _answer(
        self, row: Row, column: Column, respondent: Respondent, asked: _Asked, table: FoundTable
    ) -> None:
        printed = row.cells[column.place]
        blank = replace(
            self._blank(row, column, asked, printed, _footnote(printed, column, table)),
            respondent_id=respondent.respondent_id,
            respondent_type=respondent.respondent_type,
            respondent_name=respondent.name,
            respondent_as_printed=respondent.as_printed,
            geography_id=respondent.geography_id,
            parent_geography_id=respondent.parent_geography_id,
        )
        self.answers.append(self._understood(blank, printed, asked, row, column))

    def _blank(
        self, row: Row, column: Column, asked: _Asked, printed: str, footnote: str | None
    ) -> SurveyAnswer:
        return SurveyAnswer(
            edition_year=self.edition, data_year=asked.data_year, sheet=self.grid.sheet, file_row=row.number,
            column_as_printed=column.header, row_kind="answer", question_id=asked.question_id,
            indicator_id=asked.question.indicator_id if asked.question and asked.version else None,
            indicator_name=asked.question.name if asked.question and asked.version else None,
            coding=asked.version.coding if asked.version else None,
            version=asked.number, question=asked.text, respondent_id="", respondent_type="", respondent_name="",
            respondent_as_printed="", geography_id=None, parent_geography_id=None, answer=None, answer_code=None,
            harmonised_code=None, value=None, unit=None, decimals=0, value_status="published",
            answer_as_printed=printed, footnote=footnote,
        )  # fmt: skip

    def _understood(
        self, blank: SurveyAnswer, printed: str, asked: _Asked, row: Row, column: Column
    ) -> SurveyAnswer:
        plain = without_stars(printed) if not is_mark(printed) else printed
        number = read_value(printed)
        if number is not None and number.value is None:
            return replace(blank, value_status=number.status)
        version = asked.version
        coding = version.coding if version else None
        if coding and number is not None and blank.respondent_type in _AGGREGATES:
            # a county or the country has no answer of its own: the figure is the share that answered yes
            share = number.value or 0.0
            return replace(
                blank,
                value=round(100 * share, 10) if 0 < share < 1 else share,
                unit="percent",
                decimals=number.decimals,
            )
        coded = self.catalog.coded(plain, coding)
        if coded is None and coding and number is not None:
            coded = self.catalog.by_code(number.value or 0, coding)
        if coded is not None:
            code = coded.code if coding else None
            return replace(blank, answer=coded.answer, answer_code=code, harmonised_code=coded.harmonised)
        if coding:
            self._not_in_coding(blank, printed, asked, row)
            return replace(blank, answer=plain)
        if number is not None:
            return self._measured(blank, number, asked, row, column)
        if version is not None:
            self.unread.append(
                f"I {self.grid.where}, rad {row.number}, kolumnen {column.header!r}, står {printed[:40]!r} där ett tal väntas; "
                "rätta cellen, eller lägg till märket i value_marks.csv."
            )
        return replace(blank, answer=plain)

    def _measured(
        self, blank: SurveyAnswer, number: Value, asked: _Asked, row: Row, column: Column
    ) -> SurveyAnswer:
        version = asked.version
        value, decimals = number.value or 0.0, number.decimals
        if asked.is_fraction:
            value, decimals = round(100 * value, 10), max(decimals - 2, 0)
        if version and version.scale_max and not 1 <= value <= version.scale_max:
            self.unread.append(
                f"I {self.grid.where}, rad {row.number}, kolumnen {column.header!r}, ligger {blank.answer_as_printed} utanför "
                f"skalan 1–{version.scale_max} i utgåvan {self.edition}; rätta cellen eller katalogens version."
            )
        return replace(blank, value=value, decimals=decimals, unit=version.unit if version else "unknown")

    def _not_in_coding(self, blank: SurveyAnswer, printed: str, asked: _Asked, row: Row) -> None:
        name = asked.question.name if asked.question else asked.text
        self.unread.append(
            f"I {self.grid.where}, rad {row.number}, är svaret {printed[:40]!r} på frågan {name} inte något av kodningens svar i "
            f"version {asked.number}; svaret behålls utan kod, lägg till en ny version i data/catalog/oppna_jamforelser.yml."
        )

    def _answer_columns(self, table: FoundTable) -> list[Column]:
        return [
            one
            for one in table.columns
            if one.role is None and one.path and self.catalog.coded(one.header, None)
        ]

    def _read_counts(self, table: FoundTable, columns: list[Column]) -> None:
        """A table of how many respondents gave each answer, one question a row."""
        for row in table.rows:
            text = next(row.cells[column.place] for column in table.by_role("question"))
            asked = self._asked(text, None, [])
            for column in columns:
                printed = row.cells[column.place]
                coded = self.catalog.coded(column.header, None)
                value = read_value(printed)
                if value is None or coded is None:
                    self.unread.append(
                        f"I {self.grid.where}, rad {row.number}, kolumnen {column.header!r}, står {printed[:40]!r} där ett antal "
                        "väntas; rätta cellen."
                    )
                    continue
                blank = self._blank(
                    row, column, asked, printed, value.remark or _footnote(printed, column, table)
                )
                title = _TABLE_NUMBER.sub("", table.title) or self.grid.sheet
                self.answers.append(
                    replace(
                        blank,
                        row_kind="count",
                        answer=coded.answer,
                        harmonised_code=coded.harmonised,
                        value=value.value,
                        unit="respondents",
                        value_status=value.status,
                        respondent_id=slug(title),
                        respondent_type="group",
                        respondent_name=title,
                        respondent_as_printed=title,
                    )
                )

    def _read_descriptions(self, table: FoundTable) -> None:
        texts = table.by_role("description") or [
            one for one in table.columns if one.role is None and one.path
        ]
        for row in table.rows:
            question = next(row.cells[column.place] for column in table.by_role("question"))
            description = " ".join(row.cells[column.place] for column in texts if row.cells[column.place])
            if question and description:
                asked = self._asked(question, None, [])
                self.questions.append(
                    {
                        "edition_year": self.edition,
                        "sheet": self.grid.sheet,
                        "file_row": row.number,
                        "question_id": asked.question_id,
                        "indicator_id": asked.question.indicator_id if asked.question else None,
                        "question": question,
                        "description": description,
                    }
                )


def _footnote(printed: str, column: Column, table: FoundTable) -> str | None:
    """The notes that the stars on a cell or its header point to; a star that stands alone is itself the answer."""
    stars = stars_of(column.header) | stars_of(table.title)
    stars |= {printed.strip()} if re.fullmatch(r"\*{1,3}", printed.strip()) else stars_of(printed)
    texts = [
        found["text"].strip()
        for note in table.notes
        if (found := re.fullmatch(r"(?s)(?P<stars>\*{1,3})\s*[=:]?\s*(?P<text>[^*].*)", note))
        and found["stars"] in stars
    ]
    return " ".join(texts) or None


def _without_duplicates(
    answers: Sequence[SurveyAnswer], file_name: str
) -> tuple[list[SurveyAnswer], list[str]]:
    """The first of the same answer on several sheets; answers that contradict each other are told."""
    first: dict[tuple, SurveyAnswer] = {}
    problems: list[str] = []
    for one in answers:
        key = (
            one.row_kind,
            one.respondent_id,
            one.question_id,
            one.data_year,
            one.answer if one.row_kind == "count" else "",
        )
        before = first.setdefault(key, one)
        if before is not one and before.answer_as_printed != one.answer_as_printed:
            problems.append(
                f"I filen {file_name} har {one.respondent_name} två olika svar på {one.question!r} (bladet {before.sheet}, rad "
                f"{before.file_row}, och bladet {one.sheet}, rad {one.file_row}); det första gäller, rätta filen om det är fel."
            )
    return list(first.values()), problems
