"""What the plain computation is given: a drawn sample of the vault's rows, the exit reasons and the population."""

from __future__ import annotations

import random
from dataclasses import dataclass

import duckdb

from orchestration.conformance.plain_register import Event, ExitReason, Row, YearMonth
from orchestration.conformance.terms import NOT_STATED, UNKNOWN_CODE, Terms
from orchestration.database import insert_rows
from orchestration.errors import PlainError
from orchestration.settings import Settings
from orchestration.vault.states import put_states

Months = set[tuple[str, int, int]]


@dataclass(frozen=True)
class Sample:
    """What is compared. `municipalities` by code, or a number drawn at random; `persons` are drawn beside them, in all
    municipalities, and compared one by one. `is_everything` takes all municipalities, areas and persons."""

    codes: tuple[str, ...] = ()
    municipalities: int = 2
    persons: int = 500
    seed: int = 1
    is_everything: bool = False


def read_months(
    connection: duckdb.DuckDBPyConnection, settings: Settings, terms: Terms
) -> tuple[Months, Months]:
    """(municipality, year, month) of the person months in force, and of the exit reasons in force."""
    found = []
    put_states(connection, settings.known_before)
    for table, kind in (("months", "not is_optional"), ("exit_months", "kind = 'exit_reasons'")):
        connection.execute(
            f"create temp table {table} as select municipality_code, period_month, delivery_id "
            f"from month_states where is_in_force and {kind}"
        )
        rows = connection.execute(f"select municipality_code, period_month from {table}").fetchall()
        found.append({(terms.renumbered.get(code, code), month.year, month.month) for code, month in rows})
    return found[0], found[1]


def draw_codes(sample: Sample, delivering: list[str]) -> list[str]:
    """The municipalities of the sample, in order. Raises PlainError when one of them has delivered nothing."""
    if sample.is_everything:
        return delivering
    if unknown := [code for code in sample.codes if code not in delivering]:
        raise PlainError(f"Kommunen {unknown[0]} har inga levererade månader; välj en som har levererat.")
    if sample.codes:
        return sorted(set(sample.codes))
    return sorted(random.Random(sample.seed).sample(delivering, min(sample.municipalities, len(delivering))))


def read_rows(
    connection: duckdb.DuckDBPyConnection, terms: Terms, sample: Sample, codes: list[str]
) -> tuple[list[Row], list[str]]:
    """Every row of the persons in the sample, and of the households that they stand in; and the persons drawn."""
    connection.execute("create temp table chosen_codes (municipality_code varchar)")
    old_codes = [old for old, new in terms.renumbered.items() if new in codes]
    insert_rows(connection, "chosen_codes", [(code,) for code in (*codes, *old_codes)])
    connection.execute("""
        create temp view in_force as
        select person_months.* from vault.register.person_months as person_months
        inner join months using (delivery_id, municipality_code, period_month)
    """)
    limit = "" if sample.is_everything else f"limit {int(sample.persons)}"
    connection.execute(f"""
        create temp table drawn_persons as
        select person_id from (select distinct person_id from in_force)
        order by hash(person_id, {int(sample.seed)}), person_id {limit}
    """)
    connection.execute("""
        create temp table chosen_persons as
        select distinct person_id from in_force
        where municipality_code in (select municipality_code from chosen_codes)
        union
        select person_id from drawn_persons
        union
        -- one who is directed by one municipality may have aid in another
        select person_id from vault.register.activities
        where municipality_code in (select municipality_code from chosen_codes)
        union
        select person_id from vault.register.reductions
        where municipality_code in (select municipality_code from chosen_codes)
    """)
    found = connection.execute("""
        with households as (
            select distinct municipality_code, period_month, household_id from in_force
            where person_id in (select person_id from chosen_persons)
        )
        select
            municipality_code, year(period_month), month(period_month), cast(household_id as varchar),
            cast(person_id as varchar), birth_year, sex, role, household_type_code,
            cast(case when coalesce(forsorjningsstod_sek, ovrigt_bistand_sek) is not null
                then coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) end as double),
            coalesce(reason_code, reason_text), is_foreign_born, reason_code_2, district,
            cast(forsorjningsstod_sek as double), birth_month
        from in_force
        where person_id in (select person_id from chosen_persons)
            or (municipality_code, period_month, household_id) in (select * from households)
    """).fetchall()
    drawn = connection.execute("select cast(person_id as varchar) from drawn_persons").fetchall()
    rows = [Row(terms.renumbered.get(code, code), *rest) for code, *rest in found]
    return rows, [person for (person,) in drawn]


def read_exits(connection: duckdb.DuckDBPyConnection, terms: Terms) -> list[ExitReason]:
    """The exit reasons in force of the persons in the sample."""
    rows = connection.execute(
        """
        select
            municipality_code, year(period_month), month(period_month), cast(person_id as varchar),
            coalesce(exit_reason_code, case when exit_reason_text is null then ? else ? end)
        from vault.register.exit_reasons
        inner join exit_months using (delivery_id, municipality_code, period_month)
        where person_id in (select person_id from chosen_persons)
        """,
        [NOT_STATED, UNKNOWN_CODE],
    ).fetchall()
    return [ExitReason(terms.renumbered.get(code, code), *rest) for code, *rest in rows]


def read_events(
    connection: duckdb.DuckDBPyConnection, terms: Terms
) -> tuple[list[Event], dict[str, dict[str, YearMonth]]]:
    """Directions and decisions in force of the persons in the sample, and from when municipalities deliver each kind."""
    rows = connection.execute("""
        select
            'directed', municipality_code, cast(person_id as varchar), paragraph, directed_date, end_date,
            coalesce(reason_code, reason_text)
        from vault.register.activities as activities
        semi join (select * from month_states where is_in_force and kind = 'activities') as in_force
            using (delivery_id, municipality_code, period_month)
        where person_id in (select person_id from chosen_persons)
        union all
        select outcome, municipality_code, cast(person_id as varchar), ground, decision_date, null, null
        from vault.register.reductions as reductions
        semi join (select * from month_states where is_in_force and kind = 'reductions') as in_force
            using (delivery_id, municipality_code, period_month)
        where person_id in (select person_id from chosen_persons)
    """).fetchall()
    delivering: dict[str, dict[str, YearMonth]] = {}
    for kind, code, first in connection.execute(
        "select kind, municipality_code, min(period_month) from month_states where is_in_force and is_optional group by all"
    ).fetchall():
        of_kind, name = delivering.setdefault(kind, {}), terms.renumbered.get(code, code)
        of_kind[name] = min((first.year, first.month), of_kind.get(name, (9999, 1)))
    return [Event(kind, terms.renumbered.get(code, code), *rest) for kind, code, *rest in rows], delivering


def read_population(connection: duckdb.DuckDBPyConnection, terms: Terms) -> dict:
    """(municipality, year) → {(sex, age): persons}, from the warehouse."""
    found: dict = {}
    for code, year, sex, age, persons in connection.execute(
        "select municipality_code, year, sex, age, population_count from warehouse.raw.population"
    ).fetchall():
        found.setdefault((terms.renumbered.get(code, code), year), {})[sex, age] = persons
    return found
