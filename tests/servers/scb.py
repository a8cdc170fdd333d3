"""SCB's PxWeb, v1 and v2, as they are documented: limits of cells and calls, mandatory variables, px when not asked."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.servers.service import BOM, Reply, Service


class Table:
    """A table of one measure or several. `value` gives the cell of a tuple of codes, or a mark such as `..`."""

    def __init__(
        self,
        label: str,
        variables: dict[str, list[str]],
        value: Callable[[dict[str, str]], int | float | str],
        eliminable: tuple[str, ...] = (),
        labels: dict[str, dict[str, str]] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.label = label
        self.variables = variables
        self.value = value
        self.eliminable = eliminable
        self.labels = labels or {}
        self.notes = notes

    def json_stat(self, chosen: dict[str, list[str]]) -> dict[str, Any]:
        content = self.metadata()
        content["id"] = list(chosen)
        content["size"] = [len(codes) for codes in chosen.values()]
        content["dimension"] = {one: self._dimension(one, codes) for one, codes in chosen.items()}
        cells = [
            self.value(dict(zip(chosen, codes, strict=True))) for codes in itertools.product(*chosen.values())
        ]
        content["value"] = [None if isinstance(cell, str) else cell for cell in cells]
        marks = {str(place): cell for place, cell in enumerate(cells) if isinstance(cell, str)}
        if marks:
            content["status"] = marks
        return content

    def metadata(self) -> dict[str, Any]:
        return {
            "version": "2.0", "class": "dataset", "label": self.label, "source": "SCB",
            "updated": "2025-02-21T07:00:00Z", "note": list(self.notes), "id": list(self.variables),
            "size": [len(codes) for codes in self.variables.values()], "role": {"time": ["Tid"]},
            "dimension": {one: self._dimension(one, codes) for one, codes in self.variables.items()},
        }  # fmt: skip

    def _dimension(self, variable: str, codes: list[str]) -> dict[str, Any]:
        texts = self.labels.get(variable, {})
        return {
            "label": variable.lower(),
            "category": {
                "index": {code: place for place, code in enumerate(codes)},
                "label": {code: texts.get(code, code) for code in codes},
            },
            "extension": {"elimination": variable in self.eliminable, "show": "code"},
        }


class ScbServer(Service):
    """Both versions at one address: `url + "/v2"` and `url + "/v1"`."""

    def __init__(
        self, tables: dict[str, Table], paths: dict[str, str], most_cells: int = 150_000, **more: Any
    ) -> None:
        super().__init__(**({"calls": 30, "seconds": 10.0} | more))
        self.tables = tables
        self.paths = paths
        self.most_cells = most_cells
        self.is_v2_gone = False

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
        version, _, rest = path.partition("/")
        if version == "v1":
            return self._v1(method, rest, body)
        if self.is_v2_gone:
            return _problem(410, "Gone")
        if rest == "config":
            return Reply(200, {"apiVersion": "2.3.2", "maxDataCells": self.most_cells, "maxCallsPerTimeWindow": 30,
                               "timeWindow": 10, "license": "CC0", "defaultDataFormat": "px"})  # fmt: skip
        if rest == "tables":
            listed = [{"id": one, "label": table.label} for one, table in self.tables.items()]
            return Reply(200, {"tables": listed, "page": {"totalElements": len(listed), "totalPages": 1}})
        _, table_id, kind = rest.split("/")
        table = self.tables.get(table_id)
        if table is None:
            return _problem(404, "Non-existent table")
        if kind == "metadata":
            return Reply(200, table.metadata())
        chosen = {one["variableCode"]: one["valueCodes"] for one in (body or {}).get("selection", [])}
        if query.get("outputFormat") != ["json-stat2"]:
            return Reply(200, b'CHARSET="ANSI";', "application/octet-stream")
        return self._data(table, chosen)

    def _data(self, table: Table, chosen: dict[str, list[str]]) -> Reply:
        for variable, codes in chosen.items():
            if variable not in table.variables or set(codes) - set(table.variables[variable]):
                return _problem(400, f"Non-existent value in {variable}")
        if any(one not in chosen and one not in table.eliminable for one in table.variables):
            return _problem(400, "Missing selection for mandantory variable")
        content = table.json_stat(chosen)
        if len(content["value"]) > self.most_cells:
            return _problem(403, "Too many cells selected")
        return Reply(200, content)

    def _v1(self, method: str, path: str, body: Any) -> Reply:
        table = self.tables.get(self.paths.get(path, ""))
        if table is None:
            return Reply(404, b"Not found", "text/plain")
        if method == "GET":
            variables = [
                {"code": one, "text": one.lower(), "values": codes, "valueTexts": codes,
                 **({"elimination": True} if one in table.eliminable else {})}
                for one, codes in table.variables.items()
            ]  # fmt: skip
            reply = Reply(200, {"title": table.label, "variables": variables})
        else:
            chosen = {one["code"]: one["selection"]["values"] for one in body["query"]}
            reply = self._data(table, chosen)
        # v1 begins every answer with a byte order mark
        return Reply(reply.status, BOM + reply.body(), reply.content_type)


def _problem(status: int, title: str) -> Reply:
    return Reply(
        status, {"type": "about:blank", "title": title, "status": status}, "application/problem+json"
    )
