"""Every drawn case, through the real models: dbt on DuckDB, the marts read at the end."""

from __future__ import annotations

import pytest

from orchestration.database import open_database
from orchestration.settings import PROJECT_ROOT, Settings
from tests.spec.drawing import YEARS, Spec, code_of, load_specs, municipality_codes, specs_as_markdown

SPECS = load_specs()


@pytest.fixture(scope="module")
def answers(drawn_warehouse: Settings, drawn_activity: Settings) -> dict[str | None, dict[tuple, tuple]]:
    """By topic with years of its own (None for all others), (indicator, definition, geography, period, breakdown) →
    (value, status)."""
    return {None: _answers(drawn_warehouse), "activity": _answers(drawn_activity)}


def _answers(drawn: Settings) -> dict[tuple, tuple]:
    with open_database(drawn.warehouse, read_only=True) as warehouse:
        rows = warehouse.execute(
            "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status "
            "from marts.indicator_values union all "
            # a month's reasons stand in the series only
            "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status "
            "from marts.monthly_series where breakdown like 'reason=%'"
        ).fetchall()
    return {row[:5]: row[5:] for row in rows}


@pytest.mark.parametrize("spec", SPECS, ids=[spec.title for spec in SPECS])
def test_drawn_case(spec: Spec, answers: dict[str | None, dict[tuple, tuple]]) -> None:
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
        value, status = answers[spec.topic if spec.topic in YEARS else None][key]
        shown = status if value is None else f"{value:g}"
        assert shown == expected, f"{line}: blev {shown}"


def test_the_page_of_the_docs_shows_the_cases_that_are_run() -> None:
    page = PROJECT_ROOT / "docs" / "reference" / "definitioner-i-ritade-fall.md"
    assert page.read_text(encoding="utf-8") == specs_as_markdown(), "kör make docs"
