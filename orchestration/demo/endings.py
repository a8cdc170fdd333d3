"""Why aid ended: the second kind of file, from the few municipalities of the demo that deliver it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.demo import households as hh
from orchestration.demo.measures import union_by

EMPTY_MONTHS = 3
MOVED = "flytt"


def ended(bits: np.ndarray, months: int) -> np.ndarray:
    """Bits of the months with aid that EMPTY_MONTHS months without follow, all of them within `months`."""
    later = bits >> np.uint64(1)
    for step in range(2, EMPTY_MONTHS + 1):
        later |= bits >> np.uint64(step)
    return bits & ~later & np.uint64((1 << (months - EMPTY_MONTHS)) - 1)


def exit_rows(
    maker, municipality: int, year_index: int, assumptions: dict, months: int | None = None
) -> pa.Table:
    """One row per adult, household and last month with aid in the municipality and year, as text columns.

    `months` is how many the register holds, where its last year is not whole.

    Who has aid in another municipality in one of the months after has moved; the rest draw their reason. `maker` is the
    RowMaker of the register, which knows the households' local numbers.
    """
    register, config = maker.register, assumptions["exit_reasons"]
    code = register.codes[municipality]
    members = register.people.members
    chosen = np.flatnonzero(members["municipality"] == municipality)
    persons, here = union_by(members["person"][chosen], members["bits"][chosen])
    place = np.searchsorted(persons, members["person"][chosen])
    bits = ended(here, months or 12 * register.years)[place] & members["bits"][chosen]
    bits[members["role"][chosen] == hh.BARN] = 0
    year_bits = (bits >> np.uint64(12 * year_index)).astype(np.uint16)
    member, month = np.nonzero((year_bits[:, None] >> np.arange(12, dtype=np.uint16)) & 1)
    person, household = (members[name][chosen[member]] for name in ("person", "household"))
    local = maker.local_id[household]
    order = np.lexsort((person, local, month))
    person, local, month = person[order], local[order], month[order]
    after = (maker.persons.bits[person] >> (month + 12 * year_index + 1).astype(np.uint64)) & np.uint64(7)
    rng = np.random.default_rng([assumptions["seed"], 9, int(code), year_index])
    names = np.array([*config["weights"], ""])
    weights = np.array([*config["weights"].values(), config["blank_weight"]], dtype=float)
    reason = np.where(after > 0, MOVED, names[rng.choice(len(names), len(person), p=weights / weights.sum())])
    kept = rng.random(len(person)) >= config["forgotten_share"]
    year = register.first_year + year_index
    table = pa.table(
        {
            "kommunkod": pa.array([code] * len(person), pa.string()),
            "period": pa.array([f"{year}-{number + 1:02d}" for number in month], pa.string()),
            "hushalls_id": pc.binary_join_element_wise("H", pa.array(local).cast("string"), ""),
            "personnummer": pa.array(maker.persons.personnummer[person]),
            "avslutsorsak": pa.array(reason.tolist(), pa.string()),
        }
    )
    return table.filter(pa.array(kept))
