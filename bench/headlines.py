"""The headline figures as one would write them without this project: in SQL, pandas, polars, or a dbt project of two models.

Recipients, long-term and very long-term adults per municipality and year. A person is counted once a year, in the municipality
of the latest month, then that of most months, then the lowest code; long-term is 10 months of 12, very long-term 27 of 36
without three empty months in a row between two with aid. Each way must give the same totals (see bench/__main__.py).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.database import one_row, open_database
from orchestration.settings import Settings
from orchestration.vault.file import attach_for_reading

if TYPE_CHECKING:
    import pandas as pd

ROWS = "select person_id::text as person_id, municipality_code, period_month, birth_year from vault.register.person_months"

# A run of three empty months between two with aid is a break: what is left of the gaps when each month also fills the two
# after it; the filled months are one run when adding their lowest bit carries through all of them.
HEADLINES = """
with person_municipality_years as (
    select
        person_id, municipality_code, year(period_month) as period_year, max(birth_year) as birth_year,
        bit_or(1::bigint << (month(period_month) - 1)) as months, max(month(period_month)) as latest
    from vault.register.person_months group by all
),
person_years as (
    select
        person_id, period_year, max(birth_year) as birth_year, bit_or(months) as months,
        max((latest * 100 + bit_count(months)) * 10000 + 9999 - municipality_code::int) as place
    from person_municipality_years group by all
),
windows as (
    select
        now.*,
        coalesce(two_before.months, 0) | (coalesce(before.months, 0) << 12) | (now.months << 24) as months_3y
    from person_years as now
    left join person_years as before
        on now.person_id = before.person_id and now.period_year = before.period_year + 1
    left join person_years as two_before
        on now.person_id = two_before.person_id and now.period_year = two_before.period_year + 2
),
filled as (select *, months_3y | (months_3y << 1) | (months_3y << 2) as filled from windows)
select
    9999 - place % 10000 as municipality_code, period_year, count(*) as recipients,
    count(*) filter (bit_count(months) >= 10) as longterm,
    count(*) filter (bit_count(months_3y) >= 27 and filled & (filled + (filled & -filled)) = 0) as very_longterm
