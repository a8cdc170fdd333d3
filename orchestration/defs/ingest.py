"""From landing to the vault, and from the catalogue to the raw tables."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from orchestration.defs.sources import CATALOG, key_of
from orchestration.pipeline import PipelineRun
from orchestration.progress import report, swedish_number
from orchestration.sources.connector import connector, service_of, with_service
from orchestration.sources.fetching.snapshots import has_snapshots
from orchestration.sources.loading import source_tables
from orchestration.warehouse.raw_tables import COLUMNS

# what dbt reads of the vault
VAULT_TABLES = (
    "deliveries", "delivery_months", "decisions", "vault_log", "rule_hits", "person_months", "exit_reasons", "activities", "reductions", "measures", "hand_counts", "erased_rows",
)  # fmt: skip
# the parts of a source that its raw tables are read from
_BEHIND = {
    table: [key_of(source, dataset) for dataset in service_of(source).datasets]
    for source in with_service(CATALOG)
    for table in connector(source).TABLES
}
RAW_TABLES = (*COLUMNS, *source_tables(CATALOG))


@dg.multi_asset(
    name="intake",
    specs=[
        dg.AssetSpec(["vault", table], group_name="register", kinds={"duckdb"}, skippable=False)
        for table in VAULT_TABLES
    ],
)
def intake(
    context: dg.AssetExecutionContext, run: dg.ResourceParam[PipelineRun]
) -> Iterator[dg.MaterializeResult]:
    """Every new delivery in landing/register: checked, pseudonymised and written to the vault."""
    from orchestration.intake.deliveries.loading import load_landing
    from orchestration.vault.ledger import months_in_force, months_taken_in, vault_rows

    settings = run.settings
    report("Intaget: läser leveranser i landing/register")
    outcome = load_landing(settings, progress=report)
    report(
        f"  {outcome.files} nya filer ({outcome.partly_rejected} delvis och {outcome.rejected} helt avvisade, "
        f"{outcome.held} väntar på beslut, {outcome.duplicates} dubbletter, {outcome.failed} att pröva igen): "
        f"{swedish_number(outcome.rows_loaded)} rader inlästa, {swedish_number(outcome.rows_quarantined)} i karantän, "
        f"{swedish_number(outcome.rows_duplicate)} dubbla"
    )
    # so that Dagster's list of runs can be asked for those that took in a municipality, or a month of it
    months = months_taken_in(settings, outcome.delivery_ids)
    tags = {f"municipality/{code}": _span(*span) for code, span in months.items()}
    context.instance.add_run_tags(context.run_id, tags)
    rows = vault_rows(settings)
    if not rows["delivery_months"]:
        if not has_snapshots(settings):
            raise dg.Failure(
                f"Det finns inga leveranser att bygga på: lägg filer i {settings.landing_register} och kör bistand run, "
                "eller prova med bistand demo."
            )
        report("  inga leveranser: bara de officiella uppgifterna byggs")
    elif not months_in_force(settings):
        when = f" den {settings.as_of}" if settings.as_of else ""
        raise dg.Failure(
            f"Ingen månad gällde{when}, så det finns inget att bygga; se bistand deliveries list."
        )
    run.done.append("intake")
    for table in VAULT_TABLES:
        yield dg.MaterializeResult(
            asset_key=["vault", table],
            metadata={
                "rows": rows.get(table, 0),
                "files": outcome.files,
                "rows_read": outcome.rows_read,
                "rows_loaded": outcome.rows_loaded,
                "rows_quarantined": outcome.rows_quarantined,
                "rows_duplicate": outcome.rows_duplicate,
                "seconds": outcome.seconds,
            },
        )


def _span(first: date, last: date) -> str:
    """`2019-03`, or `2019-03..2019-05`."""
    return f"{first:%Y-%m}" if first == last else f"{first:%Y-%m}..{last:%Y-%m}"


@dg.multi_asset(
    name="raw_tables",
    specs=[
        dg.AssetSpec(["raw", table], group_name="raw", kinds={"duckdb"}, deps=_BEHIND.get(table, []))
        for table in RAW_TABLES
    ],
)
def raw_tables(run: dg.ResourceParam[PipelineRun]) -> Iterator[dg.MaterializeResult]:
    """The catalogue, the published tables, the population and the newest snapshots, as tables that dbt reads."""
    from orchestration.warehouse.raw_tables import load_raw_tables

    report("Katalog, publicerade tabeller, folkmängd och ögonblicksbilder läses in")
    rows = load_raw_tables(run.settings)
    run.done.append("raw_tables")
    for table in RAW_TABLES:
        yield dg.MaterializeResult(asset_key=["raw", table], metadata={"rows": rows[table]})
