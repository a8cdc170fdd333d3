"""The rows of one municipality and year as canonical text columns, clean and then with a few faults."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.demo import content
from orchestration.demo import households as hh

COLUMNS = (
    "kommunkod",
    "period",
    "hushalls_id",
    "personnummer",
    "roll",
    "hushallstyp",
    "forsorjningsstod_kr",
    "ovrigt_bistand_kr",
    "forsorjningshinder",
    "forsorjningshinder_2",
    "kon",
    "utrikes_fodd",
    "distrikt",
)
ROLES = np.array(["RL", "MS", "BARN"])


class RowMaker:
    """Makes the rows of any municipality and year from the register; every draw is seeded by both."""

    def __init__(self, register, persons, reasons: content.Reasons, assumptions: dict):
        self.register, self.persons, self.reasons, self.assumptions = register, persons, reasons, assumptions
        rng = np.random.default_rng([assumptions["seed"], 6])
        households = register.people.households
        self.level = np.exp(rng.normal(0.0, assumptions["amounts"]["household_spread"], households))
        # local numbers: a random order over the whole register, so that they say nothing of when
        self.local_id = rng.permutation(households) + 100_000
        self.district = rng.random(households)
        members = register.people.members
        is_head = members["role"] == hh.RL
        self.head = np.full(households, -1)
        self.head[members["household"][is_head]] = members["person"][is_head]
        self.codes = pa.array([*reasons.codes, ""])

    def rows(self, municipality: int, year_index: int) -> pa.Table:
        """All rows of one municipality and year, text columns, sorted by month, household and role."""
        members = self.register.people.members
        chosen = np.flatnonzero(members["municipality"] == municipality)
        bits = (members["bits"][chosen] >> np.uint64(12 * year_index)).astype(np.uint16)
        grid = (bits[:, None] >> np.arange(12, dtype=np.uint16)) & 1
        member, month = np.nonzero(grid)
        row = chosen[member]
        person, household, role = (members[name][row] for name in ("person", "household", "role"))
        order = np.lexsort((person, role, self.local_id[household], month))
        return self._table(
            municipality,
            year_index,
            person[order],
            household[order],
            role[order],
            month[order].astype(np.int64),
        )

    def _table(self, municipality, year_index, person, household, role, month) -> pa.Table:
        code, persons = self.register.codes[municipality], self.persons
        year = self.register.first_year + year_index
        rng = np.random.default_rng([self.assumptions["seed"], 7, int(code), year])
        _, key = np.unique(month * self.register.people.households + household, return_inverse=True)
        types, support, other = self._household_months(rng, year_index, person, household, role, key)
        is_head, is_adult_role = role == hh.RL, (role != hh.BARN) & (types[key] != 1)
        first, second = self._reasons(code, year_index, person, month, is_adult_role)
        periods = pa.array([f"{year}-{number:02d}" for number in range(1, 13)])
        columns = {
            "kommunkod": pa.array([code]).take(pa.array(np.zeros(len(person), dtype=np.int64))),
            "period": periods.take(pa.array(month)),
            "hushalls_id": pc.binary_join_element_wise(
                "H", pa.array(self.local_id[household]).cast("string"), ""
            ),
            "personnummer": pa.array(persons.personnummer[person]),
            "roll": pa.array(ROLES).take(pa.array(role)),
            "hushallstyp": _text(types[key], is_head),
            "forsorjningsstod_kr": _text(support[key], is_head),
            "ovrigt_bistand_kr": _text(other[key], is_head),
            "forsorjningshinder": first,
            "forsorjningshinder_2": second,
            "kon": pa.array(["M", "K"]).take(pa.array(persons.sex[person])),
            "utrikes_fodd": _text(persons.foreign_born[person], persons.foreign_born[person] >= 0),
            "distrikt": self._districts(code, household),
        }
        return pa.table({name: columns[name] for name in COLUMNS})

    def _household_months(self, rng, year_index, person, household, role, key):
        size = int(key.max()) + 1 if len(key) else 0
        home = np.zeros(size, dtype=np.int64)
        home[key] = household
        head = self.head[home]
        head_is_child = self.register.people.adult_from[head] == hh.NEVER_ADULT
        types = content.household_types(role, key, size, self.persons.sex[head] == 1, head_is_child)
        children = np.bincount(key[role == hh.BARN], minlength=size)
        config = self.assumptions["amounts"]
        offset = year_index - (self.register.years - 1)
        return types, *content.amounts(rng, config, offset, types, children, self.level[home])

    def _reasons(self, code, year_index, person, month, is_adult_role):
        first = np.full(len(person), -1)
        second = first.copy()
        adults = np.flatnonzero(is_adult_role)
        first[adults], second[adults] = self.reasons.rows(
            code, person[adults], month[adults] + 12 * year_index
        )
        last = len(self.reasons.codes)
        return tuple(self.codes.take(pa.array(np.where(found < 0, last, found))) for found in (first, second))

    def _districts(self, code, household):
        names = self.assumptions["districts"].get(code, [""])
        return pa.array(names).take(pa.array((self.district[household] * len(names)).astype(np.int64)))


def _text(numbers: np.ndarray, shown: np.ndarray) -> pa.Array:
    """Numbers as text, empty where not shown."""
    return pc.if_else(pa.array(shown), pa.array(numbers.astype(np.int64)).cast("string"), "")


def with_faults(table: pa.Table, year: int, months: list[int], invalid: tuple[str, str, str]) -> pa.Table:
    """The same rows with a few faulty ones beside them, and harmless faults on a few real rows.

    `invalid`: personnummer with a wrong check digit, and two valid ones of persons that exist nowhere else.
    What is added is quarantined or counted as a duplicate by the row rules; what is altered is only warned of.
    """
    rows = {name: np.array(table[name].to_pylist(), dtype=object) for name in table.column_names}
    extra: list[dict[str, str]] = []
    wrong, *strangers = invalid
    for month in months:
        period = f"{year}-{month:02d}"
        here = np.flatnonzero(rows["period"] == period)
        heads = here[rows["roll"][here] == "RL"]
        partners = here[rows["roll"][here] == "MS"]
        extra += _faulty_rows({name: values[heads[0]] for name, values in rows.items()}, wrong, strangers)
        rows["kon"][here[20]] = "M" if rows["kon"][here[20]] == "K" else "K"  # R14
        rows["ovrigt_bistand_kr"][partners[0]] = "350"  # R13, added to the household
        rows["hushallstyp"][heads[30]] = "okänd"  # R13
        # R08, copied last: a copy of a row that is altered afterwards would be R07
        extra += [{name: values[row] for name, values in rows.items()} for row in here[5:8]]
    added = {name: [*rows[name], *(row[name] for row in extra)] for name in table.column_names}
    return pa.table({name: pa.array(values, pa.string()) for name, values in added.items()})


def _faulty_rows(model: dict[str, str], wrong: str, strangers: list[str]) -> list[dict[str, str]]:
    """Rows of households that exist nowhere else, one or two for each row rule R02–R07."""

    def fault(household: str, number: str, **changes: str) -> dict[str, str]:
        return {
            **model,
            "hushalls_id": household,
            "personnummer": number,
            "forsorjningshinder_2": "",
            **changes,
        }

    one, two = strangers
    return [
        fault("F1", one, period=model["period"][:4] + "-13"),  # R02
        fault("F2", wrong),  # R03
        fault("F3", one, roll="XX"),  # R04
        fault("F4", one),  # R05: two RL
        fault("F4", two),
        fault("F5", one, forsorjningsstod_kr="-4500"),  # R06
        fault(
            "F6", one, roll="MS", forsorjningshinder="utan_forsorjningshinder"
        ),  # R07: not the same content
        fault("F6", one, roll="MS", forsorjningshinder="arbetshinder_sociala_skal"),
    ]
