"""One file through the rules (rules.sql) into the vault, inside a transaction that the door holds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from orchestration.register import pseudonym
from orchestration.register.ledger import sql_text
from orchestration.register.reading import DeliveryRejectedError, release_file, stage_file
from orchestration.register.rules import rule_catalogue, thresholds
from orchestration.settings import Settings

_NOT_THE_FILES_FAULT = (
    duckdb.OutOfMemoryException,
    duckdb.IOException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.InternalException,
    duckdb.FatalException,
)


class ConservationError(Exception):
    """Rows read are not rows loaded + quarantined + duplicates: nothing of the file may stay."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file that could be read. `common_rule` is the error rule met by most rows ('' for none)."""

    state: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    units_count: int
    units_refused: int
    units_held: int
    common_rule: str
    ignored_columns: tuple[str, ...]

    @property
    def has_no_unit(self) -> bool:
        """Whether no row could be placed in a municipality and month."""
        return self.units_count == 0


@cache
def statements() -> dict[str, str]:
    """The named statements of rules.sql."""
    named = {}
    for part in sql_text("rules.sql").split("-- name: ")[1:]:
        name, body = part.split("\n", 1)
        named[name.strip()] = body
    return named


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings, today: date) -> None:
    """Once per run: macros, thresholds and the reference tables that the rules look things up in."""
    connection.execute(sql_text("macros.sql"))
    # a stream has no known size, so DuckDB would build its hash table on the file instead of on the small table
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    limits = thresholds()
    with (settings.reference_seeds / "household_types.csv").open(encoding="utf-8") as file:
        household_types = [int(row["household_type_code"]) for row in csv.DictReader(file)]
    variables = {
        "household_types": household_types,
        "first_period": date.fromisoformat(f"{limits.first_period}-01"),
        "current_month": today.replace(day=1),
        "error_share_max": limits.error_share_max,
        "adult_age_from": limits.adult_age_from,
        "child_role_age_below": limits.child_role_age_below,
        "child_applicant_household_type": limits.child_applicant_household_type,
        "hold_fall_below": limits.hold_fall_below,
        "hold_rise_above": limits.hold_rise_above,
        "hold_months_max": limits.hold_months_max,
        "hold_months_min": limits.hold_months_min,
        "hold_households_from": limits.hold_households_from,
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $value", {"value": value})
    seeds = settings.reference_seeds
    municipalities, reasons, months = statements()["references"].split(";\n")[:3]
    connection.execute(municipalities, {"municipalities": str(seeds / "municipalities.csv")})
    connection.execute(reasons, {"reasons": str(seeds / "reason_categories.csv")})
    connection.execute(months)
    connection.execute("create or replace temp table reference_rules (rule_id text, severity text)")
    connection.executemany(
        "insert into reference_rules values (?, ?)",
        [(rule.id, rule.severity) for rule in rule_catalogue().values()],
    )


def municipality_exists(connection: duckdb.DuckDBPyConnection, municipality_code: str, year: int) -> bool:
    """Whether the code was a municipality in that year; `prepare` comes first."""
    return (
        connection.execute(
            "select 1 from reference_municipalities "
            "where municipality_code = $code and $year between first_year and last_year",
            {"code": municipality_code, "year": year},
        ).fetchone()
        is not None
    )


def run(connection: duckdb.DuckDBPyConnection, path: Path, key: bytes, delivery_id: int) -> Outcome:
    """Reads, judges and loads one file.

    Raises DeliveryRejectedError when the file cannot be read, ConservationError when rows went missing.
    """
    with _staged(connection, path) as (ignored_columns, rows_read):
        pass
    keys = pseudonym.pads(key)
    steps = statements()
    connection.execute(steps["reason_map"])
    connection.execute(steps["empty_keys"])
    connection.execute(steps["person_keys"], keys)
    connection.execute(steps["household_keys"], keys)
    for name in (
        "keyed_rows", "repeated_rows", "households", "judged_rows", "units", "unit_months", "unit_verdicts",
    ):  # fmt: skip
        connection.execute(steps[name])
    delivery = {"delivery_id": delivery_id}
    connection.execute(steps["record_units"], delivery)
    rows_loaded = connection.execute(steps["insert_person_months"], delivery).fetchone()[0]
    rows_quarantined = connection.execute(steps["insert_quarantine"], delivery).fetchone()[0]
    connection.execute(steps["record_rule_hits"], delivery)
    duplicate, units, refused, held = connection.execute(steps["counts"]).fetchone()
    common = connection.execute(steps["common_rule"], delivery).fetchone()
    connection.execute(steps["clear"])
    if rows_read != rows_loaded + rows_quarantined + duplicate:
        raise ConservationError
    return Outcome(
        _state(units, refused, held),
        rows_read,
        rows_loaded,
        rows_quarantined,
        duplicate,
        units,
        refused,
        held,
        common[0] if common else "",
        ignored_columns,
    )


def _state(units: int, refused: int, held: int) -> str:
    if refused == units:
        return "rejected"
    if held:
        return "held"
    return "partly_rejected" if refused else "accepted"


@contextmanager
def _staged(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[tuple[tuple[str, ...], int]]:
    """Reads the file into `typed_rows`; yields the ignored columns and the rows counted in the bytes."""
    try:
        staged = stage_file(connection, path)
        connection.execute(statements()["typed_rows"])
        yield staged.ignored_columns, staged.rows_read()
    except _NOT_THE_FILES_FAULT:
        raise
    except duckdb.Error:
        # what a broken Parquet page or a reader error in the stream ends in; its text may quote data
        raise DeliveryRejectedError("D01", "innehållet är skadat") from None
    finally:
        release_file(connection)
