"""One file through the rules (rules.sql) into the vault: judged in temporary tables, then written in a transaction."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.database import insert_rows, named_statements, one_row, sql_text
from orchestration.intake.files.opening import DeliveryRejectedError
from orchestration.intake.mappings.mapping_files import NO_MAPPINGS, Mapping, Mappings
from orchestration.intake.reading import StagedFile, release_file, stage_file
from orchestration.intake.rules.catalogue import (
    ACTIVITIES,
    EXIT_REASONS,
    HAND_COUNTS,
    MEASURES,
    PERSON_MONTHS,
    REDUCTIONS,
    rule_catalogue,
    thresholds,
)
from orchestration.settings import Settings
from orchestration.vault import pseudonym

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
class Intake:
    """What reading a file gave. `rows_read` are canonical rows, `rows_in_file` the file's own; `rows_summed` are payments that
    were added to another row, `merged_cells` those of a sheet that nothing fills down."""

    rows_read: int
    rows_in_file: int
    rows_filtered: int
    lines_skipped: int
    ignored_columns: tuple[str, ...]
    mapping_name: str | None
    kind: str = PERSON_MONTHS
    rows_summed: int = 0
    merged_cells: int = 0


@dataclass(frozen=True)
class Verdict:
    """What became of a file that could be read, before it is known which months wait (see `holding`).

    `common_rule` is the error rule met by most rows ('' for none); `number_kinds` are persons by kind of number that is no
    whole Swedish identity.
    """

    state: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    months_count: int
    months_refused: int
    common_rule: str
    number_kinds: tuple[tuple[str, int], ...]
    intake: Intake

    @property
    def has_no_month(self) -> bool:
        """Whether no row could be placed in a municipality and month."""
        return self.months_count == 0


_FOLDER = Path(__file__).parent
# small questions asked of one value
MACROS = _FOLDER / "macros.sql"

# the statements that take `typed_rows` to `judged_months`, in order
_JUDGING = ("repeated_rows", "households", "judged_rows", "judged_months")
_JUDGING_OPTIONAL = ("keyed_rows", "judged_rows", "judged_months")
# the files that say what is otherwise for an optional kind than in rules.sql
_OWN_RULES = {
    EXIT_REASONS: ("exit_rules.sql",),
    ACTIVITIES: ("event_rules.sql", "activity_rules.sql"),
    REDUCTIONS: ("event_rules.sql", "reduction_rules.sql"),
    MEASURES: ("event_rules.sql", "measure_rules.sql"),
    HAND_COUNTS: ("hand_count_rules.sql",),
}


def statements() -> dict[str, str]:
    """The named statements of rules.sql."""
    return named_statements(_FOLDER / "rules.sql")


def _statements_for(kind: str) -> dict[str, str]:
    """Those of rules.sql, with the ones that are others for this kind of file."""
    found = dict(statements())
    for name in _OWN_RULES.get(kind, ()):
        found |= named_statements(_FOLDER / name)
    return found


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings, today: date) -> None:
    """Once per run: macros, thresholds and the reference tables that the rules look things up in."""
    connection.execute(sql_text(MACROS))
    # a stream has no known size, so DuckDB would build its hash table on the file instead of on the small table
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    limits = thresholds()
    with (settings.reference_seeds / "household_types.csv").open(encoding="utf-8") as file:
        household_types = {
            int(row["household_type_code"]): row["has_children"] for row in csv.DictReader(file)
        }
    variables = {
        "household_types": list(household_types),
        # a child who applies alone is its household's only row
        "household_types_with_children": [
            code
            for code in _types_that(household_types, "true")
            if code != limits.child_applicant_household_type
        ],
        "household_types_without_children": _types_that(household_types, "false"),
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
        "hold_families_from": limits.hold_families_from,
        "families_without_children_share_max": limits.families_without_children_share_max,
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $value", {"value": value})
    connection.execute(
        "set variable expected_municipalities = cast($codes as text[])",
        {"codes": list(settings.municipalities)},
    )
    seeds = settings.reference_seeds
    municipalities, reasons, months = statements()["references"].split(";\n")[:3]
    connection.execute(municipalities, {"municipalities": str(seeds / "municipalities.csv")})
    connection.execute(
        reasons,
        {"reasons": str(seeds / "reason_categories.csv"), "aliases": str(seeds / "reason_aliases.csv")},
    )
    _tell_of_mapping(connection, None)
    connection.execute(months)
    connection.execute(
        named_statements(_FOLDER / "exit_rules.sql")["references"],
        {"exit_reasons": str(seeds / "exit_reasons.csv")},
    )
    connection.execute("create or replace temp table reference_rules (rule_id text, severity text)")
    rules = [(rule.id, rule.severity) for rule in rule_catalogue().values()]
    insert_rows(connection, "reference_rules", rules)


def _types_that(household_types: dict[int, str], has_children: str) -> list[int]:
    return [code for code, said in household_types.items() if said == has_children]


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


def judge(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    key: bytes,
    mappings: Mappings = NO_MAPPINGS,
    wanted: str | None = None,
) -> Intake:
    """Reads and judges one file, by the mapping that fits it or the one that is `wanted`, into temporary tables.

    To be called outside a transaction: DuckDB reads a table that the transaction itself has made with one thread only.
    `clear` drops the tables, whatever happened. Raises DeliveryRejectedError when the file cannot be read,
    ConservationError when rows went missing.
    """
    intake = read_file(connection, path, mappings, wanted)
    judge_rows(connection, key, intake.kind)
    return intake


def load(connection: duckdb.DuckDBPyConnection, intake: Intake, delivery_id: int) -> Verdict:
    """Writes what `judge` left to the vault, inside a transaction that the intake holds.

    Raises ConservationError when rows went missing: nothing of the file may stay.
    """
    steps = _statements_for(intake.kind)
    delivery = {"delivery_id": delivery_id}
    connection.execute(steps["record_months"], delivery)
    rows_loaded = one_row(connection.execute(steps["insert_rows"], delivery))[0]
    rows_quarantined = one_row(connection.execute(steps["insert_quarantine"], delivery))[0]
    connection.execute(steps["record_rule_hits"], delivery)
    duplicate, months, refused = one_row(connection.execute(steps["counts"]))
    kinds = connection.execute(steps["number_kinds"]).fetchall()
    common = connection.execute(steps["common_rule"], delivery).fetchone()
    if intake.rows_read != rows_loaded + rows_quarantined + duplicate:
        raise ConservationError
    return Verdict(
        "rejected" if refused == months else "held",
        intake.rows_read,
        rows_loaded,
        rows_quarantined,
        duplicate,
        months,
        refused,
        common[0] if common else "",
        tuple(kinds),
        intake,
    )


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops the temporary tables of a file: its personnummer stay no longer than its reading, also when that failed."""
    # where the vault can no longer be used, they are gone already
    with suppress(duckdb.Error):
        connection.execute(statements()["clear"])


