"""The headline figures as one would write them by hand, in DuckDB, pandas and polars: the same figures three times.

Recipients, long-term and very long-term adults per municipality and year, each person in the municipality registered
last, and the yearly reason of adults. The three work on the same Parquet file of person-months, whose codes are text as
in the register, and whose persons are whole numbers: as uuids they would be objects to pandas. `python -m bench.headline duckdb|pandas|polars FILE RESULT`
prints the seconds of reading the file into memory and of the figures apart, and writes the figures to compare.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from bench.measure import Measured, clock, peak_mb

# What the script reads: columns of person-months as the Parquet file has them.
PERSON_MONTHS = """
    select
        hash(person_id) as person_id, municipality_code,
        cast(year(period_month) as smallint) as period_year, cast(month(period_month) as tinyint) as month_number,
        birth_year, role <> 'BARN' as is_grown_up, reason_code
    from {person_months}
"""
# A run of three empty months between two with aid is a break: what is left of the gaps when each month also fills
# the two after it. The filled months are one run when adding their lowest bit carries through all of them.
HEADLINE = """
    with person_municipality_years as (
        select
            person_id, municipality_code, period_year, max(birth_year) as birth_year,
            bit_or(1::bigint << (month_number - 1)) as months, max(month_number)::bigint as latest
        from {person_months} group by all
    ),
    person_years as (
        select
            person_id, period_year, max(birth_year) as birth_year, bit_or(months) as months,
            -- the latest month, then the most months, then the lowest code
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
    from filled where period_year - birth_year >= 18 group by all order by all
"""
REASONS = """
    with reason_years as (
        select
            person_id, municipality_code, period_year, reason_code,
            bit_or(1::bigint << (month_number - 1)) as months, max(month_number) as latest
        from {person_months} where is_grown_up and reason_code is not null group by all
    ),
    chosen as (
        select arg_max(reason_code, bit_count(months)::bigint * 100 + latest) as reason_code
        from reason_years group by person_id, municipality_code, period_year
    )
    select reason_code, count(*) as adults from chosen group by all order by all
"""


def by_hand(connection: duckdb.DuckDBPyConnection, person_months: str) -> tuple[Any, Any]:
    """The script on a table or view of person-months; both answers as lists of rows."""
    return tuple(
        connection.execute(sql.format(person_months=person_months)).fetchall() for sql in (HEADLINE, REASONS)
    )


def in_duckdb(file: Path) -> tuple[Measured, Measured, tuple[list, list]]:
    connection = duckdb.connect()
    with clock() as reading:
        connection.execute(f"create table person_months as select * from read_parquet('{file}')")
    with clock() as counting:
        figures = by_hand(connection, "person_months")
    return reading, counting, figures


def in_pandas(file: Path) -> tuple[Measured, Measured, tuple[list, list]]:
    import numpy as np
    import pandas as pd

    with clock() as reading:
        months = pd.read_parquet(file)
    with clock() as counting:
        months["months"] = np.left_shift(np.int64(1), months["month_number"].to_numpy(np.int64) - 1)
        place = ["person_id", "municipality_code", "period_year"]
        once = months[[*place, "month_number", "months", "birth_year"]].drop_duplicates([*place, "months"])
        years = once.groupby(place, sort=False).agg(
            months=("months", "size"), latest=("month_number", "max"), birth_year=("birth_year", "max")
        )
        years = years.reset_index()
        latest = years["latest"].astype(np.int64)
        years["place"] = (
            (latest * 100 + years["months"]) * 10000 + 9999 - years["municipality_code"].astype(np.int64)
        )
        # the same month in two municipalities is one month
        person = ["person_id", "period_year"]
        bits = once.drop_duplicates([*person, "months"]).groupby(person, sort=False)["months"].sum()
        persons = years.groupby(person, sort=False).agg(
            birth_year=("birth_year", "max"), place=("place", "max")
        )
        persons["months"] = bits
        persons = persons.reset_index()
        for back in (1, 2):
            earlier = persons[[*person, "months"]].rename(columns={"months": f"months_{back}"})
            earlier["period_year"] += back
            persons = persons.merge(earlier, on=person, how="left")
        window = (
            persons["months_2"].fillna(0).to_numpy(np.int64)
            | (persons["months_1"].fillna(0).to_numpy(np.int64) << 12)
            | (persons["months"].to_numpy(np.int64) << 24)
        )
        filled = window | (window << 1) | (window << 2)
        persons["is_longterm"] = np.bitwise_count(persons["months"].to_numpy()) >= 10
        persons["is_very_longterm"] = (np.bitwise_count(window) >= 27) & (
            filled & (filled + (filled & -filled)) == 0
        )
        persons["municipality_code"] = 9999 - persons["place"] % 10000
        adults = persons[persons["period_year"] - persons["birth_year"] >= 18]
        headline = adults.groupby(["municipality_code", "period_year"]).agg(
            recipients=("place", "size"),
            longterm=("is_longterm", "sum"),
            very_longterm=("is_very_longterm", "sum"),
        )
        reason = [*place, "reason_code"]
        given = months[months["is_grown_up"] & months["reason_code"].notna()]
        given = given.drop_duplicates([*reason, "months"])
        counted = given.groupby(reason, sort=False).agg(
            months=("month_number", "size"), latest=("month_number", "max")
        )
        counted = counted.reset_index()
        counted["rank"] = counted["months"] * 100 + counted["latest"]
        chosen = counted.loc[counted.groupby(place, sort=False)["rank"].idxmax(), "reason_code"]
        reasons = chosen.groupby(chosen).size().sort_index()
    return (
        reading,
        counting,
        (
            list(headline.reset_index().itertuples(index=False, name=None)),
            list(reasons.items()),
        ),
    )


def in_polars(file: Path) -> tuple[Measured, Measured, tuple[list, list]]:
    import polars as pl

    with clock() as reading:
        frame = pl.read_parquet(file)
    with clock() as counting:
        months = frame.lazy().with_columns(
            months=pl.lit(1, pl.Int64) * pl.lit(2, pl.Int64).pow(pl.col("month_number").cast(pl.Int64) - 1)
        )
        place = ["person_id", "municipality_code", "period_year"]
        person = ["person_id", "period_year"]
        latest = pl.col("month_number").max().cast(pl.Int64)
        persons = (
            months.group_by(place)
            .agg(pl.col("birth_year").max(), pl.col("months").bitwise_or(), latest)
            .with_columns(
                place=(pl.col("month_number") * 100 + pl.col("months").bitwise_count_ones().cast(pl.Int64))
                * 10000
                + 9999
                - pl.col("municipality_code").cast(pl.Int64)
            )
            .group_by(person)
            .agg(pl.col("birth_year").max(), pl.col("months").bitwise_or(), pl.col("place").max())
        )
        windows = persons
        for back in (1, 2):
            earlier = persons.select(
                "person_id",
                (pl.col("period_year") + back).alias("period_year"),
                pl.col("months").alias(f"months_{back}"),
            )
            windows = windows.join(earlier, on=person, how="left")
        window = (
            pl.col("months_2").fill_null(0)
            + pl.col("months_1").fill_null(0) * 2**12
            + pl.col("months") * 2**24
        )
        filled = pl.col("window") | (pl.col("window") * 2) | (pl.col("window") * 4)
        headline = (
            windows.filter(pl.col("period_year").cast(pl.Int32) - pl.col("birth_year") >= 18)
            .with_columns(window=window)
            .with_columns(filled=filled)
            .with_columns(
                municipality_code=9999 - pl.col("place") % 10000,
                is_longterm=pl.col("months").bitwise_count_ones() >= 10,
                is_very_longterm=(pl.col("window").bitwise_count_ones() >= 27)
                & (pl.col("filled") & (pl.col("filled") + (pl.col("filled") & -pl.col("filled"))) == 0),
            )
            .group_by("municipality_code", "period_year")
            .agg(
                pl.len().alias("recipients"),
                pl.col("is_longterm").sum().alias("longterm"),
                pl.col("is_very_longterm").sum().alias("very_longterm"),
            )
            .sort("municipality_code", "period_year")
        )
        reasons = (
            months.filter(pl.col("is_grown_up") & pl.col("reason_code").is_not_null())
            .group_by(*place, "reason_code")
            .agg(pl.col("months").bitwise_or(), latest)
            .with_columns(
                rank=pl.col("months").bitwise_count_ones().cast(pl.Int64) * 100 + pl.col("month_number")
            )
            .group_by(place)
            .agg(pl.col("reason_code").get(pl.col("rank").arg_max()))
            .group_by("reason_code")
            .agg(pl.len().alias("adults"))
            .sort("reason_code")
        )
        figures = [one.rows() for one in pl.collect_all([headline, reasons])]
    return reading, counting, tuple(figures)


TOOLS = {"duckdb": in_duckdb, "pandas": in_pandas, "polars": in_polars}


def write_person_months(connection: duckdb.DuckDBPyConnection, person_months: str, file: Path) -> None:
    """The Parquet file that the three read."""
    connection.execute(
        f"copy ({PERSON_MONTHS.format(person_months=person_months)}) to '{file}' (format parquet)"
    )


if __name__ == "__main__":
    tool, person_months_file, result = sys.argv[1:]
    read, counted, figures = TOOLS[tool](Path(person_months_file))
    Path(result).write_text(
        json.dumps([[list(map(str, row)) for row in one] for one in figures]), encoding="utf-8"
    )
    print(json.dumps(counted | {"reading": read["seconds"], "peak_mb": peak_mb()}))
