"""The breakdowns of persons: which there are, and which a person stands in. Parts are joined in the order of the release:
sex, age, origin, children, duration, district, household_type, grouping, reason."""

from __future__ import annotations

from orchestration.conformance.plain_persons import ADULT_AGE, PersonYear, district_name
from orchestration.conformance.plain_register import Row
from orchestration.conformance.terms import Terms

SEXES = ("K", "M")
ORIGINS = ("inrikes_fodda", "utrikes_fodda", "uppgift_saknas")
CHILDREN = ("med_barn", "utan_barn", "uppgift_saknas")


def joined(*parts: str) -> str:
    """Parts of a breakdown in one text; `total` says nothing beside another part."""
    return ";".join(part for part in parts if part != "total") or "total"


def everyone(terms: Terms) -> list[str]:
    """All breakdowns of persons."""
    ages = [f"age={band}" for band in terms.bands]
    sexes = [f"sex={sex}" for sex in SEXES]
    return [
        "total",
        *sexes,
        *[f"origin={origin}" for origin in ORIGINS],
        *ages,
        *[joined(sex, age) for sex in sexes for age in ages],
    ]


def adults(terms: Terms) -> list[str]:
    grown = {band for band, (low, _) in terms.bands.items() if low >= ADULT_AGE}
    return [part for part in everyone(terms) if "age=" not in part or part.split("age=")[1] in grown]


def children(terms: Terms) -> list[str]:
    return [part for part in everyone(terms) if "age=" not in part]


def registered(parts: list[str]) -> list[str]:
    """Those that the population has too: it is not known by origin."""
    return [part for part in parts if "origin=" not in part]


def by_sex(parts: list[str]) -> list[str]:
    return [part for part in parts if part in {"total", *(f"sex={sex}" for sex in SEXES)}]


def with_age(parts: list[str]) -> list[str]:
    return [part for part in parts if "age=" in part]


def without_age(part: str) -> str:
    return joined(*[one for one in part.split(";") if not one.startswith("age=")])


def of_reasons(terms: Terms) -> list[str]:
    """Adults by reason: one dimension at a time."""
    single = [part for part in adults(terms) if ";" not in part]
    return [*single, *[f"children={value}" for value in CHILDREN]]


def holds(terms: Terms, part: str, sex: str, age: int) -> bool:
    """Whether someone of this sex and age stands in a breakdown of sex and age."""
    for one in part.split(";"):
        kind, _, value = one.partition("=")
        if kind == "sex" and sex != value:
            return False
        if kind == "age":
            low, high = terms.bands[value]
            if not low <= age <= high:
                return False
    return True


def of_person(terms: Terms, one: PersonYear) -> list[str]:
    """The breakdowns of persons that someone stands in."""
    sex = f"sex={one.person.sex}"
    ages = [f"age={band}" for band, (low, high) in terms.bands.items() if low <= one.age <= high]
    return ["total", sex, f"origin={one.origin}", *ages, *[joined(sex, age) for age in ages]]


def of_adult(terms: Terms, one: PersonYear) -> list[str]:
    """The breakdowns of adults by reason that someone stands in."""
    single = [part for part in of_person(terms, one) if ";" not in part]
    return [*single, f"children={one.children}"]


def of_duration(terms: Terms, one: PersonYear) -> list[str]:
    months = len(one.months)
    name = next(name for name, (low, high) in terms.durations.items() if low <= months <= high)
    return [f"duration={name}", f"sex={one.person.sex};duration={name}"]


def district_of(rows: list[Row]) -> str:
    """The district of a household in a year: of the latest month that states one, the last by name."""
    found = [(row.month, name) for row in rows if (name := district_name(row.district))]
    return max(found)[1] if found else "uppgift_saknas"
