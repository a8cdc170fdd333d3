-- What Kolada changed in values that it had already given: no notice is ever sent. A year that is new to a KPI is a
-- publication and no revision.
with

observations as (

    select * from {{ ref('stg_kolada__observations') }}

),

snapshots as (

    select
        snapshot_number,
        snapshot_id
    from {{ source('raw', 'source_snapshots') }}
    where source_id = 'kolada' and dataset_id = 'values'

),

scopes as (

    select distinct
        kpi_id,
        period,
        area_id,
        snapshot_number
    from {{ source('raw', 'kolada_scopes') }}

),

compared as (

    select
        observations.*,
        lag(value) over per_value as old_value,
        lag(is_present) over per_value as was_present,
        lag(snapshot_number) over per_value as old_snapshot_number
    from observations
    window per_value as (partition by kpi_id, area_id, period, gender order by snapshot_number)

),

kpi_years as (

    select
        kpi_id,
        period,
        min(snapshot_number) as first_snapshot_number
    from observations
    where is_present
    group by kpi_id, period

),

kpis_in_snapshots as (

    select distinct
        kpi_id,
        snapshot_number
    from observations
    where is_present

),

-- asked for before, in a year that had values, and not there then
asked_before as (

    select
        compared.kpi_id,
        compared.area_id,
        compared.period,
        compared.gender,
        compared.snapshot_number,
        max(scopes.snapshot_number) as old_snapshot_number
    from compared
    inner join kpi_years
        on
            compared.kpi_id = kpi_years.kpi_id
            and compared.period = kpi_years.period
    inner join scopes
        on
            compared.kpi_id = scopes.kpi_id
            and compared.period = scopes.period
            and compared.area_id = coalesce(scopes.area_id, compared.area_id)
            and compared.snapshot_number > scopes.snapshot_number
            and kpi_years.first_snapshot_number <= scopes.snapshot_number
    where compared.is_present and compared.was_present is null
    group by compared.kpi_id, compared.area_id, compared.period, compared.gender, compared.snapshot_number

),

single_values as (

    select
        case
            when compared.is_present and compared.was_present then 'changed'
            when compared.is_present then 'added'
            when kpis_in_snapshots.kpi_id is null then 'vanished_kpi'
            else 'removed'
        end as revision_kind,
        compared.kpi_id,
        compared.area_id,
        compared.period,
        compared.gender,
        compared.old_value,
        compared.value as new_value,
        coalesce(compared.old_snapshot_number, asked_before.old_snapshot_number) as old_snapshot_number,
        compared.snapshot_number as new_snapshot_number
    from compared
    left join asked_before
        on
            compared.kpi_id = asked_before.kpi_id
            and compared.area_id = asked_before.area_id
            and compared.period = asked_before.period
            and compared.gender = asked_before.gender
            and compared.snapshot_number = asked_before.snapshot_number
    left join kpis_in_snapshots
        on
            compared.kpi_id = kpis_in_snapshots.kpi_id
            and compared.snapshot_number = kpis_in_snapshots.snapshot_number
    where
        (compared.is_present and compared.was_present and compared.value is distinct from compared.old_value)
        or compared.is_present <> compared.was_present
        or asked_before.kpi_id is not null

),

-- one row says that a whole KPI went
revisions as (

    select
        revision_kind,
        kpi_id,
        area_id,
        period,
        gender,
        old_value,
        new_value,
        old_snapshot_number,
        new_snapshot_number
    from single_values
    where revision_kind <> 'vanished_kpi'
    union all
    select
        revision_kind,
        kpi_id,
        '',
        max(period),
        '',
        null,
        null,
        max(old_snapshot_number),
        new_snapshot_number
    from single_values
    where revision_kind = 'vanished_kpi'
    group by revision_kind, kpi_id, new_snapshot_number

),

final as (

    select
        revisions.revision_kind,
        revisions.kpi_id,
        revisions.area_id,
        cast(revisions.period as integer) as period_year,
        revisions.gender,
        revisions.old_value,
        revisions.new_value,
        before.snapshot_id as old_snapshot_id,
        after.snapshot_id as new_snapshot_id
    from revisions
    inner join snapshots as before
        on revisions.old_snapshot_number = before.snapshot_number
    inner join snapshots as after
        on revisions.new_snapshot_number = after.snapshot_number

)

select * from final
