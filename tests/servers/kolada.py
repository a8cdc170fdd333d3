"""Kolada v3 as it is documented: 25 ids a question, pages by next_url, unknown parameters give an empty list."""

from __future__ import annotations

from typing import Any

from tests.servers.service import Reply, Service

MOST_IDS = 25
KNOWN_PARAMETERS = {
    "page",
    "per_page",
    "title",
    "region_type",
    "from_date",
    "kpi_id",
    "municipality_id",
    "year",
}


class KoladaServer(Service):
    """`kpis` by id, `areas` by code, `groups` as the API gives them, `values` by (kpi, area, year): inner rows.

    Pages name the real service's address, as answers saved from it do.
    """

    def __init__(self, per_page: int = 5000, **more: Any) -> None:
        super().__init__(**more)
        self.per_page = per_page
        self.kpis: dict[str, dict[str, Any]] = {}
        self.areas: dict[str, dict[str, Any]] = {}
        self.groups: list[dict[str, Any]] = []
        self.values: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
        self.own_address = "https://api.kolada.se/v3"
        self.next_name = "next_url"
        # what a page names as the next one, when it is not the next one
        self.wrong_next: str | None = None

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
        parts = path.split("/")
        if set(query) - KNOWN_PARAMETERS:
            return self._page([], path, query)
        if parts[0] == "kpi":
            return self._listed(self.kpis, parts, path, query)
        if parts[0] == "municipality":
            return self._listed(self.areas, parts, path, query)
        if parts[0] == "municipality_groups":
            return self._page(self.groups, path, query)
        if parts[0] == "data":
            return self._data(parts[1:], path, query)
        return Reply(404, {"message": "Not found"})

    def _listed(self, found: dict[str, Any], parts: list[str], path: str, query: dict) -> Reply:
        if len(parts) == 1:
            return self._page(list(found.values()), path, query)
        ids = parts[1].split(",")
        if len(ids) > MOST_IDS:
            return _too_many()
        return self._page([found[one] for one in ids if one in found], path, query)

    def _data(self, parts: list[str], path: str, query: dict) -> Reply:
        asked = {parts[i]: parts[i + 1].split(",") for i in range(0, len(parts) - 1, 2)}
        for name, ids in query.items():
            if name in ("kpi_id", "municipality_id", "year"):
                asked[name.removesuffix("_id")] = [one for some in ids for one in some.split(",")]
        if any(len(ids) > MOST_IDS for ids in asked.values()):
            return _too_many()
        if len(asked) < 2:
            return Reply(400, {"message": "Two of kpi, municipality and year are needed"})
        rows = [
            {"kpi": kpi, "municipality": area, "period": year, "values": inner}
            for (kpi, area, year), inner in self.values.items()
            if kpi in asked.get("kpi", [kpi])
            and area in asked.get("municipality", [area])
            and str(year) in asked.get("year", [str(year)])
        ]
        return self._page(rows, path, query)

    def _page(self, rows: list, path: str, query: dict) -> Reply:
        page = int(query.get("page", ["1"])[0])
        size = min(int(query.get("per_page", [str(self.per_page)])[0]), self.per_page)
        shown = rows[(page - 1) * size : page * size]
        following = f"{self.own_address}/{path}?page={page + 1}" if page * size < len(rows) else None
        if self.wrong_next is not None:
            following = self.wrong_next
        return Reply(
            200, {"values": shown, "count": len(shown), self.next_name: following, "previous_url": None}
        )


def _too_many() -> Reply:
    return Reply(400, {"message": f"At most {MOST_IDS} ids"})


def kpi(kpi_id: str, title: str, is_divided_by_gender: bool = False) -> dict[str, Any]:
    """KPI metadata in the fields of v3."""
    return {
        "id": kpi_id, "title": title, "description": "Källa: Socialstyrelsen.",
        "is_divided_by_gender": is_divided_by_gender, "municipality_type": "K", "auspice": "T",
        "operating_area": "Individ- och familjeomsorg", "perspective": "Volymer", "prel_publication_date": None,
        "publication_date": "2026-06-10", "publ_period": "2025", "has_ou_data": False,
    }  # fmt: skip


def inner(
    value: float | None, gender: str = "T", status: str = "", is_deleted: bool = False
) -> dict[str, Any]:
    """One value in the fields of v3."""
    return {"gender": gender, "count": 1, "status": status, "value": value, "isdeleted": is_deleted}


def subject(server: KoladaServer, kpis: list[str]) -> None:
    """Three KPIs or more, three areas and two years, one of them by gender."""
    server.kpis = {one: kpi(one, f"Titel {one}, andel (%)", one == "N31814") for one in kpis}
    for code, title, kind in (
        ("0000", "Riket", "L"), ("0001", "Region Stockholm", "L"), ("0180", "Stockholm", "K"), ("1480", "Göteborg", "K"),
    ):  # fmt: skip
        server.areas[code] = {"id": code, "title": title, "type": kind}
    server.groups = [
        {"id": "G175905", "title": "Liknande kommuner ekonomiskt bistånd, Ale, 2023",
         "members": [{"member_id": "1292", "member_title": "Ängelholm"}, {"member_id": "1427", "member_title": "Sotenäs"}]},
        {"id": "G92793", "title": "Pendlingskommun nära storstad (SKR)",
         "members": [{"member_id": "0114", "member_title": "Upplands Väsby"}]},
    ]  # fmt: skip
    for number, one in enumerate(kpis):
        for area in ("0000", "0180", "1480", "G175905"):
            for year in (2023, 2024):
                rows = [inner(20.5 + number)]
                if one == "N31814":
                    rows += [inner(19.5, "K"), inner(21.5, "M")]
                server.values[one, area, year] = rows
