"""Two releases side by side: which figures changed, came or went, and why, per municipality and indicator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from orchestration.database import open_database
from orchestration.release.files import parquet_of
from orchestration.release.store import Release

# Why a figure is another, the first that explains it
WHY = {
    "definition": "definitionen är ändrad",
    "delivery": "leverans, beslut eller gallring",
    "source": "en källa har nya uppgifter",
    "code": "koden eller katalogen är ändrad",
    "other": "andra kommuners leveranser eller officiella uppgifter",
}
_CHANGES = """
with now as (select * from {now_values}),

before as (select * from {before_values}),

figures as (
    select
        geography_id, indicator_id, definition_id, left(period, 4) as period,
        case
            when before.indicator_id is null or (before.value is null and now.value is not null) then 'added'
            when now.indicator_id is null or (now.value is null and before.value is not null) then 'withdrawn'
            else 'changed'
        end as kind
    from now full join before using (geography_id, indicator_id, definition_id, period, breakdown)
    where now.value is distinct from before.value
),

units as (
    (select municipality_code, left(period, 4) as period, delivery_id, state from {now_deliveries} where state <> 'missing'
    except
    select municipality_code, left(period, 4), delivery_id, state from {before_deliveries})
    union
    (select municipality_code, left(period, 4), delivery_id, state from {before_deliveries} where state <> 'missing'
    except
    select municipality_code, left(period, 4), delivery_id, state from {now_deliveries})
),

delivered as (
    select distinct municipality_code as geography_id, cast(period as integer) as period_year from units
    union
    select distinct members.geography_id, cast(units.period as integer)
    from units inner join {now_members} as members on units.municipality_code = members.municipality_code
),

redefined as (
    select indicator_id, definition_id
    from {now_indicators} as now full join {before_indicators} as before using (indicator_id, definition_id)
    where now.definition_text is distinct from before.definition_text
)

select
    figures.geography_id, geographies.geography_name, figures.indicator_id, figures.definition_id,
    min(figures.period) as first_period, max(figures.period) as last_period,
    count(*) filter (kind = 'changed') as changed_count,
    count(*) filter (kind = 'added') as added_count,
    count(*) filter (kind = 'withdrawn') as withdrawn_count,
    case
        when bool_or(redefined.indicator_id is not null) then 'definition'
        when bool_or(delivered.geography_id is not null) then 'delivery'
        when $other_code then 'code'
        when $other_sources then 'source'
        else 'other'
    end as why
from figures
left join {now_geographies} as geographies on figures.geography_id = geographies.geography_id
left join redefined
    on figures.indicator_id = redefined.indicator_id and figures.definition_id = redefined.definition_id
-- a figure of a year stands on up to three years of deliveries
left join delivered
    on figures.geography_id = delivered.geography_id
    and cast(figures.period as integer) between delivered.period_year and delivered.period_year + 2
group by all
order by figures.geography_id, figures.indicator_id, figures.definition_id
"""


@dataclass(frozen=True)
class Change:
    """Figures of one area, indicator and definition that differ; counts are numbers of figures, `why` a key of WHY."""

    geography_id: str
    geography_name: str | None
    indicator_id: str
    definition_id: str
    first_period: str
    last_period: str
    changed_count: int
    added_count: int
    withdrawn_count: int
    why: str


def compare(before: Release, now: Release, manifests: tuple[dict[str, Any], dict[str, Any]]) -> list[Change]:
    """What differs in `now` from `before`, which is of the same profile; `manifests` are theirs, in that order."""
    inputs = [manifest.get("inputs", {}) for manifest in manifests]
    other_code = any(inputs[0].get(name) != inputs[1].get(name) for name in ("commit", "catalog_sha256"))
    with open_database() as connection:
        places = {
            f"{when}_{name}": parquet_of(release.folder, table)
            for when, release in (("before", before), ("now", now))
            for name, table in (
                ("values", "indicator_values"), ("deliveries", "deliveries"), ("members", "geography_members"),
                ("indicators", "dim_indicators"), ("geographies", "dim_geographies"), ("sources", "source_datasets"),
            )
        }  # fmt: skip
        (other_sources,) = connection.execute(
            "select count(*) > 0 from (select source_id, dataset_id, snapshot_id from {now_sources} except "
            "select source_id, dataset_id, snapshot_id from {before_sources})".format(**places)
        ).fetchall()[0]
        rows = connection.execute(
            _CHANGES.format(**places), {"other_code": other_code, "other_sources": other_sources}
        ).fetchall()
    return [Change(*row) for row in rows]


def as_dictionary(before_id: str | None, changes: list[Change], is_withheld: bool = False) -> dict[str, Any]:
    """What `changes.json` holds: the release before, and the changes one by one; `is_withheld` when they are not told since the
    release before is withdrawn."""
    return {
        "before": before_id,
        "is_withheld": is_withheld,
        "changes": [asdict(change) for change in changes],
    }


def tell(changes: list[Change]) -> Iterable[str]:
    """In Swedish, a line for each area and reason, the areas with most changes first."""
    if not changes:
        yield "Inga siffror skiljer."
        return
    found: dict[tuple[str, str, str], list[Change]] = {}
    for one in changes:
        found.setdefault((one.geography_id, one.geography_name or one.geography_id, one.why), []).append(one)
    total = sum(one.changed_count + one.added_count + one.withdrawn_count for one in changes)
    yield f"{total} siffror skiljer, i {len({one.geography_id for one in changes})} områden."
    for (_, name, why), some in sorted(found.items(), key=lambda item: -len(item[1])):
        counts = (
            (sum(one.changed_count for one in some), "ändrade"),
            (sum(one.added_count for one in some), "nya"),
            (sum(one.withdrawn_count for one in some), "borttagna"),
        )
        said = ", ".join(f"{count} {word}" for count, word in counts if count)
        years = (min(one.first_period for one in some), max(one.last_period for one in some))
        period = years[0] if years[0] == years[1] else f"{years[0]}–{years[1]}"
        yield f"{name} {period}: {said} i {len({one.indicator_id for one in some})} indikatorer; {WHY[why]}"
