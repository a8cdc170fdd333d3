"""Answers of a PxWeb service as long tables: json-stat2 (v1 and v2), and the older json of v1.

In json-stat2 the values are row-major and the last dimension runs fastest. A null has a status (`..` unknown or secret,
`.` not applicable) and is never 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from orchestration.sources.connector import Drifted

VALUE, STATUS = "value", "status"


def long_form(content: Any, name: str, url: str) -> tuple[dict[str, np.ndarray], dict[str, dict[str, str]]]:
    """Columns of equal length, one per dimension (codes) and `value`, `status`; and the label of each code.

    Raises Drifted, naming the field, when the answer is of neither form.
    """
    if isinstance(content, dict) and isinstance(content.get("dataset"), dict):
        content = content["dataset"]  # json-stat 1 wraps the same thing
    if isinstance(content, dict) and "columns" in content and "data" in content:
        return _from_v1_json(content, name, url)
    for field in ("id", "size", "dimension", "value"):
        if not isinstance(content, dict) or field not in content:
            raise Drifted(
                f"{name}: fältet {field} saknas, så svaret är ingen json-stat2 ({url}); se om tjänsten har ändrats.",
                url,
            )
    _stop_at_other_shapes(content, name, url)
    codes = {one: codes_of(content["dimension"].get(one), one, name, url) for one in content["id"]}
    size = [len(codes[one]) for one in content["id"]]
    cells = int(np.prod(size))
    values = _spread(content["value"], cells)
    if size != list(content["size"]) or values is None:
        raise Drifted(
            f"{name}: fältet value har inte så många värden som dimensionerna {', '.join(content['id'])} ger ({url}); "
            "hämta på nytt och anmäl felet till tjänsten om det består.",
            url,
        )
    places = np.unravel_index(np.arange(cells), size)
    columns: dict[str, np.ndarray] = {
        one: np.array(codes[one], dtype=object)[place]
        for one, place in zip(content["id"], places, strict=True)
    }
    columns[VALUE] = values
    status = _spread(content.get("status") or {}, cells)
    columns[STATUS] = np.full(cells, None, dtype=object) if status is None else status
    return columns, {one: content["dimension"][one]["category"].get("label") or {} for one in content["id"]}


def _stop_at_other_shapes(content: dict[str, Any], name: str, url: str) -> None:
    """Raises Drifted, naming the field, when one of those that are needed is of another shape."""
    given = content["value"]
    values = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ["none"]
    is_right = {
        "id": isinstance(content["id"], list) and all(isinstance(one, str) for one in content["id"]),
        "size": isinstance(content["size"], list),
        "dimension": isinstance(content["dimension"], dict),
        "value": all(
            one is None or (isinstance(one, int | float) and not isinstance(one, bool)) for one in values
        ),
    }
    wrong = [field for field, right in is_right.items() if not right]
    if wrong:
        raise Drifted(
            f"{name}: fältet {wrong[0]} har en annan form än i json-stat2 ({url}); se om tjänsten har ändrats.",
            url,
        )


def codes_of(dimension: Any, variable: str, name: str, url: str) -> list[str]:
    """The codes of a dimension in the order of its positions."""
    category = dimension.get("category") if isinstance(dimension, dict) else None
    if not isinstance(category, dict):
        raise Drifted(
            f"{name}: dimensionen {variable} saknas i svaret ({url}); se om tjänsten har ändrats.", url
        )
    index = category.get("index") or list(category.get("label") or {})
    return sorted(index, key=lambda code: index[code]) if isinstance(index, dict) else list(index)


def notes(content: Any) -> list[str]:
    """Every footnote of an answer, each once, in the order they stand."""
    found: list[str] = []

    def gather(node: Any, is_note: bool) -> None:
        if isinstance(node, str):
            if is_note:
                found.append(node)
        elif isinstance(node, list):
            for one in node:
                gather(one, is_note)
        elif isinstance(node, dict):
            for key, one in node.items():
                gather(
                    one,
                    is_note
                    if key == "text"
                    else key in ("note", "notes") or (is_note and key != "mandatory"),
                )

    if isinstance(content, dict):
        gather({key: one for key, one in content.items() if key not in ("value", "status")}, False)
    return list(dict.fromkeys(found))


def _spread(given: Any, cells: int) -> np.ndarray | None:
    """One entry per cell, from a list or from {position: entry}; None when there are too many or too few."""
    spread = np.full(cells, None, dtype=object)
    if isinstance(given, dict):
        for position, one in given.items():
            if not 0 <= int(position) < cells:
                return None
            spread[int(position)] = one
    elif isinstance(given, list):
        if len(given) != cells:
            return None
        spread[:] = given
    else:
        spread[:] = given
    return spread


def _from_v1_json(
    content: dict[str, Any], name: str, url: str
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, str]]]:
    keys = [one["code"] for one in content["columns"] if one.get("type") != "c"]
    contents = {
        one["code"]: one.get("text", one["code"]) for one in content["columns"] if one.get("type") == "c"
    }
    cells: list[tuple] = []
    for row in content["data"]:
        if len(row["key"]) != len(keys) or len(row["values"]) != len(contents):
            raise Drifted(
                f"{name}: data och columns har olika många kolumner ({url}); se om tjänsten har ändrats.", url
            )
        for code, printed in zip(contents, row["values"], strict=True):
            is_number = printed.replace(".", "", 1).replace("-", "", 1).isdigit()
            cells.append(
                (*row["key"], code, float(printed) if is_number else None, None if is_number else printed)
            )
    columns = list(zip(*cells, strict=True)) if cells else [()] * (len(keys) + 3)
    named = dict(zip([*keys, "ContentsCode", VALUE, STATUS], columns, strict=True))
    return {one: np.array(column, dtype=object) for one, column in named.items()}, {"ContentsCode": contents}