from filled where period_year - birth_year >= 18 group by all
"""

REASONS = """
with reason_years as (
    select
        person_id, municipality_code, year(period_month) as period_year, reason_code,
        bit_or(1::bigint << (month(period_month) - 1)) as months, max(month(period_month)) as latest
    from vault.register.person_months where role <> 'BARN' and reason_code is not null group by all
),
chosen as (
    select arg_max(reason_code, bit_count(months)::bigint * 100 + latest) as reason_code
    from reason_years group by person_id, municipality_code, period_year
)
select reason_code, count(*) as adults from chosen group by all
"""

Totals = dict[str, int]
_TOTALS = "select sum(recipients), sum(longterm), sum(very_longterm) from"


def in_sql(settings: Settings) -> Totals:
    """A script for DuckDB. The reasons are asked for too: this is what the ratios are to."""
    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        connection.execute(REASONS).fetchall()
        return _named(one_row(connection.execute(f"{_TOTALS} ({HEADLINES})")))


def in_pandas(settings: Settings) -> Totals:
    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        rows = connection.execute(ROWS).df()
    rows["person_id"] = rows["person_id"].factorize()[0]
    rows["municipality_code"] = rows["municipality_code"].astype(int)
    rows["period_year"] = rows["period_month"].dt.year
    rows["month"] = rows["period_month"].dt.month.astype("int64")
    who = ["person_id", "period_year"]
    rows = rows.drop_duplicates([*who, "municipality_code", "month"])
    rows["months"] = np.left_shift(1, rows["month"].to_numpy() - 1)
    placed = rows.groupby([*who, "municipality_code"], as_index=False).agg(
        months=("months", "sum"), latest=("month", "max"), birth_year=("birth_year", "max")
    )
    placed["months_count"] = np.bitwise_count(placed["months"].to_numpy())
    placed = placed.sort_values(
        ["latest", "months_count", "municipality_code"], ascending=[False, False, True]
    )
    years = placed.drop_duplicates(who)[[*who, "municipality_code"]].merge(
        rows.drop_duplicates([*who, "month"])
        .groupby(who, as_index=False)
        .agg(months=("months", "sum"), birth_year=("birth_year", "max")),
        on=who,
    )
    for back, name in ((1, "before"), (2, "two_before")):
        earlier = years[[*who, "months"]].rename(columns={"months": name})
        earlier["period_year"] += back
        years = years.merge(earlier, on=who, how="left")
    return _totals(years.fillna({"before": 0, "two_before": 0}).astype({"before": int, "two_before": int}))


def in_polars(settings: Settings) -> Totals:
    import polars as pl

    with open_database() as connection:
        attach_for_reading(connection, settings.vault)
        rows = connection.sql(ROWS).pl()
    who = ["person_id", "period_year"]
    month = pl.col("period_month").dt.month().cast(pl.Int64)
    months = (
        rows.lazy()
        .with_columns(period_year=pl.col("period_month").dt.year(), month=month)
        .unique([*who, "municipality_code", "month"])
    )
    placed = (
        months.group_by(*who, "municipality_code")
        .agg(latest=pl.col("month").max(), months_count=pl.len())
        .sort("latest", "months_count", "municipality_code", descending=[True, True, False])
        .unique(who, keep="first", maintain_order=True)
    )
    years = (
        months.unique([*who, "month"])
        .group_by(who)
        .agg(
            months=pl.lit(2, pl.Int64).pow(pl.col("month") - 1).sum().cast(pl.Int64),
            birth_year=pl.col("birth_year").max(),
        )
        .join(placed.select(*who, "municipality_code"), on=who)
    )
    for back, name in ((1, "before"), (2, "two_before")):
        earlier = years.select(
            "person_id", (pl.col("period_year") + back).alias("period_year"), pl.col("months").alias(name)
        )
        years = years.join(earlier, on=who, how="left")
    found = years.with_columns(pl.col("before", "two_before").fill_null(0)).collect()
    return _totals(found.drop("person_id").to_pandas())


def in_dbt(settings: Settings) -> Totals:
    """A dbt project that holds nothing but the two questions as tables."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    project = settings.home / "headlines"
    (project / "models").mkdir(parents=True, exist_ok=True)
    (project / "models" / "headlines.sql").write_text(HEADLINES)
    (project / "models" / "reasons.sql").write_text(REASONS)
    (project / "dbt_project.yml").write_text(
        "name: headlines\nversion: 1.0.0\nprofile: headlines\nmodels: {+materialized: table}\n"
    )
    database = project / "headlines.duckdb"
    (project / "profiles.yml").write_text(
        "headlines:\n  target: made\n  outputs:\n    made:\n      type: duckdb\n      threads: 2\n"
        f"      path: '{database}'\n"
        f"      attach:\n        - {{path: '{settings.vault}', alias: vault, read_only: true}}\n"
    )
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    asked = ["run", "--quiet", "--project-dir", str(project), "--profiles-dir", str(project)]
    done = dbtRunner().invoke(asked)
    if not done.success:
        raise SystemExit(f"dbt: {done.exception}")
    # dbt's process holds the file otherwise
    DuckDBConnectionManager.close_all_connections()
    with open_database(database, read_only=True) as connection:
        return _named(one_row(connection.execute(f"{_TOTALS} headlines")))


def _totals(years: pd.DataFrame) -> Totals:
    """Of person-years with months, before, two_before (bits, January lowest) and birth_year."""
    adults = years[years["period_year"] - years["birth_year"] >= 18]
    window = (
        adults["two_before"].to_numpy()
        | (adults["before"].to_numpy() << 12)
        | (adults["months"].to_numpy() << 24)
    )
    filled = window | (window << 1) | (window << 2)
    is_very = (np.bitwise_count(window) >= 27) & (filled & (filled + (filled & -filled)) == 0)
    is_long = np.bitwise_count(adults["months"].to_numpy()) >= 10
    return _named((len(adults), is_long.sum(), is_very.sum()))


def _named(totals: Any) -> Totals:
    return dict(zip(("recipients", "longterm", "very_longterm"), map(int, totals), strict=True))
