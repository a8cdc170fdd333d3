"""Who the demo persons are: sex, origin, birth and test personnummer. All invented.

Sex and origin are drawn by chance, but so that the adults of 2019 in every municipality come to the numbers
of tables 15 and 16. Serial numbers are 980–999, which Skatteverket keeps for test persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.demo import households as hh
from orchestration.demo.measures import first_month, last_month, months_in_year, union_by
from orchestration.errors import PlainError

MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
FIRST_TEST_SERIAL, SERIALS_PER_SEX = 980, 10
UNKNOWN = -1
OLDEST = 88  # at the first month; so that a ten-digit personnummer never needs a plus sign


@dataclass(frozen=True)
class Persons:
    """Attributes by person index; `foreign_born` is 1, 0 or -1 (blank, children only)."""

    sex: np.ndarray
    foreign_born: np.ndarray
    birth_year: np.ndarray
    personnummer: np.ndarray
    bits: np.ndarray


class _Facts:
    """What the memberships say of each person: months, first municipality, partner, children at home."""

    def __init__(self, people: hh.People):
        members, size = people.members, len(people.adult_from)
        persons, bits = union_by(members["person"], members["bits"])
        self.bits = np.zeros(size, dtype=np.uint64)
        self.bits[persons] = bits
        self.municipality = np.zeros(size, dtype=np.int64)
        self.municipality[members["person"][::-1]] = members["municipality"][::-1]
        head = np.full(people.households, UNKNOWN)
        is_head = members["role"] == hh.RL
        head[members["household"][is_head]] = members["person"][is_head]
        self.head_of_household = head
        partners = members["role"] == hh.MS
        self.partner = np.full(size, UNKNOWN)
        self.partner[members["person"][partners]] = head[members["household"][partners]]
        has_children = np.zeros(people.households, dtype=bool)
        has_children[members["household"][members["role"] == hh.BARN]] = True
        self.has_children = np.zeros(size, dtype=bool)
        grown = members["role"] != hh.BARN
        self.has_children[members["person"][grown]] |= has_children[members["household"][grown]]
        self.parent_head = np.full(size, UNKNOWN)
        self.parent_head[members["person"][~grown]] = head[members["household"][~grown]]


def describe(rng: np.random.Generator, register, targets: dict, assumptions: dict) -> Persons:
    """Attributes of every person, exact for the adults of the last year in every municipality."""
    facts = _Facts(register.people)
    config = assumptions["sex_and_origin"]
    last = register.first_year + register.years - 1
    counts = {
        name: np.array([getattr(targets[code, last], name) for code in register.codes])
        for name in ("women", "foreign_born", "adults")
    }
    sex = _sex(rng, register, facts, counts["women"], config)
    foreign = _origin(rng, register, facts, counts["foreign_born"], counts["adults"], config)
    birth_year, birth_month = _births(rng, register, facts, assumptions["adult_ages"])
    coordination = (foreign == 1) & (rng.random(len(sex)) < config["samordningsnummer_share"])
    numbers = personnummer(birth_year, birth_month, sex, coordination)
    return Persons(sex, foreign, birth_year, numbers, facts.bits)


def _last_year_adults(register) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person and municipality of each adult recipient of the last year, and whether they are in several."""
    members, people = register.people.members, register.people
    last = register.years - 1
    here = (months_in_year(members["bits"], last) > 0) & (people.adult_from[members["person"]] <= last)
    size = len(register.codes)
    pairs = np.unique(members["person"][here] * size + members["municipality"][here])
    person, municipality = pairs // size, pairs % size
    several = np.bincount(person, minlength=len(people.adult_from))[person] > 1
    return person, municipality, several


def _exact(
    rng, register, given: np.ndarray, log_odds: np.ndarray, wanted: np.ndarray, what: str
) -> np.ndarray:
    """Fill the unknown values of `given` (0/1) so that the last year's adults come to `wanted` ones."""
    score = log_odds + rng.logistic(size=len(given))
    value = given.copy()
    person, municipality, several = _last_year_adults(register)
    shared = np.unique(person[several])
    shared = shared[value[shared] == UNKNOWN]
    value[shared] = score[shared] > 0
    for index, code in enumerate(register.codes):
        here = person[municipality == index]
        free = here[value[here] == UNKNOWN]
        missing = int(wanted[index] - (value[here] == 1).sum())
        if not 0 <= missing <= len(free):
            raise PlainError(f"Tabellens {what} i kommun {code} går inte att nå; ändra demo_register.yml.")
        order = free[np.argsort(-score[free], kind="stable")]
        value[order] = 0
        value[order[:missing]] = 1
    rest = value == UNKNOWN
    value[rest] = score[rest] > 0
    return value


def _sex(rng, register, facts: _Facts, women: np.ndarray, config: dict) -> np.ndarray:
    sex = np.full(len(facts.bits), UNKNOWN)
    partners = np.flatnonzero(facts.partner >= 0)
    heads = facts.partner[partners]
    sex[heads] = rng.random(len(heads)) >= config["man_is_rl_in_couple"]
    same = rng.random(len(partners)) < config["same_sex_couple"]
    sex[partners] = np.where(same, sex[heads], 1 - sex[heads])
    share = np.where(facts.has_children, config["woman_single_parent"], config["woman_single"])
    share = np.where(register.people.adult_from > 0, 0.5, share)
    return _exact(rng, register, sex, np.log(share / (1 - share)), women, "antal kvinnor")


