"""Households and their members: from pattern units to memberships, with the events that move people about.

A membership is one person in one household with a month pattern. Partners who join later, births, children
who turn 18, separations and moves between municipalities only split or shorten memberships; what they do
to the counts is measured afterwards, not foreseen.
"""

from __future__ import annotations

import numpy as np

from orchestration.demo.measures import first_month, last_month

RL, MS, BARN = 0, 1, 2
ALWAYS_ADULT, NEVER_ADULT = 0, 99
FIELDS = ("person", "household", "municipality", "role", "bits")


class People:
    """Growing arrays of memberships and of the persons behind them.

    `members` has one entry per membership; `adult_from[person]` is the first year index as an adult;
    `turns_month[person]` is the month (1–12) of the 18th birthday when it matters, else 0.
    """

    def __init__(self) -> None:
        self.members = {name: np.empty(0, dtype=np.uint64 if name == "bits" else np.int64) for name in FIELDS}
        self.adult_from = np.empty(0, dtype=np.int64)
        self.turns_month = np.empty(0, dtype=np.int64)
        self.households = 0

    def new_persons(self, count: int, adult_from: int) -> np.ndarray:
        first = len(self.adult_from)
        self.adult_from = np.append(self.adult_from, np.full(count, adult_from))
        self.turns_month = np.append(self.turns_month, np.zeros(count, dtype=np.int64))
        return np.arange(first, first + count)

    def new_households(self, count: int) -> np.ndarray:
        self.households += count
        return np.arange(self.households - count, self.households)

    def join(self, person, household, municipality, role, bits) -> None:
        """Add memberships; those without a month are left out."""
        parts = dict(
            zip(FIELDS, np.broadcast_arrays(person, household, municipality, role, bits), strict=True)
        )
        kept = parts["bits"] > 0
        for name in FIELDS:
            self.members[name] = np.append(
                self.members[name], parts[name][kept].astype(self.members[name].dtype)
            )

    def drop_empty(self) -> None:
        kept = self.members["bits"] > 0
        self.members = {name: values[kept] for name, values in self.members.items()}


def from_month(month: np.ndarray) -> np.ndarray:
    """Bits of `month` and all later months."""
    return ~((np.uint64(1) << month.astype(np.uint64)) - np.uint64(1))


def random_month(rng: np.random.Generator, bits: np.ndarray) -> np.ndarray:
    """A month index after the first and not after the last month of each pattern (first when single)."""
    first, last = first_month(bits).astype(np.int64), last_month(bits).astype(np.int64)
    return np.minimum(first + 1 + (rng.random(len(bits)) * (last - first)).astype(np.int64), last)


def spread_counts(rng: np.random.Generator, weights: list[float], size: int) -> np.ndarray:
    """Numbers 1.. with shares as near `weights` as whole numbers allow, in random order."""
    quantile = (np.arange(size) + 0.5) / max(size, 1)
    return rng.permutation(np.searchsorted(np.cumsum(weights), quantile) + 1)


def add_units(rng: np.random.Generator, people: People, units: dict, municipality: int, config: dict) -> None:
    """Turn the pattern units of one municipality into households with adults and children."""
    bits = units["bits"]
    households = people.new_households(len(bits))
    people.join(people.new_persons(len(bits), ALWAYS_ADULT), households, municipality, RL, bits)
    couples = np.flatnonzero(units["adults"] == 2)
    partner_bits = bits[couples].copy()
    late = rng.random(len(couples)) < config["partner_joins_share"]
    partner_bits[late] &= from_month(random_month(rng, partner_bits[late]))
    people.join(
        people.new_persons(len(couples), ALWAYS_ADULT), households[couples], municipality, MS, partner_bits
    )
    families = np.flatnonzero(units["with_children"])
    home = np.repeat(families, spread_counts(rng, config["children_weights"], len(families)))
    child_bits = bits[home].copy()
    born = rng.random(len(home)) < config["newborn_share"]
    child_bits[born] &= from_month(random_month(rng, child_bits[born]))
    people.join(people.new_persons(len(home), NEVER_ADULT), households[home], municipality, BARN, child_bits)


