"""What earlier versions of the vault lack, and how one is brought up to date: all of it in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.database import one_row, sql_text

SCHEMA = Path(__file__).parent / "schema.sql"
# the number of the schema in schema.sql: another one for every change that older code could not read rightly
SCHEMA_VERSION = 4
# a table was made by an earlier version when this table and column are not there yet
_NEWEST_COLUMNS = {
    "deliveries": ("hand_counts", "persons_count"),
    "delivery_months": ("delivery_months", "households_median"),
    "vault_log": ("vault_log", "delivery_id"),
}


@dataclass(frozen=True)
class Step:
    """What a version of the schema changed: a Swedish sentence for the one who upgrades, the tables that got another name, and
    what is done to an older vault before and after the tables of today are made."""

    told: str
    renamed: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


STEPS = {
    2: Step(
        "En avslutsorsak utan kod märks med R19; förut med R15, som nu bara säger att belopp saknas.",
        after=(
            "update register.exit_reasons set warnings = 'R19' where warnings = 'R15'",
            "update register.rule_hits set rule_id = 'R19' where rule_id = 'R15' and delivery_id in "
            "(select delivery_id from register.deliveries where kind = 'exit_reasons')",
        ),
    ),
    3: Step(
        "Vad som gäller för en månad räknas ut när det behövs; vyerna för det tas bort.",
        {"delivery_units": "delivery_months"},
        before=(
            *(f"drop view if exists register.{view}" for view in ("delivery_reports", "units_in_force")),
            *(
                f"drop macro table if exists register.{macro}"
                for macro in ("all_unit_states", "unit_states", "exit_unit_states", "delivery_states")
            ),
            "alter table if exists register.delivery_units rename to delivery_months",
        ),
    ),
    4: Step(
        "Födelsemånaden sparas för det som läses in från nu; rader som redan finns har ingen.",
        # added last, where the schema has it: rows are written by place
        after=("alter table register.person_months add column if not exists birth_month smallint",),
    ),
}


def schema_version(connection: duckdb.DuckDBPyConnection, database: str = "vault") -> int:
    """Of the attached vault: 0 for a new file, 1 for one made before versions were written down."""
    tables = one_row(
        connection.execute(
            "select count(*) from duckdb_tables() where database_name = $database and schema_name = 'register' "
            "and table_name = 'vault_info'",
            {"database": database},
        )
    )[0]
    if not tables:
        return 0
    found = connection.execute(
        f"select info_value from {database}.register.vault_info where info_name = 'schema_version'"
    ).fetchone()
    return int(found[0]) if found else 1


def bring_up_to_date(connection: duckdb.DuckDBPyConnection) -> None:
    """The schema of today; tables of an older vault are made anew around their rows, in one transaction."""
    version = schema_version(connection)
    later = [step for number, step in STEPS.items() if number > version > 0]
    connection.execute("begin")
    for step in later:
        for statement in step.before:
            connection.execute(statement)
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = 'vault' and schema_name = 'register'"
    ).fetchall()
    old = [
        table
        for table, newest_column in _NEWEST_COLUMNS.items()
        if any(known == table for known, _ in columns) and newest_column not in columns
    ]
    for table in old:
        connection.execute(f"create temp table {table}_before as from register.{table}")
        connection.execute(f"drop table register.{table}")
    connection.execute(sql_text(SCHEMA))
    for table in old:
        connection.execute(f"insert into register.{table} by name from temp.{table}_before")
        connection.execute(f"drop table temp.{table}_before")
    for step in later:
        for statement in step.after:
            connection.execute(statement)
    if version != SCHEMA_VERSION:
        connection.execute(
            "insert or replace into register.vault_info values ('schema_version', $version)",
            {"version": str(SCHEMA_VERSION)},
        )
    connection.execute("commit")