def _origin(
    rng, register, facts: _Facts, foreign: np.ndarray, adults: np.ndarray, config: dict
) -> np.ndarray:
    share = (foreign / adults)[facts.municipality]
    tendency = np.log(share / (1 - share)) + 0.7 * facts.has_children
    # couples are most often both born abroad or both born in Sweden
    common = rng.normal(size=len(share)) * 1.5
    partners = np.flatnonzero(facts.partner >= 0)
    common[partners] = common[facts.partner[partners]]
    given = np.full(len(share), UNKNOWN)
    value = _exact(rng, register, given, tendency + common, foreign, "antal utrikes födda")
    children = np.flatnonzero(register.people.adult_from == hh.NEVER_ADULT)
    head = facts.parent_head[children]
    abroad = (head >= 0) & (value[head] == 1)
    value[children] = abroad & (rng.random(len(children)) < config["child_foreign_of_foreign_home"])
    blank = (rng.random(len(children)) < config["child_origin_blank_share"]) & (head >= 0)
    value[children[blank]] = UNKNOWN
    return value


def _births(rng, register, facts: _Facts, ages: dict) -> tuple[np.ndarray, np.ndarray]:
    """Birth year and month (1–12): born before the first month, children still children, parents old enough."""
    people, size = register.people, len(facts.bits)
    first, last = first_month(facts.bits).astype(np.int64), last_month(facts.bits).astype(np.int64)
    first_year, last_year = register.first_year + first // 12, register.first_year + last // 12
    passed = first % 12
    year, month = np.zeros(size, dtype=np.int64), rng.integers(1, 13, size=size)
    turner = (people.adult_from > 0) & (people.adult_from < hh.NEVER_ADULT)
    year[turner] = register.first_year + people.adult_from[turner] - 18
    month[turner] = people.turns_month[turner]
    child = people.adult_from == hh.NEVER_ADULT
    latest = first_year - (passed == 0)
    year[child] = (latest - np.floor(rng.random(size) * (latest - (last_year - 17) + 1)).astype(np.int64))[
        child
    ]
    applicant = child & (facts.parent_head < 0)
    year[applicant] = last_year[applicant] - rng.integers(15, 18, size=int(applicant.sum()))
    newborn = child & ~applicant & (passed > 0) & _joined_later(people, facts, first)
    year[newborn], month[newborn] = first_year[newborn], passed[newborn]
    adult = people.adult_from == hh.ALWAYS_ADULT
    year[adult] = _adult_birth_years(rng, people, facts, first_year, year, ages)[adult]
    year[adult] = np.minimum(year, latest - 18)[adult]
    edge = (adult & (year == first_year - 18)) | (child & (year == first_year))
    month = np.where(edge & ~newborn, 1 + (rng.random(size) * np.maximum(passed, 1)).astype(np.int64), month)
    return year, month


def _joined_later(people: hh.People, facts: _Facts, first: np.ndarray) -> np.ndarray:
    """Whether a child's first month is after the parent's first month."""
    head = facts.parent_head
    return (head >= 0) & (first > first[head])


def _adult_birth_years(rng, people, facts: _Facts, first_year, year, ages: dict) -> np.ndarray:
    size = len(facts.bits)
    months = np.bitwise_count(facts.bits)
    kind = np.where(facts.has_children, 2, np.where(months >= 20, 1, 0))
    drawn = np.zeros(size, dtype=np.int64)
    for number, name in enumerate(("short", "long", "parents")):
        bands = np.array(ages[name])
        band = bands[rng.choice(len(bands), size=size, p=bands[:, 2] / bands[:, 2].sum())]
        age = band[:, 0] + (rng.random(size) * (band[:, 1] - band[:, 0] + 1)).astype(np.int64)
        drawn = np.where(kind == number, first_year - age, drawn)
    partners = np.flatnonzero(facts.partner >= 0)
    near = np.rint(rng.normal(1.0, 3.5, size=len(partners))).astype(np.int64)
    drawn[partners] = drawn[facts.partner[partners]] + near
    drawn = np.maximum(drawn, first_year - OLDEST)
    oldest_child = np.full(size, 9999)
    members = people.members
    children = members["role"] == hh.BARN
    by_household = np.full(people.households, 9999)
    np.minimum.at(by_household, members["household"][children], year[members["person"][children]])
    grown = ~children
    np.minimum.at(oldest_child, members["person"][grown], by_household[members["household"][grown]])
    return np.minimum(drawn, oldest_child - 17 - rng.integers(0, 6, size=size))


def personnummer(birth_year, birth_month, sex, coordination) -> np.ndarray:
    """Unique 12-digit test personnummer with correct check digit; day + 60 where `coordination`.

    Raises PlainError (Swedish) when a month of birth has more persons than test numbers.
    """
    group = (birth_year * 12 + birth_month - 1) * 2 + sex
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
    slots = MONTH_DAYS[birth_month - 1] * SERIALS_PER_SEX
    if (rank >= slots).any():
        raise PlainError(
            "Testpersonnumren räcker inte för en födelsemånad; sprid åldrarna i demo_register.yml."
        )
    slot = rank * 137 % slots  # 137 shares no factor with the number of slots: every slot once
    day = slot // SERIALS_PER_SEX + 1 + 60 * coordination
    serial = FIRST_TEST_SERIAL + 2 * (slot % SERIALS_PER_SEX) + (1 - sex)
    body = (birth_year % 100) * 10**7 + birth_month * 10**5 + day * 10**3 + serial
    number = ((birth_year // 100) * 10**9 + body) * 10 + check_digit(body)
    return np.char.zfill(number.astype(str), 12)


def check_digit(body: np.ndarray) -> np.ndarray:
    """Luhn check digit of nine digits (YYMMDDNNN)."""
    total = np.zeros_like(body)
    for place in range(9):
        digit = body // 10 ** (8 - place) % 10
        doubled = digit * (2 - place % 2)
        total += doubled // 10 + doubled % 10
    return -total % 10
