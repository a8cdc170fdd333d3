"""Who answers in Öppna jämförelser: a municipality, a city district, a county, the country or a group."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from orchestration.sources.oj_catalog import OjCatalog
from orchestration.sources.tables.cells import is_mark, without_stars
from orchestration.sources.tables.places import Place, find_place


@dataclass(frozen=True)
class Respondent:
    """`respondent_id` is the geography, `1480:…` for a district. A district is never part of its municipality's answer."""

    respondent_id: str
    respondent_type: str
    name: str
    as_printed: str
    geography_id: str | None = None
    parent_geography_id: str | None = None


def find_respondent(cells: dict[str, str], section: str, catalog: OjCatalog) -> Respondent | None:
    """The respondent of a row, from its cells by role and the group label above it; None when the row names nobody."""
    code, place, county, district = (cells.get(role, "") for role in ("code", "place", "county", "district"))
    district = "" if is_mark(district) else without_stars(district)
    place = catalog.spellings.get(without_stars(place), without_stars(place))
    printed = cells.get("place") or cells.get("district") or cells.get("county") or code
    if not printed:
        return None
    digits = re.sub(r"\D", "", code)
    if len(digits) > 4 and digits[:4] in catalog.district_parents:
        return _district(digits[:4], district or place or code, printed, catalog)
    known = find_place(place) if place else None
    if district:
        parent = known or (find_place(digits) if digits else None)
        if parent and parent.kind == "municipality":
            return _district(
                parent.geography_id, district, f"{place}, {district}" if place else printed, catalog
            )
    if not known and (named := _named_district(place or district, section, printed, catalog)):
        return named
    if found := known or (find_place(digits) if digits else None) or _county(place, county):
        return Respondent(found.geography_id, found.kind, found.name, printed, found.geography_id)
    return Respondent(slug(printed), "unknown", without_stars(printed), printed)


def _named_district(name: str, section: str, printed: str, catalog: OjCatalog) -> Respondent | None:
    """A district told by its municipality's name in front of its own, or by the group label above it."""
    for parent, aliases in catalog.district_parents.items():
        for alias in aliases:
            if named := re.fullmatch(rf"(?i){re.escape(alias)}\s*[\s,:–-]\s*(.+)", name):
                return _district(parent, named[1], printed, catalog)
    above = find_place(section) if section else None
    if name and above and above.geography_id in catalog.district_parents:
        return _district(above.geography_id, name, printed, catalog)
    return None


def slug(text: str, length: int = 80) -> str:
    """A text as an id: small ASCII letters and figures."""
    letters = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", letters))[:length].strip("_") or "namnlos"


def _county(place: str, county: str) -> Place | None:
    return find_place(county, "county") if county and not place else None


def _district(parent: str, name: str, printed: str, catalog: OjCatalog) -> Respondent:
    place = find_place(parent)
    for alias in catalog.district_parents.get(parent, ()):
        name = re.sub(rf"(?i)^{re.escape(alias)}\s*[\s,:–-]\s*", "", name)
    full_name = f"{place.name if place else parent}, {name}"
    return Respondent(f"{parent}:{slug(name)}", "district", full_name, printed, None, parent)
