"""Which months wait for a person (holds.sql): judged when every file of a run is in, in the order of the months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.database import named_statements
from orchestration.intake.rules.catalogue import thresholds
from orchestration.vault import writing

# a run that takes in the whole country need not name every municipality
_NAMED_MUNICIPALITIES = 30
_HOLDS = Path(__file__).parent / "holds.sql"
_FROM_THE_VAULT = (
    "candidates",
    "family_rows",
    "municipality_codes",
    "months_in_force",
)
_JUDGING = ("judged_candidates", "municipality_months", "hold_verdicts")


@dataclass(frozen=True)
class Waiting:
    """Months of one delivery that wait by one rule (D05, D07, D08, D09)."""

    delivery_id: int
    rule_id: str
    months_held: int
    months_count: int
    municipality_codes: tuple[str, ...]


@dataclass(frozen=True)
class Settled:
    """What became of the deliveries that were to be judged: the state of each, the sentence of those that wait, and the
    municipalities of a register that had none."""

    states: dict[int, str]
    sentences: dict[int, str]
    first_municipalities: tuple[str, ...]


def settle(connection: duckdb.DuckDBPyConnection) -> Settled:
    """Judges every month of the ledger that is not judged yet, those of a run that was cut short too, in one transaction.

    After `pipeline.prepare`. Afterwards each is accepted or held by a rule, and the message of its delivery says so.
    """
    steps = named_statements(_HOLDS)
    try:
        for name in _FROM_THE_VAULT:
            connection.execute(steps[name])
        is_new = not known_municipalities(connection)
        judge_candidates(connection)
        found = connection.execute(steps["waiting"]).fetchall()
        sentences = _sentences(Waiting(row[0], row[1], row[2], row[3], tuple(row[4])) for row in found)
        with writing.transaction(connection):
            connection.execute(steps["settle_months"])
            connection.execute(steps["settle_deliveries"])
            for delivery_id, sentence in sentences.items():
                connection.execute(
                    "update register.deliveries set message = message || $sentence where delivery_id = $id",
                    {"sentence": f" {sentence}", "id": delivery_id},
                )
        states = connection.execute(
            "select delivery_id, state from register.deliveries "
            "where delivery_id in (select delivery_id from candidates)"
        ).fetchall()
        taken = connection.execute(
            "select distinct municipality_code from hold_verdicts where rule_id is null order by all"
        ).fetchall()
    finally:
        connection.execute(steps["clear"])
    return Settled(dict(states), sentences, tuple(code for (code,) in taken) if is_new else ())


def known_municipalities(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The codes of those whose months have counted in this register; left in a temporary table of that name too."""
    connection.execute(named_statements(_HOLDS)["known_municipalities"])
    return [code for (code,) in connection.execute("from known_municipalities").fetchall()]


def judge_candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """From `candidates`, `family_rows`, `known_municipalities` and `months_in_force` (temporary) to `hold_verdicts`."""
    steps = named_statements(_HOLDS)
    for name in _JUDGING:
        connection.execute(steps[name])


def _sentences(waiting: Iterable[Waiting]) -> dict[int, str]:
    """Swedish text per delivery: why its months wait, and what to do."""
    reasons: dict[int, list[str]] = {}
    for one in waiting:
        reasons.setdefault(one.delivery_id, []).append(_reason(one))
    return {
        number: f"{' '.join(told)} Se bistand deliveries show {number}, sedan accept eller reject."
        for number, told in reasons.items()
    }


def _reason(one: Waiting) -> str:
    limits = thresholds()
    months = f"{one.months_held} av {one.months_count} månader väntar på beslut"
    if one.rule_id == "D07":
        return (
            f"{months} ({one.rule_id}): {named_codes(one.municipality_codes)} har inte levererat hit förut."
        )
    if one.rule_id == "D09":
        return f"{months} ({one.rule_id}): filen ligger i en annan kommuns mapp än {named_codes(one.municipality_codes)}."
    if one.rule_id == "D08":
        share = f"{limits.families_without_children_share_max:.0%}".replace("%", " %")
        return f"{months} ({one.rule_id}): mer än {share} av hushållen med barn saknar barnrader (R17)."
    fall, rise = (
        f"{limit:g}".replace(".", ",") for limit in (limits.hold_fall_below, limits.hold_rise_above)
    )
    return f"{months} ({one.rule_id}): antalet hushåll är under {fall} eller över {rise} gånger medianen av månaderna före."


def named_codes(codes: tuple[str, ...]) -> str:
    """`kommun 0180`, `kommunerna 0180 och 0181`, or how many they are when they are many."""
    if len(codes) > _NAMED_MUNICIPALITIES:
        return f"{len(codes)} kommuner"
    if len(codes) == 1:
        return f"kommun {codes[0]}"
    return f"kommunerna {', '.join(codes[:-1])} och {codes[-1]}"
