"""What the deliveries and their months are now: dbt's own models, asked of the vault before dbt has run.

Whether a month is in force, superseded, held, rejected or forgotten is said once, in the two models below; here the same
files become temporary views of a connection that has the vault attached as `vault`.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

import duckdb
import jinja2

from orchestration.database import literal, sql_text
from orchestration.settings import PROJECT_ROOT

STATE_NAMES = {
    "accepted": "mottagen",
    "partly_rejected": "delvis avvisad",
    "rejected": "avvisad",
    "held": "väntar på beslut",
    "superseded": "ersatt",
    "forgotten": "gallrad",
    "duplicate": "dubblett",
}
DECISION_NAMES = {"accept": "godkänd", "reject": "avvisad"}

_FOLDER = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "register"
# the view that each model becomes; one that reads another stands after it
_VIEWS = {"stg_register__delivery_months": "month_states", "stg_register__deliveries": "delivery_states"}


def put_states(connection: duckdb.DuckDBPyConnection, known_before: datetime | None = None) -> None:
    """Make the views `month_states` (one row per delivery, municipality and month) and `delivery_states` (one row per
    delivery), with what was known at `known_before`; None is now. The columns are those of the models."""
    moment = f"timestamp {literal(known_before.isoformat(sep=' '))}" if known_before else "null"
    for model, view in _VIEWS.items():
        query = _template(model).render(
            source=lambda _, table: f"vault.register.{table}", ref=_VIEWS.get, known_before=lambda: moment
        )
        connection.execute(f"create or replace temp view {view} as {query}")


@cache
def _template(model: str) -> jinja2.Template:
    return jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined).from_string(
        sql_text(_FOLDER / f"{model}.sql")
    )
