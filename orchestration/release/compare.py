"""Two releases side by side: which figures changed, came or went, and why, per municipality and indicator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from orchestration.database import open_database
from orchestration.release.files import parquet_of
from orchestration.release.store import Release
from orchestration.release.wording import number, shown

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
-- a figure of a year stands on up to three years of deliveries, and an end on the year after it
left join delivered
    on figures.geography_id = delivered.geography_id
    and cast(figures.period as integer) between delivered.period_year - 1 and delivered.period_year + 2
group by all
order by figures.geography_id, figures.indicator_id, figures.definition_id
"""

_TOTALS = """
select
    coalesce(geographies.geography_name, now.geography_id), indicators.indicator_name, now.period,
    before.value, before.value_status, now.value, now.value_status, now.unit, indicators.decimals, {band_to}
from {now} as now
inner join {before} as before using (geography_id, indicator_id, definition_id, period, breakdown, period_kind)
inner join {indicators} as indicators using (indicator_id, definition_id)
left join {geographies} as geographies using (geography_id)
where
    breakdown = 'total' and period_kind = 'year' and indicators.is_official
    and now.value is distinct from before.value
order by geography_id <> '0000', geography_id, indicators.sort_order, now.period
"""
# so many indicators are named in a line of an area, and so many totals are told
MOST_NAMED, MOST_TOTALS = 3, 40


@dataclass(frozen=True)
class Total:
    """A yearly total of one area and indicator in two releases; None with its status where there is no value."""

    geography_name: str
    indicator_name: str
    period: str
    before: float | None
    before_status: str
    now: float | None
    now_status: str
    unit: str
    decimals: int
    band_to: int


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


def totals(before: Release, now: Release) -> list[Total]:
    """The yearly totals (everybody, official definition) that are others in `now`, in the order of areas and indicators."""
    with open_database() as connection:
        rows = connection.execute(
            _TOTALS.format(
                before=parquet_of(before.folder, "indicator_values"),
                now=parquet_of(now.folder, "indicator_values"),
                indicators=parquet_of(now.folder, "dim_indicators"),
                geographies=parquet_of(now.folder, "dim_geographies"),
                band_to=f"(select band_to from {parquet_of(now.folder, 'release_info')})",
            )
        ).fetchall()
    return [Total(*row) for row in rows]


def names_of(release: Release) -> dict[str, str]:
    """The name of each indicator of a release, Swedish."""
    with open_database() as connection:
        rows = connection.execute(
            f"select indicator_id, any_value(indicator_name) from {parquet_of(release.folder, 'dim_indicators')} group by 1"
        ).fetchall()
    return dict(rows)


def tell(changes: list[Change], changed_totals: list[Total], names: dict[str, str]) -> Iterable[str]:
    """In Swedish: how many figures and why, the areas and then the indicators with most of them first, and the yearly totals
    from and to; `names` are those of the indicators."""
    if not changes:
        yield "Inga siffror skiljer."
        return
    areas = {one.geography_id for one in changes}
    yield f"{number(sum(map(_figures, changes)))} siffror skiljer, i {number(len(areas))} områden."
    for (why,), some in _grouped(changes, "why"):
        yield f"  {_kinds(some)}: {WHY[why]}"
    yield "Områden:"
    for (_, name, why), some in _grouped(changes, "geography_id", "geography_name", "why"):
        measures = sorted({names.get(one.indicator_id, one.indicator_id) for one in some})
        said = "; ".join(measures) if len(measures) <= MOST_NAMED else f"{len(measures)} mått"
        yield f"  {name} {_period(some)}: {_kinds(some)} ({said}); {WHY[why]}"
    yield "Mått:"
    for (indicator,), some in _grouped(changes, "indicator_id"):
        among = len({one.geography_id for one in some})
        where = "1 område" if among == 1 else f"{among} områden"
        yield f"  {names.get(indicator, indicator)} {_period(some)}: {_kinds(some)}, i {where}"
    if changed_totals:
        yield "Årets siffra för alla, enligt den officiella definitionen, förut och nu:"
    for one in changed_totals[:MOST_TOTALS]:
        figures = (
            shown(value, status, one.unit, one.decimals, one.band_to)
            for value, status in ((one.before, one.before_status), (one.now, one.now_status))
        )
        yield f"  {one.geography_name} {one.period}, {one.indicator_name}: {' → '.join(figures)}"
    if (rest := len(changed_totals) - MOST_TOTALS) > 0:
        yield f"  … och {number(rest)} till"


def _figures(change: Change) -> int:
    return change.changed_count + change.added_count + change.withdrawn_count


def _grouped(changes: list[Change], *names: str) -> list[tuple[tuple[str, ...], list[Change]]]:
    """Changes by their values of `names`, those with most figures first."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for one in changes:
        key = tuple(getattr(one, name) or one.geography_id for name in names)
        found.setdefault(key, []).append(one)
    return sorted(found.items(), key=lambda item: -sum(map(_figures, item[1])))


def _kinds(changes: list[Change]) -> str:
    counts = (
        (sum(one.changed_count for one in changes), "ändrad", "ändrade"),
        (sum(one.added_count for one in changes), "ny", "nya"),
        (sum(one.withdrawn_count for one in changes), "borttagen", "borttagna"),
    )
    return ", ".join(f"{number(count)} {one if count == 1 else many}" for count, one, many in counts if count)


def _period(changes: list[Change]) -> str:
    years = (min(one.first_period for one in changes), max(one.last_period for one in changes))
    return years[0] if years[0] == years[1] else f"{years[0]}–{years[1]}"