def child_applicants(
    rng: np.random.Generator, people: People, share: float, municipalities: np.ndarray
) -> None:
    """Some single short-term applicants of the larger municipalities are under 18 (household type 1)."""
    members = people.members
    alone = np.bincount(members["household"], minlength=people.households)[members["household"]] == 1
    first, last = first_month(members["bits"]), last_month(members["bits"])
    able = alone & (first // 12 == last // 12) & np.isin(members["municipality"], municipalities)
    chosen = able & (rng.random(len(able)) < share * 3)
    people.adult_from[members["person"][chosen]] = NEVER_ADULT


def turn_18(rng: np.random.Generator, people: People, config: dict, years: int) -> None:
    """Children who become adults within the register: some stay at home to 20, some get a household of their own."""
    members = people.members
    rows = np.flatnonzero(members["role"] == BARN)
    first, last = first_month(members["bits"][rows]) // 12, last_month(members["bits"][rows]) // 12
    span = (last - first).astype(np.int64)
    rows = rows[rng.random(len(rows)) < config["turns_18_share_per_year"] * span]
    first, last = first_month(members["bits"][rows]) // 12, last_month(members["bits"][rows]) // 12
    turn_year = first + 1 + (rng.random(len(rows)) * (last - first)).astype(np.int64)
    birth_month = rng.integers(1, 12, size=len(rows))
    person = members["person"][rows]
    people.adult_from[person] = turn_year
    people.turns_month[person] = birth_month
    stays = rng.random(len(rows)) < config["stays_after_18_share"]
    until = np.where(stays, np.minimum(turn_year * 12 + 35, years * 12 - 1), turn_year * 12 + birth_month)
    bits = members["bits"][rows]
    own = rows[~stays]
    # the first month of the own household may also be the last at home
    own_bits = bits[~stays] & from_month(until[~stays] - (rng.random(len(own)) < 0.3) + 1)
    members["bits"][rows] = bits & ~from_month(until + 1)
    people.join(
        members["person"][own], people.new_households(len(own)), members["municipality"][own], RL, own_bits
    )
    people.drop_empty()


def separations(rng: np.random.Generator, people: People, share: float, done: np.ndarray) -> np.ndarray:
    """Couples that separate: the partner leaves for a household of the same municipality, one month in both."""
    members = people.members
    rows = np.flatnonzero((members["role"] == MS) & ~done[members["household"]])
    rows = rows[(rng.random(len(rows)) < share) & (np.bitwise_count(members["bits"][rows]) >= 4)]
    month = random_month(rng, members["bits"][rows])
    old, new = members["household"][rows], people.new_households(len(rows))
    done = np.append(done, np.ones(len(new), dtype=bool))
    done[old] = True
    new_home = np.full(people.households, -1)
    new_home[old] = new
    leave_month, partner_bits = (
        np.zeros(people.households, dtype=np.int64),
        np.zeros(people.households, np.uint64),
    )
    leave_month[old], partner_bits[old] = month, members["bits"][rows] & from_month(month)
    children = np.flatnonzero((members["role"] == BARN) & (new_home[members["household"]] >= 0))
    children = children[rng.random(len(children)) < 0.35]
    moving = np.concatenate([rows, children])
    home = members["household"][moving]
    bits, after = members["bits"][moving], from_month(leave_month[home])
    role = np.where(members["role"][moving] == MS, RL, BARN)
    members["bits"][moving] = bits & ~from_month(leave_month[home] + 1)
    person, municipality = members["person"][moving], members["municipality"][moving]
    people.join(person, new_home[home], municipality, role, bits & after & partner_bits[home])
    people.drop_empty()
    return done


def moves(rng: np.random.Generator, people: People, config: dict, pull: np.ndarray, done: np.ndarray) -> int:
    """Households that move to another municipality; families with children at the turn of a year.

    `pull[m]` is the chance that municipality m is moved to. Returns the number of households that moved.
    """
    members = people.members
    heads = np.flatnonzero((members["role"] == RL) & (people.adult_from[members["person"]] == ALWAYS_ADULT))
    bits, home = members["bits"][heads], members["household"][heads]
    has_children = np.zeros(people.households, dtype=bool)
    has_children[members["household"][members["role"] == BARN]] = True
    month = random_month(rng, bits)
    month = np.where(has_children[home], (month + 11) // 12 * 12, month)
    within = (month > first_month(bits)) & (month <= last_month(bits))
    chosen = within & ~done[home] & (rng.random(len(heads)) < config["moves_share"])
    heads, home, month = heads[chosen], home[chosen], month[chosen]
    target = rng.choice(len(pull), size=len(heads), p=pull)
    elsewhere = target != members["municipality"][heads]
    home, month, target = home[elsewhere], month[elsewhere], target[elsewhere]
    overlap = ~has_children[home] & (rng.random(len(home)) < config["move_overlap_share"])
    new = people.new_households(len(home))
    new_home = np.full(people.households, -1)
    moved_at, keeps_until, goal = (np.zeros(people.households, dtype=np.int64) for _ in range(3))
    new_home[home], moved_at[home], keeps_until[home], goal[home] = new, month, month + overlap, target
    rows = np.flatnonzero(new_home[members["household"]] >= 0)
    old, whole = members["household"][rows], members["bits"][rows]
    members["bits"][rows] = whole & ~from_month(keeps_until[old])
    later = whole & from_month(moved_at[old])
    people.join(members["person"][rows], new_home[old], goal[old], members["role"][rows], later)
    people.drop_empty()
    return len(home)