def judge_rows(connection: duckdb.DuckDBPyConnection, key: bytes, kind: str = PERSON_MONTHS) -> None:
    """From `typed_rows` to `judged_rows` and `judged_months`: pseudonyms, and what each rule says."""
    keys = pseudonym.pads(key)
    steps = _statements_for(kind)
    connection.execute(steps["reason_map"])
    connection.execute(steps["empty_keys"])
    connection.execute(steps["person_keys"], keys)
    connection.execute(steps["household_keys"], keys)
    for name in _JUDGING_OPTIONAL if kind in _OWN_RULES else _JUDGING:
        connection.execute(steps[name])


def read_file(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mappings: Mappings = NO_MAPPINGS,
    wanted: str | None = None,
    allows_draft: bool = False,
) -> Intake:
    """Reads the file into `typed_rows`. Raises DeliveryRejectedError, and ConservationError when a row is missing."""
    steps = statements()
    with _staged(connection, path, mappings, wanted, allows_draft) as staged:
        rows_in_file = staged.rows_read()
    rows_read, rows_filtered, rows_summed = rows_in_file, 0, 0
    if staged.mapping is not None:
        rows_read, rows_filtered, found = one_row(connection.execute(steps["mapped_counts"]))
        if found != rows_in_file:
            raise ConservationError
        if rows_filtered:
            connection.execute(steps["remove_filtered"])
        rows_summed = _shape(connection, staged.mapping, rows_read)
        rows_read -= rows_summed
    if not rows_read:
        left_out = f", mappningen valde bort alla {rows_filtered}" if rows_filtered else ""
        raise DeliveryRejectedError("D03", f"filen har inga datarader{left_out}")
    return Intake(
        rows_read,
        rows_in_file,
        rows_filtered,
        staged.lines_skipped(),
        staged.ignored_columns,
        staged.mapping.name if staged.mapping else None,
        staged.kind,
        rows_summed,
        0 if staged.mapping and staged.mapping.fill_down else staged.source.merged_cells,
    )


def _shape(connection: duckdb.DuckDBPyConnection, mapping: Mapping, rows: int) -> int:
    """What a mapping asks of the rows together: payments added up, household types derived. Returns rows added to others."""
    steps = statements()
    left = rows
    if mapping.sum_payments:
        connection.execute(steps["sum_payments"])
        [(left,)] = connection.execute("select count(*) from typed_rows").fetchall()
    if mapping.derive or mapping.household_type_from_persons:
        connection.execute(steps["derive_household_types"])
    return rows - left


def _tell_of_mapping(connection: duckdb.DuckDBPyConnection, mapping: Mapping | None) -> None:
    """What the rules ask of the mapping that a file is read with."""
    told = {
        "source_system": ("text", mapping.source_system if mapping else None),
        "are_payments": ("boolean", mapping is not None and mapping.sum_payments),
        "nets_recoveries": ("boolean", mapping is not None and mapping.net_recoveries),
    }
    for name, (kind, value) in told.items():
        connection.execute(f"set variable {name} = cast($value as {kind})", {"value": value})


@contextmanager
def _staged(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mappings: Mappings,
    wanted: str | None,
    allows_draft: bool,
) -> Iterator[StagedFile]:
    """Reads the file into `typed_rows` and lets go of it."""
    try:
        staged = stage_file(connection, path, mappings, wanted, allows_draft)
        _tell_of_mapping(connection, staged.mapping)
        connection.execute(_statements_for(staged.kind)["typed_rows"])
        yield staged
    except _NOT_THE_FILES_FAULT:
        raise
    except duckdb.Error:
        # what a broken Parquet page or a reader error in the stream ends in; its text may quote data
        raise DeliveryRejectedError("D01", "innehållet är skadat") from None
    finally:
        release_file(connection)
