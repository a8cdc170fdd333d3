"""Load the catalogue, the printed tables, events, the population files and the sources into schema `raw` of the warehouse.

dbt reads these tables as sources; they always exist, also when there is no population file and nothing was fetched.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, astuple
from pathlib import Path

import duckdb

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.database import WAREHOUSE_CONFIG, insert_rows, literal, one_row, open_database
from orchestration.errors import PlainError
from orchestration.intake.rules.catalogue import rule_catalogue, thresholds
from orchestration.settings import SYNTHETIC_MARKER, Settings
from orchestration.sources.connector import service_of, with_service
from orchestration.sources.fetching.snapshots import SYNTHETIC, list_snapshots
from orchestration.sources.loading import load_source_tables, source_tables
from orchestration.warehouse.events import told_rows
from orchestration.warehouse.published_tables import published_figures
from orchestration.warehouse.quality import COLUMNS as QUALITY_COLUMNS

COLUMNS = {
    "indicators": (
        "indicator_id varchar, definition_id varchar, indicator_name varchar, definition_name varchar, topic varchar, "
        "unit varchar, definition_text varchar, numerator_text varchar, denominator_text varchar, kolada_id varchar, "
        "since_year integer, published_break_years varchar, caveat_text varchar, unseen_months_text varchar, "
        "window_months integer, direction varchar, decimals integer, "
        "sort_order integer"
    ),
    "sources": (
        "source_id varchar, source_name varchar, publisher varchar, licence varchar, source_text varchar, "
        "caveat_text varchar, is_synthetic boolean"
    ),
    "published_figures": (
        "published_table_id varchar, file_line integer, area_name varchar, area_type varchar, "
        "municipality_code varchar, area_code varchar, year integer, indicator_id varchar, definition_id varchar, "
        "breakdown varchar, value_as_printed varchar, value double, decimals integer, value_status varchar, unit varchar, "
        "source_id varchar, printed_in varchar, certainty varchar, is_approximate boolean"
    ),
    "delivery_limits": "limit_id varchar, limit_value double",
    "delivery_rules": "rule_id varchar, scope varchar, severity varchar, title varchar, action varchar",
    "population": (
        "municipality_code varchar, year integer, sex varchar, age integer, population_count bigint, "
        "source_id varchar"
    ),
    "events": (
        "event_date date, municipality_code varchar, title varchar, kind varchar, starts_phase boolean, "
        "kind_name varchar"
    ),
    "variation_readings": (
        "chart_id varchar, chart_name varchar, reading_id varchar, reading_kind varchar, reading_name varchar, "
        "reading_text varchar, up_text varchar, down_text varchar, sort_order integer"
    ),
    # empty until the release is made
    "quality_results": QUALITY_COLUMNS,
    "baselines": "municipality_code varchar, indicator_id varchar, first_month date, last_month date",
    "targets": (
        "municipality_code varchar, indicator_id varchar, period varchar, target_value double, comment varchar"
    ),
    "conditions": (
        "municipality_code varchar, condition_id varchar, period varchar, value double, choice varchar, "
        "response_share double, comment varchar"
    ),
    "condition_kinds": (
        "condition_id varchar, condition_name varchar, unit varchar, is_internal boolean, condition_status varchar, "
        "sort_order integer"
    ),
}

# another number for every change that an older warehouse cannot be built on
WAREHOUSE_VERSION = 6
# what a yearly figure needs when its definition names no window
MONTHS_OF_A_YEAR = 12

_POPULATION_HEADER = ["kommunkod", "ar", "kon", "alder", "antal"]


class PopulationError(PlainError):
    """A population file cannot be used; the message is one plain Swedish sentence."""


def load_raw_tables(settings: Settings, progress: Callable[[str], None] | None = None) -> dict[str, int]:
    """Replace the tables of COLUMNS and those of the official sources in one transaction.

    Returns rows per table. `progress` gets one Swedish sentence per table. Raises CatalogError, EventError,
    PopulationError or PlainError and then leaves the tables as they were.
    """
    catalog = load_catalog(settings)
    settings.build.mkdir(parents=True, exist_ok=True)
    discard_other_version(settings)
    with open_database(settings.warehouse, WAREHOUSE_CONFIG) as connection:
        connection.begin()
        try:
            connection.execute("create schema if not exists raw")
            connection.execute(
                f"create or replace table raw.schema_version as select {WAREHOUSE_VERSION} as schema_version"
            )
            for table, columns in COLUMNS.items():
                connection.execute(f"create or replace table raw.{table} ({columns})")
            insert_rows(connection, "raw.indicators", indicator_rows(catalog))
            insert_rows(connection, "raw.sources", source_rows(catalog, made_up_sources(settings, catalog)))
            insert_rows(connection, "raw.published_figures", published_figures(settings, catalog))
            kinds = catalog.events.kinds
            told = told_rows(settings, catalog, progress)
            insert_rows(connection, "raw.events", [(*row, kinds[row[3]]) for row in told["events"]])
            for table in ("baselines", "targets", "conditions"):
                insert_rows(connection, f"raw.{table}", told[table])
            insert_rows(connection, "raw.condition_kinds", condition_kind_rows(catalog))
            insert_rows(connection, "raw.variation_readings", reading_rows(catalog))
            insert_rows(connection, "raw.delivery_limits", limit_rows())
            insert_rows(
                connection, "raw.delivery_rules", [astuple(rule) for rule in rule_catalogue().values()]
            )
            _load_population(connection, settings)
            load_source_tables(connection, settings, catalog)
            rows = {table: _count(connection, table) for table in [*COLUMNS, *source_tables(catalog)]}
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    if progress is not None:
        for table, count in rows.items():
            progress(f"raw.{table}: {count} rader inlästa.")
    return rows


def discard_other_version(settings: Settings) -> None:
    """Removes a warehouse that another version of the code made, or that cannot be read: it can always be built again.

    Raises PlainError when another program has it open.
    """
    if not settings.warehouse.is_file():
        return
    try:
        with open_database(settings.warehouse) as connection:
            found = connection.execute("select schema_version from raw.schema_version").fetchone()
    except duckdb.CatalogException:
        found = None
    except duckdb.Error as problem:
        if "lock" in str(problem):
            raise PlainError(
                f"Datalagret {settings.warehouse} är öppet i ett annat program; stäng det och kör igen."
            ) from None
        found = None
    if found != (WAREHOUSE_VERSION,):
        for path in settings.build.glob("warehouse.duckdb*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def indicator_rows(catalog: Catalog) -> list[tuple]:
    """Rows of raw.indicators: one per indicator and definition, in the order of the catalogue.

    The Kolada id stands only on official definitions: a variant is not what Kolada publishes.
    """
    rows: list[tuple] = []
    for indicator in catalog.indicators:
        for definition_id in indicator.definitions:
            definition = catalog.definitions[definition_id]
            added = catalog.definition_texts[definition_id]
            texts = _with_constants(catalog, indicator.definition) + (
                [added.text.format(**definition.thresholds)] if added.text else []
            )
            kolada_id = indicator.kolada_id if catalog.is_official(definition_id) else None
            rows.append(
                (
                    *(
                        indicator.indicator_id,
                        definition_id,
                        indicator.name,
                        definition.name,
                        indicator.topic,
                    ),
                    *(
                        indicator.unit,
                        " ".join(filter(None, texts)),
                        *_with_constants(
                            catalog,
                            added.numerator or indicator.numerator,
                            added.denominator or indicator.denominator,
                        ),
                        kolada_id,
                    ),
                    *(added.since_year, ", ".join(added.published_break_years) or None),
                    catalog.caveat_text([*added.caveats, *indicator.caveats]) or None,
                    added.unseen_months and catalog.caveats[added.unseen_months],
                    int(definition.thresholds["window_months"] or MONTHS_OF_A_YEAR),
                    *(indicator.direction, indicator.decimals, len(rows) + 1),
                )
            )
    return rows


def _with_constants(catalog: Catalog, *texts: str | None) -> list[str | None]:
    numbers = {name: value.replace(".", ",") for name, value in catalog.constants.items()}
    return [text and text.format(**numbers) for text in texts]


def reading_rows(catalog: Catalog) -> list[tuple]:
    """Rows of raw.variation_readings: one per chart and thing to read in it, in the order of the catalogue."""
    read = [
        (chart, name, one)
        for chart, name in catalog.variation.charts.items()
        for one in catalog.variation.readings
        if chart in one.charts
    ]
    return [
        (
            *(chart, name, one.reading_id, one.kind, one.name),
            *_with_constants(catalog, one.text),
            *(one.up, one.down, order),
        )
        for order, (chart, name, one) in enumerate(read, start=1)
    ]


def source_rows(catalog: Catalog, made_up: frozenset[str] = frozenset()) -> list[tuple]:
    """Rows of raw.sources in the order of the catalogue; `made_up` are the sources whose answers the demo wrote."""
    rows = []
    for one in catalog.sources:
        is_synthetic = one.is_synthetic or one.source_id in made_up
        caveats = [*(["syntetiskt"] if one.source_id in made_up else []), *one.caveats]
        rows.append(
            (
                *(one.source_id, one.name, one.publisher, one.licence, one.text),
                *(catalog.caveat_text(caveats) or None, is_synthetic),
            )
        )
    return rows


def made_up_sources(settings: Settings, catalog: Catalog) -> frozenset[str]:
    """The sources of which the demo's made-up answers are in force."""
    return frozenset(
        source.source_id
        for source in with_service(catalog)
        for dataset in service_of(source).datasets
        for snapshot in list_snapshots(settings, source.source_id, dataset.dataset_id, settings.known_before)[
            -1:
        ]
        if snapshot.origin == SYNTHETIC
    )


