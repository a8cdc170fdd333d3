"""The official sources. Each module holds two pure halves, without network and without clock:

`requests(dataset, route, year)` is a generator that yields what to ask and is sent each answer, so that paging and
limits can follow from what the service said; `parse(dataset_id, body, url)` gives the rows of one kept answer as tables,
the dataset's own first. `TABLES` says which columns each of its raw tables has, `PARSER_VERSION` rises when the same bytes give other rows.
`orchestration.sources.refresh` goes out, keeps the snapshots and runs the gate; `loading` gives the raw tables.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import pyarrow as pa

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import Dataset, Route, Service, Source
from orchestration.errors import PlainError

# twenty-five ids make an address that nobody reads
LONGEST_SHOWN_URL = 110


@dataclass(frozen=True)
class Request:
    """One question to a service.

    `body` makes it a POST of JSON. `is_kept` is false for an answer that only says what to ask next. `pace` (calls,
    seconds) is a limit that the service itself has told, followed from here on.
    """

    url: str
    body: Any = None
    expects: Literal["json", "zip", "xlsx", "csv"] = "json"
    is_kept: bool = True
    pace: tuple[int, float] | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True)
class Response:
    """What a service said, byte for byte (after the transfer's own compression)."""

    url: str
    status: int
    body: bytes
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None


class SourceError(PlainError):
    """Nothing new could be had from a source. `outcome` is one of OUTCOMES, `url` what was asked.

    A long address is shortened in the message; `url` keeps it whole.
    """

    def __init__(self, message: str, outcome: str, url: str = "", http_status: int | None = None) -> None:
        is_long = len(url) > LONGEST_SHOWN_URL
        super().__init__(message.replace(url, f"{url[:60]}…{url[-30:]}") if is_long else message)
        self.outcome = outcome
        self.url = url
        self.http_status = http_status


class Drifted(SourceError):
    """The answer does not have the shape that the parser knows; the message names the column."""

    def __init__(self, message: str, url: str = "") -> None:
        super().__init__(message, "drifted", url)


# How an attempt can end, and the word for it that people read.
OUTCOMES = {
    "new": "ny ögonblicksbild",
    "unchanged": "oförändrad",
    "empty": "tomt svar",
    "unreachable": "svarar inte",
    "refused": "avvisad av tjänsten",
    "unreadable": "oläsligt svar",
    "drifted": "ändrad form",
}

# The others leave what was in force before.
GOOD_OUTCOMES = ("new", "unchanged")

Questions = Generator[Request, Response, None]


class Connector(Protocol):
    PARSER_VERSION: int
    TABLES: dict[str, pa.Schema]

    def requests(self, dataset: Dataset, route: Route, year: int) -> Questions: ...

    def parse(self, dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]: ...


def connector(source: Source) -> Connector:
    """The module that knows the source."""
    return cast(Connector, importlib.import_module(f"orchestration.sources.{service_of(source).connector}"))


def service_of(source: Source) -> Service:
    """How the source is reached; only those that can be asked have one."""
    assert source.service is not None, source.source_id
    return source.service


def with_service(catalog: Catalog) -> Iterator[Source]:
    """The sources that can be asked, in the order of the catalogue."""
    return (source for source in catalog.sources if source.service is not None)


@contextmanager
def readable(name: str, url: str) -> Iterator[None]:
    """What a connector cannot make anything of, in a shape that it never foresaw, is Drifted like the rest."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, pa.ArrowException) as error:
        raise Drifted(
            f"{name}: svaret har en form som inte går att läsa ({url}, {type(error).__name__}); se om tjänsten har "
            "ändrats.",
            url,
        ) from error


def parse_answer(source: Source, dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]:
    """The tables of one kept answer. Raises SourceError, whatever is wrong with the bytes."""
    with readable(source.name, url):
        return connector(source).parse(dataset_id, body, url)


def put_together(parsed: list[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    """The tables of all answers, each in the order they were asked for."""
    names = dict.fromkeys(name for tables in parsed for name in tables)
    return {name: pa.concat_tables([tables[name] for tables in parsed if name in tables]) for name in names}
