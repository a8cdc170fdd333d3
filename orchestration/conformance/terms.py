"""The definitions as data, read from the seeds: thresholds, age bands, code lists and the areas of municipalities."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import Settings

COUNTRY = "0000"
NOT_STATED, UNKNOWN_CODE = "uppgift_saknas", "okand_kod"


@dataclass(frozen=True)
class Membership:
    """A municipality belongs to an area from one year to another, both included."""

    area: str
    first_year: int
    last_year: int


@dataclass(frozen=True)
class Terms:
    """What the plain computation is told and does not decide by itself.

    `areas` maps a municipality of today to where it has belonged, and in which years; `bands` and `durations` map a name to (from,
    to), both included; `categories` are the publication categories in their order; `groups` maps a grouping to
    registration reason to group; `constants` are the whole months of the rules of flow; `exit_reasons` are in the order
    of the list; `renumbered` maps an old code of a
    municipality to that of today; `household_parts` maps a household type code to the breakdown parts it stands in; `exemptions` maps
    a registration reason to when it shows an exception from the activity requirement, `activity_dates` a date of it to
    its (year, month); `retirement_ages` are (first year, age).
    """

    thresholds: dict[str, dict[str, int]]
    bands: dict[str, tuple[int, int]]
    durations: dict[str, tuple[int, int]]
    categories: list[str]
    category_of: dict[str, str]
    sick_without_benefit: frozenset[str]
    groups: dict[str, dict[str, str]]
    renumbered: dict[str, str]
    areas: dict[str, list[Membership]]
    household_parts: dict[int, list[str]]
    has_children: dict[int, bool | None]
    constants: dict[str, int]
    exit_reasons: list[str]
    exemptions: dict[str, str]
    retirement_ages: list[tuple[int, int]]
    activity_dates: dict[str, tuple[int, int]]

    @property
    def spells(self) -> dict[str, int]:
        """The definitions of a spell, with the longest break that does not end it."""
        return {
            name: numbers["max_break_months"]
            for name, numbers in self.thresholds.items()
            if name.startswith("spell:")
        }

    def category(self, reason: str | None) -> str:
        """The publication category of a registration category, or of what was written instead of one."""
        return NOT_STATED if reason is None else self.category_of.get(reason, UNKNOWN_CODE)


def load_terms(settings: Settings) -> Terms:
    """Read the seeds of dbt_project/seeds/reference."""

    def seed(name: str) -> list[dict[str, str]]:
        return _rows(settings.reference_seeds / f"{name}.csv")

    reasons = seed("reason_categories")
    categories = [row["publication_category"] for row in seed("publication_categories")]
    types = seed("household_types")
    renumbered = {
        row["from_code"]: row["to_code"]
        for row in seed("municipality_code_changes")
        if row["change_kind"] == "renumbered"
    }
    return Terms(
        thresholds={
            row["definition_id"]: {
                name: int(row[name])
                for name in ("min_months", "window_months", "max_break_months")
                if row[name]
            }
            for row in seed("definitions")
        },
        bands={row["age_band"]: (int(row["age_from"]), int(row["age_to"])) for row in seed("age_bands")},
        durations={
            row["duration_band"]: (int(row["months_from"]), int(row["months_to"]))
            for row in seed("duration_bands")
        },
        categories=categories,
        category_of={row["reason_code"]: row["publication_category"] for row in reasons},
        sick_without_benefit=frozenset(
            row["reason_code"] for row in reasons if row["is_sick_without_benefit"] == "true"
        ),
        groups={
            name: {row["reason_code"]: row[name] for row in reasons}
            for name in ("national_group", "gr_group", "benefit_group")
        },
        renumbered=renumbered,
        areas=_areas(seed("municipalities"), renumbered),
        household_parts={int(row["household_type_code"]): _household_parts(row) for row in types},
        has_children={
            int(row["household_type_code"]): {"true": True, "false": False, "": None}[row["has_children"]]
            for row in types
        },
        constants={
            row["constant_id"]: int(row["constant_value"])
            for row in seed("rule_constants")
            if "." not in row["constant_value"]
        },
        exit_reasons=[row["exit_reason_code"] for row in seed("exit_reasons")],
        exemptions={row["reason_code"]: row["exemption_rule"] for row in seed("activity_exemptions")},
        retirement_ages=[
            (int(row["from_year"]), int(row["retirement_age"])) for row in seed("retirement_ages")
        ],
        activity_dates={
            row["date_id"]: (int(row["event_date"][:4]), int(row["event_date"][5:7]))
            for row in seed("activity_law_dates")
        },
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _areas(rows: list[dict[str, str]], renumbered: dict[str, str]) -> dict[str, list[Membership]]:
    """Itself, its group and the country for as long as it exists under any code; its county by the borders of the time."""
    found: dict[str, list[Membership]] = {}
    for row in rows:
        code = renumbered.get(row["municipality_code"], row["municipality_code"])
        first, last = int(row["first_year"] or 0), int(row["last_year"] or 9999)
        names = [code, f"lan:{row['county_code']}", COUNTRY]
        if group := row["skr_group_code"]:
            names += [f"skr:{group}", f"skr:{group[0]}"]
        found.setdefault(code, []).extend(Membership(name, first, last) for name in names)
    return {code: _for_life(memberships) for code, memberships in found.items()}


def _for_life(memberships: list[Membership]) -> list[Membership]:
    first = min(one.first_year for one in memberships)
    last = max(one.last_year for one in memberships)
    return [one if one.area.startswith("lan:") else Membership(one.area, first, last) for one in memberships]


def _household_parts(row: dict[str, str]) -> list[str]:
    children = {"true": "med_barn", "false": "utan_barn", "": "uppgift_saknas"}[row["has_children"]]
    parts = ["total", f"household_type={row['household_type']}", f"children={children}"]
    wider = row["wider_household_type"]
    return parts + ([f"household_type={wider}"] if wider else [])
