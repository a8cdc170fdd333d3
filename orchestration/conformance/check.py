"""`bistand check-definitions`: the warehouse beside the plain computation, for a sample or for everything."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import duckdb

from orchestration.conformance.plain_register import PlainRegister, Row
from orchestration.conformance.plain_values import Answer, Key, PlainValues
from orchestration.conformance.terms import Terms, load_terms
from orchestration.errors import PlainError
from orchestration.lib.database import attach, open_database
from orchestration.register.vault_file import attach_for_reading
from orchestration.settings import Settings

KEYS_SHOWN = 5
# money is summed in another order here than in the warehouse
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Sample:
    """What is compared. `municipalities` by code, or a number drawn at random; `persons` are drawn beside them, in all
    municipalities, and compared one by one. `is_everything` takes all municipalities, areas and persons."""

    codes: tuple[str, ...] = ()
    municipalities: int = 2
    persons: int = 500
    seed: int = 1
    is_everything: bool = False


@dataclass
class Comparison:
    """One line: an indicator and definition, or a verdict on persons. `keys` are the first that differ."""

    name: str
    compared: int = 0
    differing: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, is_equal: bool, key: str) -> None:
        self.compared += 1
        if not is_equal:
            self.differing += 1
            if len(self.keys) < KEYS_SHOWN:
                self.keys.append(key)

    def line(self) -> str:
        """In Swedish, for the terminal."""
        text = f"{self.name}: {self.compared} jämförda, {self.compared - self.differing} lika"
        return text + (f", {self.differing} OLIKA" if self.differing else "")


def check_definitions(settings: Settings, sample: Sample, report: Callable[[str], None]) -> bool:
    """Compare and report line by line in Swedish; True when everything agrees.

    Never reports who a person is. Raises PlainError when there is nothing to compare with.
    """
    if not settings.warehouse.is_file() or not settings.vault.is_file():
        raise PlainError("Det finns inget datalager att pröva; kör bistand run först.")
    terms = load_terms(settings)
    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        attach(connection, settings.warehouse, "warehouse")
        return _check(connection, settings, terms, sample, report)


def _check(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    terms: Terms,
    sample: Sample,
    report: Callable[[str], None],
) -> bool:
    connection.execute(
        "create temp table units as select municipality_code, period_month, delivery_id "
        "from vault.register.unit_states($known_before) where is_in_force",
        {"known_before": settings.known_before},
    )
    delivered = {
        (terms.renumbered.get(code, code), month.year, month.month)
        for code, month in connection.execute("select municipality_code, period_month from units").fetchall()
    }
    if not delivered:
        raise PlainError(
            "Registret har inga levererade månader att pröva; lägg filer i landing/register först."
        )
    codes = _codes(sample, sorted({code for code, _, _ in delivered}))
    rows, drawn = _rows(connection, terms, sample, codes)
    register = PlainRegister(rows, delivered, terms.areas)
    values = PlainValues(register, terms, _population(connection, terms))
    geographies = register.geographies if sample.is_everything else codes
    whole = "alla områden" if sample.is_everything else f"kommunerna {', '.join(codes)}"
    report(f"Räknar om {whole} ur {len(rows)} rader, och {len(drawn)} personer en och en")
    comparisons = _compare_values(connection, values.answers(geographies), geographies)
    comparisons += _compare_persons(connection, values, drawn)
    for one in comparisons:
        report(one.line())
        for key in one.keys:
            report(f"    {key}")
    unchecked = _unchecked(connection, {one.name for one in comparisons})
    if unchecked:
        report(f"Saknar andra uträkning: {', '.join(unchecked)}")
    differing = sum(one.differing for one in comparisons)
    compared = sum(one.compared for one in comparisons)
    report(
        f"{differing} av {compared} jämförda värden är olika."
        if differing
        else f"Alla {compared} jämförda värden är lika."
    )
    return differing == 0


def _codes(sample: Sample, delivering: list[str]) -> list[str]:
    if sample.is_everything:
        return delivering
    if unknown := [code for code in sample.codes if code not in delivering]:
        raise PlainError(f"Kommunen {unknown[0]} har inga levererade månader; välj en som har levererat.")
    if sample.codes:
        return sorted(set(sample.codes))
    return sorted(random.Random(sample.seed).sample(delivering, min(sample.municipalities, len(delivering))))


def _rows(
    connection: duckdb.DuckDBPyConnection, terms: Terms, sample: Sample, codes: list[str]
) -> tuple[list[Row], list[str]]:
    """Every row of the persons in the sample, and of the households that they stand in; and the persons drawn."""
    connection.execute("create temp table chosen_codes (municipality_code varchar)")
    old_codes = [old for old, new in terms.renumbered.items() if new in codes]
    connection.executemany("insert into chosen_codes values (?)", [[code] for code in (*codes, *old_codes)])
    connection.execute("""
        create temp view in_force as
        select person_months.* from vault.register.person_months as person_months
        inner join units using (delivery_id, municipality_code, period_month)
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
    """)
    found = connection.execute("""
        with households as (
            select distinct municipality_code, period_month, household_id from in_force
            where person_id in (select person_id from chosen_persons)
        )
        select
            municipality_code, year(period_month), month(period_month), cast(household_id as varchar),
            cast(person_id as varchar), birth_year, sex, role, household_type_code,
            cast(coalesce(forsorjningsstod_sek, 0) + coalesce(ovrigt_bistand_sek, 0) as double),
            coalesce(reason_code, reason_text), is_foreign_born, reason_code_2, district
        from in_force
        where person_id in (select person_id from chosen_persons)
            or (municipality_code, period_month, household_id) in (select * from households)
    """).fetchall()
    drawn = connection.execute("select cast(person_id as varchar) from drawn_persons").fetchall()
    rows = [Row(terms.renumbered.get(code, code), *rest) for code, *rest in found]
    return rows, [person for (person,) in drawn]


def _population(connection: duckdb.DuckDBPyConnection, terms: Terms) -> dict:
    found: dict = {}
    for code, year, sex, age, persons in connection.execute(
        "select municipality_code, year, sex, age, population_count from warehouse.raw.population"
    ).fetchall():
        found.setdefault((terms.renumbered.get(code, code), year), {})[sex, age] = persons
    return found


def _compare_values(
    connection: duckdb.DuckDBPyConnection, answers: dict[Key, Answer], geographies: list[str]
) -> list[Comparison]:
    rows = connection.execute(
        """
        select indicator_id, definition_id, geography_id, period, breakdown, value_status, numerator, denominator
        from warehouse.marts.indicator_values where list_contains(?, geography_id)
        """,
        [geographies],
    ).fetchall()
    own = {row[:5]: row[5:] for row in rows}
    recomputed = {key[:2] for key in answers}
    found: dict[str, Comparison] = {}
    for key in sorted({*answers, *(key for key in own if key[:2] in recomputed)}):
        one = found.setdefault(" ".join(key[:2]), Comparison(" ".join(key[:2])))
        mine, theirs = answers.get(key), own.get(key)
        one.add(
            _is_same(mine, theirs),
            f"{' '.join(key[2:])}: datalagret {_shown(theirs)}, omräknat {_shown(mine)}",
        )
    return list(found.values())


def _is_same(mine: Answer | None, theirs: Answer | None) -> bool:
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return False
    return all(
        one is other if one is None or other is None else abs(one - other) <= TOLERANCE * max(1.0, abs(one))
        for one, other in zip(mine[1:], theirs[1:], strict=True)
    )


def _shown(answer: Answer | None) -> str:
    if answer is None:
        return "saknas"
    status, numerator, denominator = answer
    if numerator is None:
        return status
    return f"{numerator:g}" + (f" av {denominator:g}" if denominator is not None else "")


def _compare_persons(
    connection: duckdb.DuckDBPyConnection, values: PlainValues, drawn: list[str]
) -> list[Comparison]:
    """The verdicts on each drawn person and year, over all municipalities."""
    names = {
        "months_count": "månader under året",
        "last_municipality_code": "sista kommun under året",
        "is_longterm": "långvarigt",
        "is_very_longterm_interior": "mycket långvarigt, uppehåll mellan biståndsmånader",
        "is_very_longterm_window": "mycket långvarigt, uppehåll även i kanterna",
    }
    found = {column: Comparison(f"person för person, {name}") for column, name in names.items()}
    rows = connection.execute(
        f"select cast(person_id as varchar), period_year, {', '.join(names)} from warehouse.intermediate.int_person_years "
        "where person_id in (select person_id from drawn_persons)"
    ).fetchall()
    years: Counter[str] = Counter()
    for person, year, *theirs in rows:
        one = values.person_year(person, year)
        mine = [
            len(one.months),
            one.last_municipality,
            one.is_longterm,
            one.is_very_longterm("very_longterm:interior"),
            one.is_very_longterm("very_longterm:window"),
        ]
        years[person] += 1
        for column, expected, given in zip(names, mine, theirs, strict=True):
            found[column].add(expected == given, f"år {year}: datalagret {given}, omräknat {expected}")
    complete = Comparison("person för person, år med bistånd")
    for person in drawn:
        complete.add(
            years[person] == len(values.register.persons[person].rows), "en person har fler eller färre år"
        )
    return [*found.values(), complete]


def _unchecked(connection: duckdb.DuckDBPyConnection, checked: Iterable[str]) -> list[str]:
    rows = connection.execute(
        "select distinct indicator_id || ' ' || definition_id from warehouse.marts.indicator_values order by 1"
    ).fetchall()
    return [name for (name,) in rows if name not in checked]
