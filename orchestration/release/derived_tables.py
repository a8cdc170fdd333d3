"""Tables of a release that are computed from its protected tables, and so can hold nothing that those hide.

A derived table is one query in `derived/<table>.sql`. It reads `protected.*` and, for what must be known to count groups
of municipalities or to join months into signals, seeds and intermediate models of the warehouse. A mean or a percentile
taken before disclosure control would give a hidden value back; taken after it, it stands on what is shown.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from orchestration.catalog.loader import Catalog
from orchestration.database import quoted
from orchestration.release.files import Comments

_FOLDER = Path(__file__).parent / "derived"


def derive(connection: duckdb.DuckDBPyConnection, catalog: Catalog, profile: str) -> list[str]:
    """Make `protected.<table>` for each table with origin `derived`, in the order of release.yml; return their names.

    A query may use `$smallest_published_count`: 0 in a profile that hides nothing.
    """
    rules = catalog.disclosure
    smallest = rules.smallest_published_count if rules.hides_in_profile[profile] else 0
    tables = [one.table for one in catalog.release.tables if one.origin == "derived"]
    for table in tables:
        query = (_FOLDER / f"{table}.sql").read_text(encoding="utf-8")
        query = query.replace("$smallest_published_count", str(smallest))
        connection.execute(f"create table protected.{quoted(table)} as {query}")
    return tables


def derived_comments() -> dict[str, Comments]:
    """What each derived table and its columns hold, from `derived/_derived.yml`."""
    described = yaml.safe_load((_FOLDER / "_derived.yml").read_text(encoding="utf-8"))
    return {table: Comments(said["description"], said["columns"]) for table, said in described.items()}
