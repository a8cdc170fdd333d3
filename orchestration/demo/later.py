"""The months of the activity requirement: another made-up register, seven years after the calibrated one. Nothing in it is calibrated.

The months of a few municipalities are the pattern of the same months seven years before, with persons and households of their own,
so that no one of 2015–2019 comes again and no figure of those years is touched. Between the two nothing is delivered.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from orchestration.demo import endings, rows
from orchestration.demo import households as hh
from orchestration.demo.build import Register
from orchestration.demo.content import Reasons
from orchestration.demo.measures import union_by
from orchestration.demo.persons import Persons, personnummer

OWN_HOUSEHOLDS = 500_000  # household numbers that the calibrated register does not reach


def month_index(text: str, first_year: int) -> int:
    """`2025-07` as the number of months after January of the first year."""
    year, month = text.split("-")
    return (int(year) - first_year) * 12 + int(month) - 1


class Later:
    """The later register with the maker of its rows. `months` is the place after its last month, from January of its first year."""

    def __init__(self, register: Register, persons: Persons, assumptions: dict):
        self.config = assumptions["later"]
        self.first_year = int(self.config["first_month"][:4])
        self.first = month_index(self.config["first_month"], self.first_year)
        self.months = month_index(self.config["last_month"], self.first_year) + 1
        self.municipalities = [
            register.codes.index(code) for code in sorted(self.config["municipality_codes"])
        ]
        people, taken = self._people(
            register, self.first_year - self.config["years_later"] - register.first_year
        )
        years = -(-self.months // 12)
        self.register = Register(people, register.codes, self.first_year, years)
        self.persons = self._persons(persons, taken)
        seed, index = assumptions["seed"], 1 + assumptions["amounts"]["yearly_index"]
        grown = index ** (self.first_year + years - 1 - assumptions["last_year"])
        amounts = {key: value * grown for key, value in assumptions["amounts"]["base_sek"].items()}
        self.assumptions = {**assumptions, "amounts": {**assumptions["amounts"], "base_sek": amounts}}
        reasons = Reasons(np.random.default_rng([seed, 28]), self.register, self.persons, self.assumptions)
        self.maker = rows.RowMaker(self.register, self.persons, reasons, self.assumptions)
        self.maker.local_id += OWN_HOUSEHOLDS

    def exits(self, municipality: int, year_index: int) -> pa.Table:
        """Why aid ended, of the months that enough months without aid could follow."""
        return endings.exit_rows(self.maker, municipality, year_index, self.assumptions, self.months)

    def delivered(self, year: int) -> tuple[int, int]:
        """The year and month in which the months of a year are delivered: the one after the last of them."""
        after = min((year + 1 - self.first_year) * 12, self.months)
        return self.first_year + after // 12, after % 12 + 1

    def adults(self, municipality: int) -> tuple[np.ndarray, np.ndarray]:
        """Each adult who stands as applicant in the municipality, with the months of it as bits."""
        members = self.register.people.members
        chosen = (members["municipality"] == municipality) & (members["role"] != hh.BARN)
        return union_by(members["person"][chosen], members["bits"][chosen])

    def _people(self, register: Register, years: int) -> tuple[hh.People, np.ndarray]:
        """Memberships of the months, `years` after the register's first moved to the first; and whom each person is drawn after."""
        members, people = register.people.members, hh.People()
        window = np.uint64((1 << self.months) - (1 << self.first))
        bits = (members["bits"] >> np.uint64(12 * years)) & window
        kept = np.isin(members["municipality"], self.municipalities) & (bits > 0)
        taken, person = np.unique(members["person"][kept], return_inverse=True)
        households, household = np.unique(members["household"][kept], return_inverse=True)
        people.households = len(households)
        people.join(person, household, members["municipality"][kept], members["role"][kept], bits[kept])
        adult_from = register.people.adult_from[taken]
        people.adult_from = np.where(
            adult_from == hh.NEVER_ADULT, hh.NEVER_ADULT, np.maximum(adult_from - years, hh.ALWAYS_ADULT)
        )
        return people, taken

    def _persons(self, persons: Persons, taken: np.ndarray) -> Persons:
        """Persons of the same sex, origin and age as those they are drawn after, with numbers that nobody has."""
        everyone = np.concatenate([np.arange(len(persons.sex)), taken])
        is_new = np.arange(len(everyone)) >= len(persons.sex)
        birth_year = persons.birth_year[everyone] + is_new * self.config["years_later"]
        digits = (
            np.array(list("".join(persons.personnummer[everyone])), dtype="U1")
            .reshape(-1, 12)
            .astype(np.int64)
        )
        # numbers are given in order, so those who have one keep it
        numbers = personnummer(
            birth_year, digits[:, 4] * 10 + digits[:, 5], persons.sex[everyone], digits[:, 6] >= 6
        )
        members = self.register.people.members
        _, bits = union_by(members["person"], members["bits"])
        return Persons(
            persons.sex[taken], persons.foreign_born[taken], birth_year[is_new], numbers[is_new], bits
        )
