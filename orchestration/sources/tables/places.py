"""Which area a published table means: a code or a name, looked up in the seed of municipalities."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from orchestration.settings import PROJECT_ROOT
from orchestration.sources.tables.cells import without_stars

_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "reference"
_COUNTRY = {
    "riket",
    "hela riket",
    "riket totalt",
    "totalt riket",
    "sverige",
    "hela sverige",
    "hela landet",
    "landet",
}
_CODE_AND_NAME = re.compile(r"(?P<code>\d{1,4})[\s.:–-]+(?P<name>[^\W\d].*)")
_GROUP = re.compile(r"(?P<group>[ABC][1-9])\b")


@dataclass(frozen=True)
class Place:
    """`geography_id` as in dim_geographies; `kind` municipality, county, country, skr_group or unweighted_mean."""

    geography_id: str
    kind: str
    name: str


COUNTRY = Place("0000", "country", "Riket")


def find_place(text: str, kind: str | None = None) -> Place | None:
    """The area that a name or a code (or both in one cell) means; None when it is no known area.

    `kind` is what the column says of itself (`county` or `municipality`): Kalmar in a column of counties is the county.
    A number has lost its leading zeros: `0` is the country, `1` a county, `114` a municipality.
    """
    name = without_stars(text)
    if not name:
        return None
    if name.isdigit():
        return _by_code(name, kind)
    if joined := _CODE_AND_NAME.fullmatch(name):
        # `20 år` is no county: a code with a name that nobody has must be a municipality's
        found = _by_code(joined["code"], kind) if len(joined["code"]) == 4 else None
        return _by_name(joined["name"], kind) or found
    return _by_name(name, kind) or (_by_name(name.partition("/")[0].strip(), kind) if "/" in name else None)


def names_municipality(text: str) -> bool:
    """Whether the text is a municipality by name: the year 2023 is also a code (Malung-Sälen)."""
    place = None if text.isdigit() else find_place(text)
    return place is not None and place.kind == "municipality"


def _by_code(code: str, kind: str | None) -> Place | None:
    if not code.strip("0"):
        return COUNTRY
    municipality = _municipalities().get(code.zfill(4)) if len(code) >= 3 else None
    county = _counties().get(code.zfill(2)) if len(code) <= 2 else None
    return county if kind == "county" and county else municipality or county


def _by_name(name: str, kind: str | None) -> Place | None:
    word = name.casefold()
    if word in _COUNTRY:
        return COUNTRY
    if "ovägt medel" in word:
        return Place("ovagt_medel", "unweighted_mean", name)
    counties, municipalities = _county_names(), _municipality_names()
    ends_as_county = re.search(r"\blän$", word) is not None
    if ends_as_county or kind == "county":
        return counties.get(word) or counties.get(f"{word} län") or counties.get(f"{word}s län")
    plain = re.sub(r"\s+(kommun|stad)$", "", word)
    found = (
        municipalities.get(word) or municipalities.get(plain) or municipalities.get(plain.removesuffix("s"))
    )
    if found or kind == "municipality":
        return found
    return counties.get(f"{word} län") or counties.get(f"{word}s län") or _group(name)


def _group(name: str) -> Place | None:
    groups = _groups()
    if found := _GROUP.match(name):
        return groups.get(found["group"])
    return next((group for group in groups.values() if group.name.casefold() == name.casefold()), None)


@cache
def _rows(name: str = "municipalities.csv") -> tuple[dict[str, str], ...]:
    with (_SEEDS / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _municipalities() -> dict[str, Place]:
    """By every code there has been: one that was renumbered means the municipality under today's code."""
    today = {
        row["from_code"]: row["to_code"]
        for row in _rows("municipality_code_changes.csv")
        if row["change_kind"] == "renumbered"
    }
    return {
        row["municipality_code"]: Place(
            today.get(row["municipality_code"], row["municipality_code"]),
            "municipality",
            row["municipality_name"],
        )
        for row in _rows()
    }


@cache
def _municipality_names() -> dict[str, Place]:
    """Names of today's municipalities: a series is published under today's code."""
    return {
        row["municipality_name"].casefold(): _municipalities()[row["municipality_code"]]
        for row in _rows()
        if not row["last_year"]
    }


@cache
def _counties() -> dict[str, Place]:
    return {
        row["county_code"]: Place(f"lan:{row['county_code']}", "county", row["county_name"])
        for row in _rows()
        if not row["last_year"]
    }


@cache
def _county_names() -> dict[str, Place]:
    return {place.name.casefold(): place for place in _counties().values()}


@cache
def _groups() -> dict[str, Place]:
    return {
        row["skr_group_code"]: Place(f"skr:{row['skr_group_code']}", "skr_group", row["skr_group_name"])
        for row in _rows()
        if row["skr_group_code"]
    }
