"""SCB's tables by PxWebApi v2 (json-stat2), with v1 as the second way in.

Which tables, and which codes of each variable, is configuration: SCB splits a series when it revises a table, so the
population may come from several. A question larger than the limit of cells (read from /config) is split into blocks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.catalog.models import Dataset, Route
from orchestration.sources.connector import Drifted, Questions, Request
from orchestration.sources.fetching.http import decoded_json
from orchestration.sources.tables.json_stat import STATUS, VALUE, codes_of, long_form, notes

PARSER_VERSION = 1
NAME = "SCB"
# SCB's own limit, for the service that does not tell it (v1)
MOST_CELLS = 150_000
# a question is split along the first of these that has several values
SPLIT_FIRST = ("Tid", "Region")
SEXES = {"1": "M", "2": "K"}

_NOTES = [
    ("dataset_id", pa.string()),
    ("table_label", pa.string()),
    ("source", pa.string()),
    ("updated", pa.string()),
    ("note_number", pa.int32()),
    ("note", pa.string()),
]

TABLES = {
    "scb_population": pa.schema(
        [
            ("area_id", pa.string()),
            ("year", pa.int32()),
            ("sex", pa.string()),
            ("age_code", pa.string()),
            ("age", pa.int32()),
            ("population_count", pa.int64()),
            ("raw_status", pa.string()),
        ]
    ),
    "scb_yearly_equivalents": pa.schema(
        [
            ("area_id", pa.string()),
            ("month", pa.string()),
            ("sex_code", pa.string()),
            ("age_group", pa.string()),
            ("content_code", pa.string()),
            ("content_name", pa.string()),
            ("value", pa.float64()),
            ("raw_status", pa.string()),
        ]
    ),
    # families by type and number of children, the forecast by sex and age, the consumer price index: one row per cell
    "scb_figures": pa.schema(
        [
            ("dataset_id", pa.string()),
            ("area_id", pa.string()),
            ("year", pa.int32()),
            ("sex", pa.string()),
            ("age", pa.int32()),
            ("group_code", pa.string()),
            ("group_name", pa.string()),
            ("part_code", pa.string()),
            ("content_code", pa.string()),
            ("content_name", pa.string()),
            ("value", pa.float64()),
            ("raw_status", pa.string()),
        ]
    ),
    "scb_population_notes": pa.schema(_NOTES),
    "scb_yearly_equivalents_notes": pa.schema(_NOTES),
    "scb_figures_notes": pa.schema(_NOTES),
}

# datasets in scb_figures: the variables that their tables may have, and must have
_FIGURES = {
    "families": (
        {"Region", "AlderBarn", "Familjetyp", "Barn", "ContentsCode", "Tid"},
        {"Region", "Familjetyp", "Tid"},
    ),
    "forecast": ({"Region", "Kon", "Alder", "ContentsCode", "Tid"}, {"Region", "Alder", "Tid"}),
    "price_index": ({"ContentsCode", "Tid"}, {"Tid"}),
}
# the ages of the children that a family is counted for; another would count the same families again
_CHILDREN_AGES = "0-17"
# numbers of children, which together are all families; a total beside them would count them again
_CHILDREN = re.compile(r"[1-4]\+?")


def requests(dataset: Dataset, route: Route, year: int) -> Questions:
    """Every table of the dataset: its variables first, then the data in blocks under the limit."""
    base = route.url.rstrip("/")
    if route.api == "v1":
        for table in dataset.asks["tables"]:
            url = f"{base}/{table['v1']}"
            answer = yield Request(url, is_kept=False)
            for block in blocks(
                _selection(decoded_json(answer.body, url, NAME), table["select"], url), MOST_CELLS
            ):
                yield Request(url, body=_v1_query(block))
        return
    answer = yield Request(f"{base}/config", is_kept=False)
    config = decoded_json(answer.body, answer.url, NAME)
    most = int(config.get("maxDataCells") or MOST_CELLS)
    pace = _pace(config)
    for table in dataset.asks["tables"]:
        url = f"{base}/tables/{table['v2']}/metadata?lang=sv&outputFormat=json-stat2"
        answer = yield Request(url, is_kept=False, pace=pace)
        chosen = _selection(decoded_json(answer.body, url, NAME), table["select"], url)
        for block in blocks(chosen, most):
            selection = [{"variableCode": code, "valueCodes": codes} for code, codes in block.items()]
            # without outputFormat the answer is a px file
            url = f"{base}/tables/{table['v2']}/data?lang=sv&outputFormat=json-stat2"
            yield Request(url, body={"selection": selection}, pace=pace)


def blocks(selection: dict[str, list[str]], most: int) -> Iterator[dict[str, list[str]]]:
    """The selection in as few parts as give at most `most` cells each, split by time, then by area, then by the rest."""
    cells = math.prod(len(codes) for codes in selection.values())
    if cells <= most:
        yield selection
        return
    order = [one for one in (*SPLIT_FIRST, *selection) if len(selection.get(one, ())) > 1]
    if not order:
        yield selection
        return
    variable = order[0]
    codes = selection[variable]
    step = max(1, most // (cells // len(codes)))
    for start in range(0, len(codes), step):
        yield from blocks(selection | {variable: codes[start : start + step]}, most)


def _pace(config: dict[str, Any]) -> tuple[int, float] | None:
    calls, window = config.get("maxCallsPerTimeWindow"), config.get("timeWindow")
    return (int(calls), float(window)) if calls and window else None


def _selection(metadata: Any, select: dict[str, str], url: str) -> dict[str, list[str]]:
    """The codes to ask for: of each variable those that fit its pattern; a variable not named must be eliminable."""
    variables = dict(_variables(metadata, url))
    chosen: dict[str, list[str]] = {}
    for variable, pattern in select.items():
        if variable not in variables:
            raise Drifted(
                f"{NAME}: variabeln {variable} saknas i tabellen, som har {', '.join(variables)} ({url}); se om SCB har "
                "ändrat den och rätta sources.yml.",
                url,
            )
        chosen[variable] = [code for code in variables[variable][0] if re.fullmatch(pattern, code)]
        if not chosen[variable]:
            raise Drifted(
                f"{NAME}: ingen kod i variabeln {variable} passar {pattern} ({url}); se om SCB har ändrat tabellen och "
                "rätta sources.yml.",
                url,
            )
    for variable, (_, is_eliminable) in variables.items():
        if variable not in chosen and not is_eliminable:
            raise Drifted(
                f"{NAME}: variabeln {variable} måste anges men är okänd ({url}); skriv vilka koder som gäller i "
                "sources.yml.",
                url,
            )
    return chosen


def _variables(metadata: Any, url: str) -> Iterator[tuple[str, tuple[list[str], bool]]]:
    """Each variable of a table with its codes and whether it can be left out, from json-stat2 or the form of v1."""
    if isinstance(metadata, dict) and isinstance(metadata.get("dimension"), dict):
        for one in metadata.get("id") or metadata["dimension"]:
            dimension = metadata["dimension"].get(one)
            codes = codes_of(dimension, one, NAME, url)
            yield one, (codes, bool((dimension.get("extension") or {}).get("elimination")))
        return
    listed = metadata.get("variables") if isinstance(metadata, dict) else metadata
    if isinstance(listed, list):
        for one in listed:
            codes = [code["code"] if isinstance(code, dict) else code for code in one["values"]]
            yield one.get("code") or one["id"], (codes, bool(one.get("elimination")))
        return
    raise Drifted(
        f"{NAME}: fältet variables eller dimension saknas ({url}); se om tjänsten har ändrats.", url
    )


def _v1_query(block: dict[str, list[str]]) -> dict[str, Any]:
    query = [
        {"code": code, "selection": {"filter": "item", "values": codes}} for code, codes in block.items()
    ]
    return {"query": query, "response": {"format": "json-stat2"}}


def parse(dataset_id: str, body: bytes, url: str) -> dict[str, pa.Table]:
    """Rows of one answer with data, and its footnotes. Raises Drifted, naming the variable, when one is unknown."""
    content = decoded_json(body, url, NAME)
    _stop_when_english(content, url)
    columns, labels = long_form(content, NAME, url)
    if dataset_id in _FIGURES:
        name, table = "scb_figures", _figures(dataset_id, columns, labels, url)
    elif dataset_id == "population":
        name, table = "scb_population", _population(columns, labels, url)
    else:
        name, table = "scb_yearly_equivalents", _equivalents(columns, labels, url)
    told = [
        (dataset_id, content.get("label"), content.get("source"), content.get("updated"), number, note)
        for number, note in enumerate(notes(content), start=1)
    ]
    schema = TABLES[f"{name}_notes"]
    arrays = list(zip(*told, strict=True)) if told else [()] * len(schema)
    return {
        name: table,
        f"{name}_notes": pa.table([pa.array(a, f.type) for a, f in zip(arrays, schema, strict=True)], schema),
    }


def _stop_when_english(content: Any, url: str) -> None:
    """What is measured and where is told by Swedish names: an answer in English would be read in part."""
    dimensions = content.get("dimension") if isinstance(content, dict) else None
    time = dimensions.get("Tid") if isinstance(dimensions, dict) else None
    label = str(time.get("label", "")).casefold() if isinstance(time, dict) else ""
    if label in ("year", "month", "quarter") or re.search(r"[?&]lang=en\b|/en/", url):
        raise Drifted(
            f"{NAME}: svaret är på engelska ({url}); hämta det på svenska (lang=sv) och lägg in det på nytt.",
            url,
        )


def _population(columns: dict[str, np.ndarray], labels: dict[str, dict[str, str]], url: str) -> pa.Table:
    """A variable that was left out has been summed: then the row is a total. Marital status is summed here."""
    _only(columns, {"Region", "Civilstand", "Alder", "Kon", "ContentsCode", "Tid"}, {"Region", "Tid"}, url)
    columns = _of_contents(columns, labels, re.compile("folkmängd|population", re.IGNORECASE), url)
    cells = len(columns[VALUE])
    long = pa.table(
        {
            "area_id": pa.array(columns["Region"], pa.string()),
            "year": pa.array([_year(one, url) for one in columns["Tid"]], pa.int32()),
            "sex": pa.array(
                [SEXES.get(one, "T") for one in columns["Kon"]] if "Kon" in columns else ["T"] * cells
            ),
            "age_code": pa.array(columns["Alder"] if "Alder" in columns else ["tot"] * cells, pa.string()),
            "population_count": pa.array(columns[VALUE], pa.float64()),
            "raw_status": pa.array(columns[STATUS], pa.string()),
        }
    )
    if "Civilstand" in columns:
        keys = ["area_id", "year", "sex", "age_code"]
        strict = pc.ScalarAggregateOptions(skip_nulls=False)
        long = long.group_by(keys, use_threads=False).aggregate(
            [("population_count", "sum", strict), ("raw_status", "max")]
        )
        long = long.rename_columns([*keys, "population_count", "raw_status"])
    ages = [_age(one) for one in long["age_code"].to_pylist()]
    long = long.append_column("age", pa.array(ages, pa.int32()))
    return long.select(TABLES["scb_population"].names).cast(TABLES["scb_population"])


def _equivalents(columns: dict[str, np.ndarray], labels: dict[str, dict[str, str]], url: str) -> pa.Table:
    _only(
        columns,
        {"Region", "Kon", "Aldersgrupp", "ContentsCode", "Tid"},
        {"Region", "ContentsCode", "Tid"},
        url,
    )
    cells = len(columns[VALUE])
    names = labels.get("ContentsCode", {})
    total = np.full(cells, "tot", dtype=object)
    return pa.table(
        [
            pa.array(columns["Region"], pa.string()),
            pa.array(columns["Tid"], pa.string()),
            pa.array(columns.get("Kon", total), pa.string()),
            pa.array(columns.get("Aldersgrupp", total), pa.string()),
            pa.array(columns["ContentsCode"], pa.string()),
            pa.array([names.get(one, one) for one in columns["ContentsCode"]], pa.string()),
            pa.array(columns[VALUE], pa.float64()),
            pa.array(columns[STATUS], pa.string()),
        ],
        schema=TABLES["scb_yearly_equivalents"],
    )


def _figures(
    dataset_id: str, columns: dict[str, np.ndarray], labels: dict[str, dict[str, str]], url: str
) -> pa.Table:
    """The cells of a table as they are: a variable that was left out is null, and no age but whole years is read."""
    known, needed = _FIGURES[dataset_id]
    _only(columns, known, needed, url)
    if dataset_id == "forecast":
        columns = _of_contents(columns, labels, re.compile("folkmängd", re.IGNORECASE), url)
    for variable, is_right in (
        ("AlderBarn", lambda code: code == _CHILDREN_AGES),
        ("Barn", _CHILDREN.fullmatch),
    ):
        if odd := [code for code in dict.fromkeys(columns.get(variable, ())) if not is_right(code)]:
            raise Drifted(
                f"{NAME}: koden {odd[0]} i kolumnen {variable} skulle räkna samma familjer igen ({url}); rätta sources.yml.",
                url,
            )
    cells = len(columns[VALUE])
    none = [None] * cells
    ages = [_age(code) for code in columns["Alder"]] if "Alder" in columns else none
    if "Alder" in columns and None in ages:
        raise Drifted(
            f"{NAME}: kolumnen Alder har {columns['Alder'][ages.index(None)]}, som ingen ålder är ({url}); rätta sources.yml.",
            url,
        )
    groups = columns.get("Familjetyp")
    contents = columns.get("ContentsCode")
    names = labels.get("Familjetyp", {}), labels.get("ContentsCode", {})
    return pa.table(
        [
            pa.array([dataset_id] * cells, pa.string()),
            pa.array(columns.get("Region", np.full(cells, "00", dtype=object)), pa.string()),
            pa.array([_year(one, url) for one in columns["Tid"]], pa.int32()),
            pa.array([SEXES.get(one, "T") for one in columns["Kon"]] if "Kon" in columns else ["T"] * cells),
            pa.array(ages, pa.int32()),
            pa.array(none if groups is None else groups, pa.string()),
            pa.array(none if groups is None else [names[0].get(one, one) for one in groups], pa.string()),
            pa.array(columns.get("Barn", none), pa.string()),
            pa.array(none if contents is None else contents, pa.string()),
            pa.array(none if contents is None else [names[1].get(one, one) for one in contents], pa.string()),
            pa.array(columns[VALUE], pa.float64()),
            pa.array(columns[STATUS], pa.string()),
        ],
        schema=TABLES["scb_figures"],
    )


def _only(columns: dict[str, np.ndarray], known: set[str], needed: set[str], url: str) -> None:
    found = set(columns) - {VALUE, STATUS}
    if missing := sorted(needed - found):
        raise Drifted(
            f"{NAME}: kolumnen {missing[0]} saknas i svaret, som har {', '.join(sorted(found))} ({url}); se om SCB har "
            "ändrat tabellen.",
            url,
        )
    if unknown := sorted(found - known):
        raise Drifted(f"{NAME}: kolumnen {unknown[0]} är okänd ({url}); se om SCB har ändrat tabellen.", url)


def _of_contents(
    columns: dict[str, np.ndarray], labels: dict[str, dict[str, str]], wanted: re.Pattern[str], url: str
) -> dict[str, np.ndarray]:
    """Only the cells of the measure wanted, told by its name; the table may hold others, such as growth."""
    if "ContentsCode" not in columns:
        return columns
    codes = list(dict.fromkeys(columns["ContentsCode"]))
    names = labels.get("ContentsCode", {})
    fitting = [code for code in codes if wanted.match(names.get(code, code))] if len(codes) > 1 else codes
    if len(fitting) != 1:
        raise Drifted(
            f"{NAME}: kolumnen ContentsCode har inte ett enda mått som är folkmängd ({url}); rätta sources.yml.",
            url,
        )
    kept = columns["ContentsCode"] == fitting[0]
    return {name: column[kept] for name, column in columns.items()}


def _year(code: str, url: str) -> int:
    if not re.fullmatch(r"\d{4}", code):
        raise Drifted(f"{NAME}: kolumnen Tid har {code}, som inget årtal är ({url}); rätta sources.yml.", url)
    return int(code)


def _age(code: str) -> int | None:
    """100+ is 100; `tot` and groups of ages are no age."""
    return int(code.removesuffix("+")) if re.fullmatch(r"\d{1,3}\+?", code) else None
