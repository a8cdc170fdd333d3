"""Kolada, API v3 (RKA): KPI metadata, municipalities, groups of municipalities and yearly values.

At most 25 ids a question; paged by next_url (older answers: next_page) until it is empty; `count` is the items of the
page and says nothing of the total. An unknown parameter gives an empty list with status 200.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyarrow as pa

from orchestration.catalog.models import Dataset, Route
from orchestration.sources.connector import Drifted, Questions, Request, Response, SourceError
from orchestration.sources.fetching.http import decoded_json

PARSER_VERSION = 1
NAME = "Kolada"
MOST_IDS = 25
MOST_PAGES = 2000
# words that no Swedish title has
_ENGLISH = re.compile(
    r"(?i)\b(municipalit(y|ies)|inhabitants?|recipients?|households?|county|sweden|(number|share|cost) of|the)\b"
)

TABLES = {
    "kolada_kpis": pa.schema(
        [
            ("kpi_id", pa.string()),
            ("title", pa.string()),
            ("description", pa.string()),
            ("is_divided_by_gender", pa.bool_()),
            ("municipality_type", pa.string()),
            ("operating_area", pa.string()),
            ("perspective", pa.string()),
            ("prel_publication_date", pa.string()),
            ("publication_date", pa.string()),
            ("publ_period", pa.string()),
        ]
    ),
    "kolada_municipalities": pa.schema(
        [("municipality_code", pa.string()), ("title", pa.string()), ("region_type", pa.string())]
    ),
    "kolada_municipality_groups": pa.schema(
        [
            ("group_id", pa.string()),
            ("group_title", pa.string()),
            ("member_id", pa.string()),
            ("member_title", pa.string()),
        ]
    ),
    "kolada_values": pa.schema(
        [
            ("kpi_id", pa.string()),
            ("area_id", pa.string()),
            ("period", pa.int32()),
            ("gender", pa.string()),
            ("value", pa.float64()),
            ("raw_status", pa.string()),
            ("members_count", pa.int32()),
            ("is_deleted", pa.bool_()),
        ]
    ),
    "kolada_kpi_scopes": pa.schema([("kpi_id", pa.string())]),
    # what a question asked for: only there can an absent value be said to have gone
    "kolada_scopes": pa.schema([("kpi_id", pa.string()), ("period", pa.int32()), ("area_id", pa.string())]),
}


def requests(dataset: Dataset, route: Route, year: int) -> Questions:
    """What to ask for a dataset: `year` is the last year that may have values."""
    base = route.url.rstrip("/")
    if dataset.dataset_id == "kpis":
        for some in _batches(dataset.asks["kpis"]):
            yield from _pages(base, f"kpi/{','.join(some)}")
    elif dataset.dataset_id == "municipalities":
        yield from _pages(base, "municipality")
    elif dataset.dataset_id == "municipality_groups":
        yield from _pages(base, "municipality_groups")
    else:
        for some in _batches(dataset.asks["kpis"]):
            for one in range(dataset.asks["first_year"], year + 1):
                yield from _pages(base, f"data/kpi/{','.join(some)}/year/{one}")


def _batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))


def _pages(base: str, path: str) -> Questions:
    url = f"{base}/{path}"
    asked: set[str] = set()
    last: bytes | None = None
    while url:
        if url in asked or len(asked) >= MOST_PAGES:
            raise _looping(url)
        asked.add(url)
        answer: Response = yield Request(url)
        page = _envelope(answer.body, url)
        if page["values"] and answer.body == last:
            raise _looping(url)
        last = answer.body
        url = _next_url(page, base, url)


def _looping(url: str) -> SourceError:
    return SourceError(
        f"{NAME} bläddrar i ring eller ger samma sida två gånger ({url}); kör igen, och anmäl felet till RKA om det består.",
        "unreadable",
        url,
    )


def _next_url(page: dict[str, Any], base: str, url: str) -> str:
    """The next page under the address in use: a service replayed elsewhere still names its own address."""
    named = page.get("next_url") or page.get("next_page")
    if not named:
        return ""
    if not isinstance(named, str):
        raise Drifted(f"{NAME}: next_url är ingen adress ({url}); se om tjänsten har ändrats.", url)
    parts = urlsplit(named)
    path, root = parts.path.strip("/"), urlsplit(base).path.strip("/")
    path = (
        path.removeprefix(f"{root}/") if root and path.startswith(f"{root}/") else re.sub(r"^v\d+/", "", path)
    )
    return f"{base}/{path}" + (f"?{parts.query}" if parts.query else "")


def parse(dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]:
    """Rows of one page. Raises Drifted, naming the field, or SourceError when the bytes are no JSON."""
    items = _envelope(body, url)["values"]
    _stop_when_english(items, url)
    if dataset_id == "kpis":
        asked = [(kpi,) for kpi in _asked(url).get("kpi", [])] if items else []
        return {
            "kolada_kpis": _table("kolada_kpis", [_kpi(item, url) for item in items]),
            "kolada_kpi_scopes": _table("kolada_kpi_scopes", asked),
        }
    if dataset_id == "municipalities":
        rows = [
            (_text(i, "id", url), _text(i, "title", url), _either(i, "type", "region_type", url))
            for i in items
        ]
        return {"kolada_municipalities": _table("kolada_municipalities", rows)}
    if dataset_id == "municipality_groups":
        return {
            "kolada_municipality_groups": _table("kolada_municipality_groups", list(_members(items, url)))
        }
    return {
        "kolada_values": _table("kolada_values", list(_values(items, url))),
        "kolada_scopes": _table("kolada_scopes", list(_scope(url)) if items else []),
    }


def _envelope(body: bytes, url: str) -> dict[str, Any]:
    page = decoded_json(body, url, NAME)
    values = page.get("values") if isinstance(page, dict) else None
    if not isinstance(values, list) or not all(isinstance(item, dict) for item in values):
        raise Drifted(
            f"{NAME}: fältet values saknas eller är ingen lista ({url}); se om tjänsten har ändrats.", url
        )
    return page


def _field(item: dict[str, Any], name: str, url: str) -> Any:
    if name not in item:
        raise Drifted(
            f"{NAME}: kolumnen {name} saknas i svaret, som har {', '.join(sorted(item)) or 'inga kolumner'} ({url}); "
            "se om tjänsten har bytt namn på den.",
            url,
        )
    return item[name]


def _text(item: dict[str, Any], name: str, url: str) -> str:
    value = _field(item, name, url)
    if not isinstance(value, str):
        raise Drifted(f"{NAME}: kolumnen {name} är ingen text ({url}); se om tjänsten har ändrats.", url)
    return value


def _objects(item: dict[str, Any], name: str, url: str) -> list[dict[str, Any]]:
    value = _field(item, name, url)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Drifted(
            f"{NAME}: kolumnen {name} är ingen lista av värden ({url}); se om tjänsten har ändrats.", url
        )
    return value


def _optional(item: dict[str, Any], name: str, url: str) -> str | None:
    """A text, or null where the field is null or left out."""
    return None if item.get(name) is None else _text(item, name, url)


def _either(item: dict[str, Any], name: str, other: str, url: str) -> str | None:
    """A text under the name of v3, or else of v2."""
    return _optional(item, name if item.get(name) is not None else other, url)


def _code(item: dict[str, Any], name: str, url: str) -> str | None:
    """A text that may have been written as a whole number."""
    value = item.get(name)
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else _optional(item, name, url)
    )


def _flag(item: dict[str, Any], name: str, url: str) -> bool:
    """True or false, as v3 writes it, or 1 and 0 as v2 did; any other value says nothing sure."""
    value = _field(item, name, url)
    if not isinstance(value, bool | int) or value not in (0, 1):
        raise Drifted(
            f"{NAME}: kolumnen {name} är varken sann eller falsk ({url}); se om tjänsten har ändrats.", url
        )
    return bool(value)


def _stop_when_english(items: list[dict[str, Any]], url: str) -> None:
    """Groups are known by their Swedish titles, and the pages show them: metadata in English would be read in part."""
    english = sum(_ENGLISH.search(str(item.get("title") or "")) is not None for item in items)
    if 2 * english > len(items):
        raise Drifted(
            f"{NAME}: kolumnen title är på engelska ({url}); hämta svaret på svenska och lägg in det på nytt.",
            url,
        )


def missing(dataset_id: str, tables: dict[str, pa.Table]) -> list[str]:
    """What was asked for and is no longer there, as Swedish sentences: a KPI that has gone from the catalogue."""
    if dataset_id != "kpis":
        return []
    asked, found = (tables[name]["kpi_id"].to_pylist() for name in ("kolada_kpi_scopes", "kolada_kpis"))
    return [
        f"Nyckeltalet {kpi} finns inte i Koladas katalog." for kpi in dict.fromkeys(asked) if kpi not in found
    ]


def _kpi(item: dict[str, Any], url: str) -> tuple:
    return (
        *(_text(item, "id", url), _text(item, "title", url), _optional(item, "description", url)),
        *(_flag(item, "is_divided_by_gender", url), _optional(item, "municipality_type", url)),
        *(_optional(item, "operating_area", url), _optional(item, "perspective", url)),
        *(_optional(item, "prel_publication_date", url), _optional(item, "publication_date", url)),
        _code(item, "publ_period", url),
    )


def _members(items: Sequence[dict[str, Any]], url: str) -> Iterator[tuple]:
    for group in items:
        members = _objects(group, "members", url)
        for member in members:
            # v2 named them id and title
            member_id = _text(member, "id" if "id" in member else "member_id", url)
            yield (
                *(_text(group, "id", url), _text(group, "title", url)),
                *(member_id, _either(member, "member_title", "title", url)),
            )


def _values(items: Sequence[dict[str, Any]], url: str) -> Iterator[tuple]:
    for item in items:
        kpi, area = _text(item, "kpi", url), _text(item, "municipality", url)
        period = _period(_field(item, "period", url), url)
        for inner in _objects(item, "values", url):
            deleted = next(
                (name for name in ("isdeleted", "is_deleted") if inner.get(name) is not None), None
            )
            is_deleted = deleted is not None and _flag(inner, deleted, url)
            value = _field(inner, "value", url)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise Drifted(
                    f"{NAME}: kolumnen value är inget tal i {kpi} {area} {period} ({url}); se om tjänsten har ändrats.",
                    url,
                )
            count = inner.get("count")
            if count is not None and (
                isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**31
            ):
                raise Drifted(
                    f"{NAME}: kolumnen count är inget heltal i {kpi} {area} {period} ({url}); se om tjänsten har ändrats.",
                    url,
                )
            status = _code(inner, "status", url)
            yield (
                *(kpi, area, period, _text(inner, "gender", url)),
                *(None if value is None else float(value), status),
                *(count, is_deleted),
            )


def _period(value: Any, url: str) -> int:
    """A year, as the number v3 writes or the text v2 wrote."""
    if re.fullmatch(r"\d{4}", str(value)):
        return int(value)
    raise Drifted(f"{NAME}: kolumnen period är inget årtal ({url}); se om tjänsten har ändrats.", url)


def _asked(url: str) -> dict[str, list[str]]:
    """The ids that an address asks for, in either of its forms, by `kpi`, `municipality` and `year`."""
    address = urlsplit(url)
    parts = unquote(address.path).strip("/").split("/")
    asked = {
        before: after.split(",")
        for before, after in pairwise(parts)
        if before in ("kpi", "year", "municipality")
    }
    for name, values in parse_qs(address.query).items():
        asked[name.removesuffix("_id")] = [one for value in values for one in value.split(",")]
    return asked


def _scope(url: str) -> Iterator[tuple]:
    """Every KPI and year asked for, and the areas when the address names them; nothing without KPI and year."""
    asked = _asked(url)
    for kpi in asked.get("kpi", []):
        for year in asked.get("year", []):
            for area in asked.get("municipality", [None]):
                yield kpi, int(year), area


def _table(name: str, rows: list[tuple]) -> pa.Table:
    schema = TABLES[name]
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [[] for _ in schema]
    return pa.table(
        [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
