"""The release that is in force, and asking it: attached read-only to a connection in memory.

A release is never opened for writing. Connection and answers are kept by (real path, inode, time of change), so a
swapped release is seen at the next question and publishing is never disturbed. Shares are 0–1, money is kronor, `value` is null unless `value_status` is `published`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import duckdb
import pandas as pd
import streamlit as st

from orchestration.database import CONFIG, attach
from orchestration.release.compare import Change
from orchestration.settings import Settings

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class NoRelease(Exception):
    """There is nothing to show; the message is one plain Swedish sentence that says what to do."""


class Release(NamedTuple):
    """Which file is read. A new release gets other values, so cached answers never outlive their release."""

    path: str
    inode: int
    modified_ns: int


def current_release(settings: Settings) -> Release:
    """The release in force in the profile of `settings`. Raises NoRelease when there is none."""
    path = settings.current_release.resolve() / "indicators.duckdb"
    try:
        found = path.stat()
    except OSError:
        raise NoRelease(
            "Det finns ingen utgåva att visa; kör `bistand run` (eller `bistand demo` för påhittade uppgifter) "
            "och ladda om sidan."
        ) from None
    return Release(str(path), found.st_ino, found.st_mtime_ns)


# figures, and what tells of them; and what is asked of them here
_SEARCH_PATH = "set search_path = 'release.marts,release.meta,memory.main'"
# A figure that could not be there yet, or that needs months before the register began, is not one that should have come.
_SHOWN_VALUES = """
create or replace view memory.main.shown_values as
with begins as (
    select geography_id, cast(max(register_begins_month) || '-01' as date) as first_day
    from missing_months
    group by geography_id
),

needed as (
    select
        shown.*,
        begins.first_day,
        date_trunc('month', (select cast(left(cast(last_month as varchar), 7) || '-01' as date) from release_info))
            + interval 1 month as end_day,
        shown.period_start - to_months(dim_indicators.months_before) as needed_from,
        shown.period_start + to_months(cast(
            case shown.period_kind when 'year' then 12 when 'quarter' then 3 else 1 end + dim_indicators.months_after
            as integer
        )) as needed_to
    from indicator_values as shown
    inner join dim_indicators
        on shown.indicator_id = dim_indicators.indicator_id and shown.definition_id = dim_indicators.definition_id
    left join begins on shown.geography_id = begins.geography_id
    -- years between two registers, when nobody delivered, are not years that a reader looks for
    where shown.period_kind <> 'year'
        or shown.period_year not in (select period_year from geography_coverage where is_after_gap)
)

select * exclude (first_day, end_day, needed_from, needed_to) replace (
    case
        when value_status = 'not_reported' and needed_from < first_day then 'before_register'
        when value_status = 'not_reported' and needed_to > end_day then 'not_yet'
        else value_status
    end as value_status
)
from needed
"""


def cached(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Ask once for each release and question. What is kept is shared, so a frame is given as a copy that costs nothing until
    it is changed."""
    kept = st.cache_resource(show_spinner=False, max_entries=400)(ask)

    @wraps(ask)
    def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        found = kept(*arguments, **named)
        return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found

    asked.clear = kept.clear  # type: ignore[attr-defined]
    return asked


# as many as are looked at by turns: who may see some municipalities only reads a file of their own
@st.cache_resource(show_spinner=False, max_entries=16)
def _connection(release: Release) -> duckdb.DuckDBPyConnection:
    """Opening costs more than a question does, so one connection serves all questions to a release."""
    connection = duckdb.connect(config=CONFIG)
    try:
        attach(connection, Path(release.path), "release")
        connection.execute(_SEARCH_PATH)
        connection.execute(_SHOWN_VALUES)
    except duckdb.IOException:
        connection.close()
        raise NoRelease("Utgåvan togs bort medan sidan lästes; ladda om sidan.") from None
    except (duckdb.CatalogException, duckdb.BinderException):
        connection.close()
        raise NoRelease("Utgåvan är gjord av en tidigare version; kör `bistand run` för en ny.") from None
    return connection


def frame(release: Release, sql: str, parameters: list | None = None) -> pd.DataFrame:
    """The answer to one question, with the tables of the release as they are named in it."""
    with _connection(release).cursor() as cursor:
        cursor.execute(_SEARCH_PATH)
        return cursor.execute(sql, parameters or []).df()


@cached
def news(release: Release, geography_id: str | None) -> tuple[str | None, list[Change]]:
    """The release before, and what is another in the figures of an area (or all) since then; no release when none is told of."""
    path = Path(release.path).with_name("changes.json")
    if not path.is_file():
        return None, []
    told = json.loads(path.read_text(encoding="utf-8"))
    if told["is_withheld"]:
        return None, []
    return told["before"], [
        Change(**one) for one in told["changes"] if geography_id in (None, one["geography_id"])
    ]


@cached
def release_info(release: Release) -> pd.DataFrame:
    """The one row of the table, with as_of, first_month and last_month as text."""
    return frame(
        release,
        """
        select * replace (
            strftime(cast(as_of as date), '%Y-%m-%d') as as_of,
            left(cast(first_month as varchar), 7) as first_month,
            left(cast(last_month as varchar), 7) as last_month
        )
        from release_info
        """,
    )


@cached
def has_table(release: Release, name: str) -> bool:
    """Whether the release has a table; one that an earlier version made may lack it."""
    return bool(
        len(frame(release, "from duckdb_tables() where database_name = 'release' and table_name = ?", [name]))
    )


@cached
def tables(release: Release) -> pd.DataFrame:
    """What is in the release, for those who take it home: table_schema, table_name, table_text, rows_count, column_name,
    column_type, column_text; a row per column, in order."""
    return frame(
        release,
        """
        select
            columns.schema_name as table_schema, columns.table_name, tables.comment as table_text,
            tables.estimated_size as rows_count, columns.column_name, lower(columns.data_type) as column_type,
            columns.comment as column_text
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables
            on columns.database_name = tables.database_name and columns.schema_name = tables.schema_name
            and columns.table_name = tables.table_name
        where columns.database_name = 'release'
        order by columns.schema_name, columns.table_name, columns.column_index
        """,
    )


def whole_table(release: Release, table_schema: str, table_name: str) -> pd.DataFrame:
    """Every row of a table that `tables` names. Not kept: it is asked for once, to be taken home."""
    known = tables(release)
    if not ((known["table_schema"] == table_schema) & (known["table_name"] == table_name)).any():
        raise KeyError(table_name)
    return frame(release, f'select * from release."{table_schema}"."{table_name}" order by all')
