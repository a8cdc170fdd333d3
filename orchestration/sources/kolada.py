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

from orchestration.catalog_models import Dataset, Route
from orchestration.lib.http import decoded_json
from orchestration.sources import Answer, Drifted, Questions, Request, SourceError

PARSER_VERSION = 1
NAME = "Kolada"
MOST_IDS = 25
MOST_PAGES = 2000

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
        answer: Answer = yield Request(url)
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
    if dataset_id == "kpis":
        asked = [(kpi,) for kpi in _asked(url).get("kpi", [])] if items else []
        return {
            "kolada_kpis": _table("kolada_kpis", [_kpi(item, url) for item in items]),
            "kolada_kpi_scopes": _table("kolada_kpi_scopes", asked),
        }
    if dataset_id == "municipalities":
        rows = [
            (_text(i, "id", url), _text(i, "title", url), i.get("type") or i.get("region_type"))
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
        *(_text(item, "id", url), _text(item, "title", url), item.get("description")),
        *(bool(_field(item, "is_divided_by_gender", url)), item.get("municipality_type")),
        *(item.get("operating_area"), item.get("perspective")),
        *(item.get("prel_publication_date"), item.get("publication_date")),
        None if item.get("publ_period") is None else str(item["publ_period"]),
    )


def _members(items: Sequence[dict[str, Any]], url: str) -> Iterator[tuple]:
    for group in items:
        members = _objects(group, "members", url)
        for member in members:
            # v2 named them id and title
            member_id = _text(member, "member_id" if "member_id" in member else "id", url)
            yield (
                *(_text(group, "id", url), _text(group, "title", url)),
                *(member_id, member.get("member_title") or member.get("title")),
            )


def _values(items: Sequence[dict[str, Any]], url: str) -> Iterator[tuple]:
    for item in items:
        kpi, area = _text(item, "kpi", url), _text(item, "municipality", url)
        period = _period(_field(item, "period", url), url)
        for inner in _objects(item, "values", url):
            is_deleted = bool(inner.get("isdeleted", inner.get("is_deleted", False)))
            value = _field(inner, "value", url)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise Drifted(
                    f"{NAME}: kolumnen value är inget tal i {kpi} {area} {period} ({url}); se om tjänsten har ändrats.",
                    url,
                )
            count = inner.get("count")
            if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
                raise Drifted(
                    f"{NAME}: kolumnen count är inget heltal i {kpi} {area} {period} ({url}); se om tjänsten har ändrats.",
                    url,
                )
            status = inner.get("status")
            yield (
                *(kpi, area, period, _text(inner, "gender", url)),
                *(None if value is None else float(value), None if status is None else str(status)),
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
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in schema]
    return pa.table(
        [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
