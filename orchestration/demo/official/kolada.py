"""Kolada's answers as API v3 gives them: what the register comes to, a silent revision, and a KPI that vanishes."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np

from orchestration.demo.official.figures import Official, made_up
from orchestration.settings import Settings

URL = "https://api.kolada.se/v3"
_PERSONS = {"N31848": ("adults", "children"), "N31824": ("adults",), "N31836": ("children",)}
# share: what is counted, and of what
_SHARES = {
    "N31807": (("adults", "children"), "population"),
    "N31825": (("adults",), "adults"),
    "N31814": (("longterm",), "count"),
    "N31816": (("longterm",), "adults"),
    "U31801": (("very_longterm",), "count"),
    "U31803": (("children",), "children"),
    "U31809": (("longterm_children",), "children"),
}
_MONEY = ("N31910", "N31857", "N31849", "U31001", "N31008", "U31900")
# three years must be delivered before very long-term aid is known
_YEARS_OF_VERY_LONG = 3
Values = dict[tuple[str, str, int, str], float | None]


def answers(
    settings: Settings, official: Official, config: dict, newest: bool
) -> dict[str, list[tuple[str, bytes]]]:
    """(address, bytes) of each answer by dataset: of the second retrieval when `newest`, else of the first."""
    kolada = config["kolada"]
    seeded = _titles(settings)
    asked = [
        *_PERSONS,
        *_SHARES,
        *_MONEY,
        "U31404",
        kolada["not_ours"]["kpi_id"],
        kolada["vanished"]["kpi_id"],
    ]
    given = [kpi for kpi in asked if not (newest and kpi == kolada["vanished"]["kpi_id"])]
    titles = {
        one["kpi_id"]: (one["title"], False) for one in (kolada["vanished"], kolada["not_ours"])
    } | seeded
    values = _values(official, config)
    if not newest:
        values = _as_first_told(values, kolada)
    last = official.years[-1] if newest else kolada["first_known_year"]
    return {
        "kpis": [(f"{URL}/kpi/{','.join(asked)}", _envelope([_kpi(one, *titles[one], kolada) for one in given]))],
        "values": [
            (
                f"{URL}/data/kpi/{','.join(asked)}/year/{year}",
                _envelope([*_rows(values, year, given), *_group_rows(official, values, year, kolada["group"])]),
            )
            for year in official.years
            if year <= last
        ],
    }  # fmt: skip


def _titles(settings: Settings) -> dict[str, tuple[str, bool]]:
    with (settings.reference_seeds / "kolada_kpis.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["kolada_id"]: (row["kolada_title"], row["is_divided_by_gender"] == "true")
            for row in csv.DictReader(file)
        }


def _kpi(kpi: str, title: str, is_divided: bool, kolada: dict) -> dict[str, Any]:
    return {
        "id": kpi, "title": title, "description": "Påhittat uttag för demonstration; siffrorna är inte verkliga.",
        "is_divided_by_gender": is_divided, "municipality_type": "K", "auspice": "X",
        "operating_area": "Ekonomiskt bistånd", "perspective": "Volymer" if kpi.startswith("N") else "Kvalitet och resultat",
        "prel_publication_date": None, "publication_date": kolada["publication_dates"][kpi[0]], "publ_period": "2020",
        "has_ou_data": False,
    }  # fmt: skip


def _values(official: Official, config: dict) -> Values:
    """Every value by KPI, municipality, year and gender; None where the municipality delivered nothing."""
    found: Values = {}
    for place, code in enumerate(official.codes):
        for number, year in enumerate(official.years):
            at = (place, number)
            for kpi, value in _money(official, config, code, year, at).items():
                found[kpi, code, year, "T"] = value
            for kpi in (*_PERSONS, *_SHARES):
                for sex in ("T", "K", "M") if kpi in ("N31824", "N31814") else ("T",):
                    found[kpi, code, year, sex] = _of_persons(official, kpi, sex, at)
    return found


def _of_persons(official: Official, kpi: str, sex: str, at: tuple[int, int]) -> float | None:
    place, number = at
    seen = official.is_missing[place, max(0, number + 1 - _YEARS_OF_VERY_LONG) : number + 1]
    if kpi == "U31801":
        if number + 1 < _YEARS_OF_VERY_LONG or seen.any():
            return None
    elif official.is_missing[at]:
        return None
    names, base = (_PERSONS[kpi], None) if kpi in _PERSONS else _SHARES[kpi]
    count = int(sum(official.counts[name][sex][at] for name in names))
    if base is None:
        return count
    of = {
        "population": official.population[at], "adults": official.adults[at], "children": official.children[at],
        "count": official.counts["adults"][sex][at],
    }[base]  # fmt: skip
    return round(100 * count / int(of), 6)


def _money(
    official: Official, config: dict, code: str, year: int, at: tuple[int, int]
) -> dict[str, float | None]:
    kolada, degree = config["kolada"]["not_ours"], config["oppna_jamforelser"]["measures"][0]
    own: dict[str, float | None] = {"N31910": None, "N31857": None, "N31849": None, "U31001": None}
    if not official.is_missing[at]:
        paid, households = int(official.paid[at]), int(official.money.households[at])
        own = {
            "N31910": households, "N31857": round(paid / 1000), "N31849": round(paid / households),
            "U31001": round(paid / int(official.population[at])),
        }  # fmt: skip
    return own | {
        "N31008": official.net_cost.get((code, year)),
        "U31900": official.sorting_key[code],
        "U31404": degree_share(config["seed"], degree, code, year),
        kolada["kpi_id"]: _around(config["seed"], kolada, code, year),
        config["kolada"]["vanished"]["kpi_id"]: _around(config["seed"], config["kolada"]["vanished"], code, year),
    }  # fmt: skip


def degree_share(seed: int, degree: dict, code: str, year: int) -> float:
    """Made-up share of case workers with a degree in social work, per cent: the same in Kolada and Öppna jämförelser."""
    usual = made_up(seed, "degree", code).normal(degree["level"], degree["spread"])
    return round(float(np.clip(usual + made_up(seed, "degree", code, year).normal(0, 4), 0, 100)), 1)


def _around(seed: int, one: dict, code: str, year: int) -> int:
    return max(1, round(float(made_up(seed, one["kpi_id"], code, year).normal(one["level"], one["spread"]))))


def _as_first_told(values: Values, kolada: dict) -> Values:
    told = dict(values)
    for one in kolada["revised"]:
        for sex in ("T", "K", "M"):
            key = (one["kpi_id"], one["municipality_code"], one["year"], sex)
            right = told.get(key)
            if right is not None:
                factor = one["factor"]
                told[key] = None if factor is None else round(right * factor, 6 if right % 1 else 0)
    return told


def _rows(values: Values, year: int, given: list[str]) -> list[dict[str, Any]]:
    inner: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (kpi, code, of, gender), value in values.items():
        if of == year and kpi in given:
            inner.setdefault((kpi, code), []).append(_inner(gender, 1, value))
    return [
        {"kpi": kpi, "municipality": code, "period": year, "values": rows}
        for (kpi, code), rows in sorted(inner.items())
    ]


def _group_rows(official: Official, values: Values, year: int, group: dict) -> list[dict[str, Any]]:
    """A group's value is the unweighted mean of its members; it is read and kept apart."""
    members = [values[group["kpi_id"], code, year, "T"] for code in official.codes]
    known = [one for one in members if one is not None]
    inner = [_inner("T", len(known), round(sum(known) / len(known), 6))]
    return [{"kpi": group["kpi_id"], "municipality": group["group_id"], "period": year, "values": inner}]


def _inner(gender: str, count: int, value: float | None) -> dict[str, Any]:
    status = "Missing" if value is None else ""
    return {"gender": gender, "count": count, "status": status, "value": value, "isdeleted": False}


def _envelope(items: list[dict[str, Any]]) -> bytes:
    page = {"values": items, "count": len(items), "next_url": None, "previous_url": None}
    return json.dumps(page, ensure_ascii=False).encode()
