"""`bistand check-definitions`: the warehouse beside the plain computation, for a sample or for everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import duckdb

from orchestration.conformance.answers import Key, PlainFigure
from orchestration.conformance.plain_register import PlainRegister
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.reading import (
    Sample,
    draw_codes,
    read_events,
    read_exits,
    read_months,
    read_population,
    read_rows,
)
from orchestration.conformance.terms import Terms, load_terms
from orchestration.database import attach, open_database
from orchestration.errors import PlainError
from orchestration.settings import Settings
from orchestration.vault.file import attach_for_reading

KEYS_SHOWN = 5
# money is summed in another order here than in the warehouse
TOLERANCE = 1e-6
_CURVES = """
    select geography_id, period_year, definition_id, month_since_entry, at_risk_count, ended_by_count, censored_by_count
    from warehouse.intermediate.int_duration_counts
    where list_contains(?, geography_id) and is_reported and at_risk_count > 0
"""
_STEPS = """
    select geography_id, period_year, definition_id, from_reason, to_reason, adults_count, from_adults_count
    from warehouse.intermediate.int_transition_counts
    where list_contains(?, geography_id) and is_reported_1y and adults_count > 0
"""


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
    """Compare and report line by line in Swedish; True when every indicator is recomputed and everything agrees.

    Compares exact counts, whichever profile was made last. Never reports who a person is. Raises PlainError when there is nothing to compare with.
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
    delivered, exit_months = read_months(connection, settings, terms)
    if not delivered:
        raise PlainError(
            "Registret har inga levererade månader att pröva; lägg filer i landing/register först."
        )
    codes = draw_codes(sample, sorted({code for code, _, _ in delivered}))
    rows, drawn = read_rows(connection, terms, sample, codes)
    exits = read_exits(connection, terms)
    register = PlainRegister(
        rows, delivered, terms.areas, exits, exit_months, *read_events(connection, terms)
    )
    values = PlainValues(register, terms, read_population(connection, terms))
    geographies = register.geographies if sample.is_everything else codes
    whole = "alla områden" if sample.is_everything else f"kommunerna {', '.join(codes)}"
    report(f"Räknar om {whole} ur {len(rows)} rader, och {len(drawn)} personer en och en")
    comparisons = _compare_values(connection, values.answers(geographies), geographies)
    comparisons += _compare_tables(connection, values, geographies)
    comparisons += _compare_persons(connection, values, drawn)
    for one in comparisons:
        report(one.line())
        for key in one.keys:
            report(f"    {key}")
    unchecked = _unchecked(connection, {one.name for one in comparisons})
    if unchecked:
        report(f"Saknar en andra uträkning: {', '.join(unchecked)}")
    differing = sum(one.differing for one in comparisons)
    compared = sum(one.compared for one in comparisons)
    report(
        f"{differing} av {compared} jämförda värden är olika."
        if differing
        else f"Alla {compared} jämförda värden är lika."
    )
    return differing == 0 and not unchecked


def _compare_values(
    connection: duckdb.DuckDBPyConnection, answers: dict[Key, PlainFigure], geographies: list[str]
) -> list[Comparison]:
    rows = connection.execute(
        """
        select
            indicator_id, definition_id, geography_id, period, breakdown, value_status,
            case when value_status = 'published' then numerator end,
            case when value_status = 'published' then denominator end
        from (
            select
                *,
                case
                    when not is_reported then 'not_reported'
                    when is_ratio and denominator is null then 'missing'
                    when is_ratio and denominator = 0 then 'not_applicable'
                    else 'published'
                end as value_status
            from warehouse.intermediate.int_indicator_counts where list_contains(?, geography_id)
        )
        -- put in order, so that all is computed before the first row is fetched: fetched as they come, the rows of a view with
        -- this many branches never come (DuckDB 1.5.5)
        order by all
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


def _compare_tables(
    connection: duckdb.DuckDBPyConnection, values: PlainValues, geographies: list[str]
) -> list[Comparison]:
    """The months of the duration curves in which somebody is at risk, and the steps between reasons that are taken."""
    found = []
    for name, recomputed, query, key_length in (
        ("varaktighetskurvor", values.flow.curve, _CURVES, 4),
        ("byten mellan försörjningshinder", values.flow.steps, _STEPS, 5),
    ):
        rows = connection.execute(query, [geographies]).fetchall()
        theirs = {row[:key_length]: row[key_length:] for row in rows}
        mine = {
            (geography, year, *key): counts
            for geography in geographies
            for year in values.register.years
            for key, counts in recomputed(geography, year).items()
        }
        one = Comparison(name)
        for key in sorted({*mine, *theirs}):
            text = " ".join(str(part) for part in key)
            expected, given = mine.get(key), theirs.get(key)
            one.add(expected == given, f"{text}: datalagret {given}, omräknat {expected}")
        found.append(one)
    return found


def _is_same(mine: PlainFigure | None, theirs: PlainFigure | None) -> bool:
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return False
    return all(
        one is other if one is None or other is None else abs(one - other) <= TOLERANCE * max(1.0, abs(one))
        for one, other in zip(mine[1:], theirs[1:], strict=True)
    )


def _shown(answer: PlainFigure | None) -> str:
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
            years[person] == sum(map(bool, values.register.persons[person].rows.values())),
            "en person har fler eller färre år",
        )
    return [*found.values(), complete]


def _unchecked(connection: duckdb.DuckDBPyConnection, checked: Iterable[str]) -> list[str]:
    rows = connection.execute(
        "select distinct indicator_id || ' ' || definition_id from warehouse.marts.indicator_values order by 1"
    ).fetchall()
    return [name for (name,) in rows if name not in checked]
