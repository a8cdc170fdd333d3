"""Every drawn case, through the real models: dbt on DuckDB, the marts read at the end."""

from __future__ import annotations

import pytest

from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings
from tests.spec.drawing import Spec, code_of, load_specs, municipality_codes, specs_as_markdown

SPECS = load_specs()


# each table of the chain with its counts and shares, and what an expected line says between the municipality and the answer
CHAIN = {
    "measure_chains": (
        ["spells_count", "measure_before_count", "measure_during_count", "measure_after_count", "ended_count",
         "return_known_count", "returned_count", "returned_share", "waiting_months_mean", "waiting_months_median"],
        "reason", "'total'",
    ),
    "measure_needs": (["adults_count", "adults_share"], "period", "reason"),
    "measure_exit_curves": (
        ["at_risk_count", "ended_share", "remaining_share"], "cast(months_since_start as varchar)", "exit_reason",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(drawn_warehouse: Settings, drawn_activity: Settings) -> dict[bool, dict[tuple, tuple]]:
    """By whether they are of the later register, (indicator, definition, geography, period, breakdown) → (value, status); of
    the chain (count, kind of measure, municipality, period, reason, or as in CHAIN)."""
    later = _answers(drawn_activity, _VALUES) | _answers(drawn_activity, _chain_answers())
    return {False: _answers(drawn_warehouse, _VALUES), True: later}


_VALUES = (
    "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status "
    "from marts.indicator_values union all "
    # a month's reasons stand in the series only
    "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status "
    "from marts.monthly_series where breakdown like 'reason=%'"
)


def _chain_answers() -> str:
    return " union all ".join(
        f"select '{column}', measure_kind, geography_id, {period}, {breakdown}, {column}, 'tomt' from marts.{table}"
        for table, (columns, period, breakdown) in CHAIN.items()
        for column in columns
    )


def _answers(drawn: Settings, question: str) -> dict[tuple, tuple]:
    with open_database(drawn.warehouse, read_only=True) as warehouse:
        rows = warehouse.execute(question).fetchall()
    return {row[:5]: row[5:] for row in rows}


@pytest.mark.parametrize("spec", SPECS, ids=[spec.title for spec in SPECS])
def test_drawn_case(spec: Spec, answers: dict[bool, dict[tuple, tuple]]) -> None:
    codes = municipality_codes()
    for line in spec.expected:
        question, expected = line.split(" = ")
        indicator, definition, letter, period, *breakdown = question.split()
        key = (
            indicator,
            definition,
            code_of(spec, letter, codes),
            period,
            breakdown[0] if breakdown else "total",
        )
        value, status = answers[spec.is_later].get(key, (None, "ingen rad"))
        shown = status if value is None else f"{value:g}"
        assert shown == expected, f"{line}: blev {shown}"


def test_the_page_of_the_docs_shows_the_cases_that_are_run() -> None:
    page = PROJECT_ROOT / "docs" / "reference" / "definitioner-i-ritade-fall.md"
    assert page.read_text(encoding="utf-8") == specs_as_markdown(), "kör make docs"