def condition_kind_rows(catalog: Catalog) -> list[tuple]:
    """Rows of raw.condition_kinds, in the order of the catalogue."""
    return [
        (one.condition_id, one.name, one.unit or "choice", one.is_survey or one.is_count, one.status, number)
        for number, one in enumerate(catalog.events.conditions)
    ]


def limit_rows() -> list[tuple]:
    """Rows of raw.delivery_limits: the limits of the rules that published figures are judged by too."""
    limits = asdict(thresholds())
    told = ("hold_", "series_", "amount_")
    return [(name, float(value)) for name, value in limits.items() if name.startswith(told)]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return one_row(connection.execute(f"select count(*) from raw.{table}"))[0]


def _load_population(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """All files in name order; a later file replaces an earlier one whole for each municipality and year."""
    files = sorted(settings.landing_population.glob("**/*.csv"))
    connection.execute(
        f"create temp table population_rows (file_number integer, file_row bigint, {COLUMNS['population']})"
    )
    codes = literal(str(settings.reference_seeds / "municipalities.csv"))
    connection.execute(
        f"create temp table known_codes as select distinct municipality_code from read_csv({codes}, all_varchar = true)"
    )
    for number, path in enumerate(files, start=1):
        _read_population_file(connection, settings, number, path)
    connection.execute("""
        insert into raw.population
        select population_rows.* exclude (file_number, file_row)
        from population_rows
        inner join (
            select municipality_code, year, max(file_number) as file_number
            from population_rows group by municipality_code, year
        ) as latest using (municipality_code, year, file_number)
        order by municipality_code, year, sex, age
    """)
    connection.execute("drop table population_rows; drop table known_codes")


def _read_population_file(
    connection: duckdb.DuckDBPyConnection, settings: Settings, number: int, path: Path
) -> None:
    source_id = (
        "population_synthetic" if is_synthetic(path, settings.landing_population) else "population_delivered"
    )
    try:
        reader = connection.sql(
            f"select * from read_csv({literal(str(path))}, delim = ';', header = true, all_varchar = true)"
        )
    except duckdb.Error:
        raise PopulationError(
            f"Befolkningsfilen {path.name} kan inte läsas; den ska vara en CSV-fil i UTF-8 med semikolon."
        ) from None
    if missing := [name for name in _POPULATION_HEADER if name not in reader.columns]:
        raise PopulationError(
            f"Befolkningsfilen {path.name} saknar kolumnen {missing[0]}; rubrikraden ska vara "
            f"{';'.join(_POPULATION_HEADER)}."
        )
    connection.execute(f"""
        insert into population_rows
        select {number}, row_number() over () + 1, trim(kommunkod), try_cast(ar as integer), upper(trim(kon)),
            try_cast(replace(alder, '+', '') as integer), try_cast(antal as bigint), {literal(source_id)}
        from reader
    """)
    _check_population(connection, number, path.name)


def _check_population(connection: duckdb.DuckDBPyConnection, number: int, file_name: str) -> None:
    wrong = connection.execute(
        """
        select min(file_row), count(*) from population_rows left join known_codes using (municipality_code)
        where file_number = ? and not coalesce(
            known_codes.municipality_code is not null and year between 1900 and 2200 and sex in ('K', 'M')
            and age between 0 and 120 and population_count >= 0, false)
        """,
        [number],
    ).fetchall()[0]
    if wrong[1]:
        raise PopulationError(
            f"Befolkningsfilen {file_name} har {wrong[1]} felaktiga rader, den första på rad {wrong[0]}; "
            "varje rad ska ha giltig kommunkod, år, kön K eller M, ålder och antal."
        )
    twice = one_row(
        connection.execute(
            """
        select min(file_row) from (
            select file_row, count(*) over (partition by municipality_code, year, sex, age) as times
            from population_rows where file_number = ?
        ) where times > 1
        """,
            [number],
        )
    )[0]
    if twice is not None:
        raise PopulationError(
            f"Befolkningsfilen {file_name} har samma kommun, år, kön och ålder två gånger (först på rad {twice}); "
            "ta bort den ena raden."
        )


def is_synthetic(path: Path, root: Path) -> bool:
    """True when SYNTETISKT.txt lies in the file's folder or in a parent folder up to `root`."""
    folder = path.parent
    while True:
        if (folder / SYNTHETIC_MARKER).is_file():
            return True
        if folder in (root, folder.parent):
            return False
        folder = folder.parent
