"""Every drawn case, through the real models: dbt on DuckDB, the marts read at the end."""

from __future__ import annotations

import pytest

from orchestration.lib.dbt_runner import run_dbt
from orchestration.lib.raw_tables import load_raw_tables
from orchestration.register.ledger import open_vault
from orchestration.settings import Settings
from tests.spec.drawing import Spec, code_of, delivered_units, load_specs, municipality_codes, person_rows

SPECS = load_specs()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple, tuple]:
    """(indicator, definition, geography, period, breakdown) → (value, status) after one build of all specs."""
    settings = Settings(home=tmp_path_factory.mktemp("specs"))
    codes = municipality_codes(settings.reference_seeds)
    with open_vault(settings) as vault:
        _insert(vault, SPECS, codes)
    load_raw_tables(settings)
    nodes = run_dbt(settings, ["build"])
    assert [node.name for node in nodes if not node.is_ok] == []
    import duckdb

    with duckdb.connect(
        str(settings.warehouse), config={"autoinstall_known_extensions": "false"}
    ) as warehouse:
        rows = warehouse.execute(
            "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status "
            "from marts.indicator_values"
        ).fetchall()
    return {row[:5]: row[5:] for row in rows}


def _insert(vault, specs: list[Spec], codes: list[str]) -> None:
    persons = [row for spec in specs for row in person_rows(spec, codes)]
    units = [unit for spec in specs for unit in delivered_units(spec, codes)]
    vault.execute(
        "insert into register.deliveries by name select 1 as delivery_id, 'register' as kind, 'ritade fall' as file_name, "
        "timestamp '2020-01-15' as received_at, timestamp '2020-01-15' as loaded_at, 'accepted' as state, "
        "0 as rows_read, 0 as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate, true as is_synthetic"
    )
    vault.executemany(
        "insert into register.delivery_units by name select 1 as delivery_id, ? as municipality_code, "
        "cast(? as date) as period_month, 'accepted' as state, 0 as rows_read, 0 as rows_loaded, "
        "0 as rows_quarantined, 0 as rows_duplicate, 0 as rows_warned, 0 as households_count, 0 as persons_count",
        units,
    )
    vault.executemany(
        "insert into register.person_months by name select 1 as delivery_id, 1 as file_row, ? as municipality_code, "
        "cast(? as date) as period_month, cast(? as uuid) as household_id, cast(? as uuid) as person_id, ? as role, "
        "? as household_type_code, ? as forsorjningsstod_sek, ? as reason_code, ? as reason_text, ? as sex, "
        "? as birth_year",
        persons,
    )


@pytest.mark.parametrize("spec", SPECS, ids=[spec.title for spec in SPECS])
def test_drawn_case(spec: Spec, answers: dict[tuple, tuple]) -> None:
    codes = municipality_codes(Settings(home=None).reference_seeds)
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
        value, status = answers[key]
        shown = status if value is None else f"{value:g}"
        assert shown == expected, f"{line}: blev {shown}"
