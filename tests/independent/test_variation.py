"""Limits and signals against a plain second reading of the rules, series by series and month by month."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from statistics import mean, median

import pytest

from orchestration.database import open_database
from orchestration.settings import Settings


def limits(values: list[float | None]) -> tuple[float, float, float, float] | None:
    """Mean, lower and upper limit, and median of a phase; None below six values or without a range."""
    known = [value for value in values if value is not None]
    ranges = [
        abs(after - before) for before, after in pairwise(values) if before is not None and after is not None
    ]
    if len(known) < 6 or not ranges:
        return None
    return mean(known), mean(known) - 2.66 * mean(ranges), mean(known) + 2.66 * mean(ranges), median(known)


def long_runs(signs: list[int | None], least: int, passes_over: bool = False) -> list[list[int]]:
    """Runs of one sign (their places), at least so long. None breaks a run; 0 breaks it or, on the median, is passed over."""
    found, run = [], []
    for place, sign in enumerate([*signs, None]):
        if sign == 0 and passes_over:
            continue
        if run and (not sign or sign != signs[run[-1]]):
            found += [run] if len(run) >= least else []
            run = []
        if sign:
            run.append(place)
    return found


def sign(number: float) -> int:
    return (number > 0) - (number < 0)


def runs(
    values: list[float | None], found: tuple[float, float, float, float]
) -> list[tuple[str, str, list[int]]]:
    """Every signal of a phase, (rule, direction, places of its months), rule by rule."""
    centre, lower, upper, middle = (round(number, 9) for number in found)
    sides = [None if value is None else sign(value - centre) for value in values]
    middles = [None if value is None else sign(value - middle) for value in values]
    steps = [None] + [
        None if before is None or after is None else sign(after - before)
        for before, after in pairwise(values)
    ]
    beyond = [None if value is None else (value > upper) - (value < lower) for value in values]
    marked = [
        ("outside", beyond, long_runs(beyond, 1)),
        ("shift_mean", sides, long_runs(sides, 8)),
        ("shift_median", middles, long_runs(middles, 6, passes_over=True)),
        # six points are five steps
        ("trend", steps, long_runs(steps, 5)),
    ]
    return [
        (rule, "up" if signs[run[0]] > 0 else "down", [run[0] - 1, *run] if rule == "trend" else run)
        for rule, signs, found_runs in marked
        for run in found_runs
    ]


def codes_of(marked: list[tuple[str, str, list[int]]], months: int) -> list[str]:
    """The codes of each month of a phase, joined as in the mart."""
    return [
        ",".join(dict.fromkeys(rule for rule, _, places in marked if place in places))
        for place in range(months)
    ]


def test_the_example_of_the_nist_handbook() -> None:
    """Flow rates of ten batches, printed mean 50.81, limits 45.8159 and 55.8041 (3 / 1.128 in place of 2.66).

    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, Individuals Control Charts. The models are held to the
    same numbers by the dbt unit test of int_phase_limits.
    """
    found = limits([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert found[:3] == pytest.approx((50.81, 45.8159, 55.8041), abs=0.001)


def test_every_series_has_the_limits_and_signals_of_the_plain_reading(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        rows = warehouse.execute(
            "select indicator_id, definition_id, geography_id, breakdown, phase, value, centre, lower_limit, "
            "upper_limit, median, signals, period from marts.variation_points "
            "order by indicator_id, definition_id, geography_id, breakdown, period"
        ).fetchall()
        found_runs = warehouse.execute(
            "select indicator_id, definition_id, geography_id, breakdown, phase, rule_id, direction, first_period, "
            "last_period, months_count from intermediate.int_signal_runs"
        ).fetchall()
    phases = defaultdict(list)
    for row in rows:
        phases[row[:5]].append(row[5:])
    seen, expected_runs = set(), []
    for key, phase in phases.items():
        values = [row[0] for row in phase]
        expected = limits(values)
        if expected is None:
            assert {row[1:6] for row in phase} == {(None, None, None, None, None)}
            continue
        assert phase[0][1:5] == pytest.approx((expected[0], expected[1], expected[2], expected[3]), abs=1e-6)
        marked = runs(values, expected)
        codes = codes_of(marked, len(values))
        expected_runs += [
            (*key, rule, direction, phase[places[0]][6], phase[places[-1]][6], len(places))
            for rule, direction, places in marked
        ]
        assert [row[5] or "" for row in phase] == [
            code if value is not None else "" for code, value in zip(codes, values, strict=True)
        ]
        seen |= {code for joined in codes for code in joined.split(",")}
    assert {"outside", "shift_median"} <= seen
    assert sorted(found_runs) == sorted(expected_runs)


def test_every_rule_and_every_reason_for_no_limits_is_explained(drawn_warehouse: Settings) -> None:
    with open_database(drawn_warehouse.warehouse, read_only=True) as warehouse:
        readings = warehouse.execute(
            "select chart_id, reading_kind, reading_id, reading_text, up_text, down_text "
            "from marts.variation_readings"
        ).fetchall()
        rules = {
            row[0] for row in warehouse.execute("select rule_id from intermediate.int_signal_runs").fetchall()
        }
        statuses = warehouse.execute("select distinct limits_status from marts.variation_points").fetchall()
    signals = {row[2] for row in readings if row[1] == "signal"}
    assert rules <= signals
    assert all(up and down for _, kind, _, _, up, down in readings if kind == "signal")
    for chart in ("xmr", "run"):
        why = {
            reading for chart_id, kind, reading, *_ in readings if (chart_id, kind) == (chart, "no_limits")
        }
        # suppressed is set by disclosure control
        assert {status for (status,) in statuses} - {"published"} | {"suppressed"} == why
    assert any("2,66" in row[3] for row in readings)
    assert not any("{" in row[3] for row in readings)
