"""In which years months have changed since the warehouse was built: what a load of one month has to build again.

The warehouse itself remembers what it was built from, so a warehouse that is deleted is built whole. Everything else
than months coming, being replaced or being withdrawn (code, definitions, population, erasures, a new municipality)
builds the whole warehouse: rare, and then nothing has to be thought of.
"""

from __future__ import annotations

import hashlib

import duckdb

from orchestration.database import attach, literal, one_row, open_database, quoted
from orchestration.settings import Settings
from orchestration.vault.file import attach_for_reading
from orchestration.vault.states import put_states
from orchestration.warehouse.whats_new import code_digest

# Raw tables that may change while the years stay: read only by models that are always built whole.
READ_WHOLE = {"events", "baselines", "source_outcomes"}
# One row per municipality and month in force, of person-months and of exit reasons, with the delivery it stands on.
_MONTHS_IN_FORCE = """
    select
        municipality_code, period_month, case when is_exit_reasons then 'exit_reasons' else 'register' end as kind, delivery_id
    from month_states where is_in_force
"""
# What is true of the register as a whole, and whose change can show in any year.
_REGISTER = """
    select
        (select string_agg(distinct municipality_code, ' ' order by municipality_code) from months_now),
        (select min(period_month) from months_now where kind = 'register'),
        (select bool_or(is_synthetic) from vault.register.deliveries),
        (select count(*) from vault.register.erased_rows),
        (select count(*) from month_states where state = 'forgotten' and not is_exit_reasons),
        (select string_agg(info_name || info_value, ' ' order by info_name) from vault.register.vault_info)
"""
# A month that came, went or was replaced; and the years up to the new last month, which nobody may have delivered.
_CHANGED_YEARS = """
    with changed as (
        (from months_now except from warehouse.built.months) union (from warehouse.built.months except from months_now)
    ),
    last_years as (
        select year(max(period_month)) as last_year from months_now
        union
        select year(max(period_month)) as last_year from warehouse.built.months
    )
    select distinct year(period_month) as period_year from changed
    union
    select period_year from warehouse.built.unfinished_years
    union
    select unnest(range(min(last_year), max(last_year) + 1)) from last_years having min(last_year) < max(last_year)
    order by period_year
"""


def changed_years(settings: Settings) -> list[int] | None:
    """The years in which months have changed since the warehouse was last built well; None: build everything.

    Needs the raw tables of the run. Until `remember_build` the same years count as changed the next time too.
    """
    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        put_states(connection, settings.known_before)
        connection.execute(f"create table months_now as {_MONTHS_IN_FORCE}")
        register = one_row(connection.execute(_REGISTER))
        attach(connection, settings.warehouse, "warehouse", read_only=False)
        basis = _basis(connection, register)
        years = _changed_years(connection, basis)
        _begin_build(connection, basis, years)
    return years


def remember_build(settings: Settings) -> None:
    """The build that `changed_years` began has ended well."""
    with open_database(settings.warehouse) as connection:
        connection.execute("""
            begin;
            create or replace table built.months as from built.coming_months;
            create or replace table built.basis as from built.coming_basis;
            delete from built.unfinished_years;
            commit;
        """)


def forget_build(settings: Settings) -> None:
    """Have the next build make everything anew."""
    if settings.warehouse.is_file():
        with open_database(settings.warehouse) as connection:
            connection.execute("drop schema if exists built cascade")


def _basis(connection: duckdb.DuckDBPyConnection, register: tuple) -> str:
    """A digest of everything but the months: code and catalogue, what the sources hold, the register as a whole."""
    raw_tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = 'raw' "
        "order by table_name"
    ).fetchall()
    contents = [
        connection.execute(
            f"select {literal(table)}, count(*), cast(bit_xor(hash(rows)) as varchar) from warehouse.raw.{quoted(table)} as rows"
        ).fetchone()
        for (table,) in raw_tables
        if table not in READ_WHOLE
    ]
    return hashlib.sha256(f"{code_digest()} {register} {contents}".encode()).hexdigest()


def _changed_years(connection: duckdb.DuckDBPyConnection, basis: str) -> list[int] | None:
    is_built = one_row(
        connection.execute(
            "select count(*) > 0 from duckdb_tables() where database_name = 'warehouse' and schema_name = 'built' "
            "and table_name = 'basis'"
        )
    )[0]
    if not is_built or connection.execute("from warehouse.built.basis").fetchone() != (basis,):
        return None
    return [year for (year,) in connection.execute(_CHANGED_YEARS).fetchall()]


def _begin_build(connection: duckdb.DuckDBPyConnection, basis: str, years: list[int] | None) -> None:
    """Before anything is built: a build that is stopped half-way has its years to do again, or everything."""
    connection.begin()
    if years is None:
        connection.execute("drop schema if exists warehouse.built cascade")
    connection.execute(f"""
        create schema if not exists warehouse.built;
        create or replace table warehouse.built.coming_months as from months_now;
        create or replace table warehouse.built.coming_basis as select {literal(basis)} as digest;
        create or replace table warehouse.built.unfinished_years as
            select unnest(cast([{", ".join(map(str, years or []))}] as integer[])) as period_year;
    """)
    connection.commit()
