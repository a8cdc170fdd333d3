"""The release that is in force, and asking it: attached read-only to a connection in memory.

A release is never opened for writing. Connection and answers are kept by (real path, inode, time of change), so a
swapped release is seen at the next question and publishing is never disturbed. Shares are 0–1, money is kronor, `value` is null unless `value_status` is `published`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import streamlit as st

from orchestration.database import CONFIG, attach
from orchestration.settings import Settings


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


# figures, and what tells of them
_SEARCH_PATH = "set search_path = 'release.marts,release.meta'"
cached = st.cache_data(show_spinner=False, max_entries=400)


# as many as are looked at by turns: who may see some municipalities only reads a file of their own
@st.cache_resource(show_spinner=False, max_entries=16)
def _connection(release: Release) -> duckdb.DuckDBPyConnection:
    """Opening costs more than a question does, so one connection serves all questions to a release."""
    connection = duckdb.connect(config=CONFIG)
    try:
        attach(connection, Path(release.path), "release")
        connection.execute(_SEARCH_PATH)
    except duckdb.IOException:
        connection.close()
        raise NoRelease("Utgåvan togs bort medan sidan lästes; ladda om sidan.") from None
    except duckdb.CatalogException:
        connection.close()
        raise NoRelease("Utgåvan är gjord av en tidigare version; kör `bistand run` för en ny.") from None
    return connection


def frame(release: Release, sql: str, parameters: list | None = None) -> pd.DataFrame:
    """The answer to one question, with the tables of the release as they are named in it."""
    with _connection(release).cursor() as cursor:
        cursor.execute(_SEARCH_PATH)
        return cursor.execute(sql, parameters or []).df()


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
