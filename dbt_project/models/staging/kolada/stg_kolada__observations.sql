-- What each snapshot says of each value: there, withdrawn, or absent where it was asked for after it was first seen.
with

kolada_values as (

    select * from {{ source('raw', 'kolada_values') }}

),

scopes as (

    select distinct
        kpi_id,
        period,
        area_id,
        snapshot_number
    from {{ source('raw', 'kolada_scopes') }}

),

value_keys as (

    select
        kpi_id,
        area_id,
        period,
        gender,
        min(snapshot_number) as first_snapshot_number
    from kolada_values
    group by kpi_id, area_id, period, gender

),

-- a question about a value that was seen before
asked as (

    select distinct
        value_keys.kpi_id,
        value_keys.area_id,
        value_keys.period,
        value_keys.gender,
        scopes.snapshot_number
    from value_keys
    inner join scopes
        on
            value_keys.kpi_id = scopes.kpi_id
            and value_keys.period = scopes.period
            and value_keys.area_id = coalesce(scopes.area_id, value_keys.area_id)
            and value_keys.first_snapshot_number < scopes.snapshot_number

),

absent as (

    select asked.*
    from asked
    left join kolada_values
        on
            asked.kpi_id = kolada_values.kpi_id
            and asked.area_id = kolada_values.area_id
            and asked.period = kolada_values.period
            and asked.gender = kolada_values.gender
            and asked.snapshot_number = kolada_values.snapshot_number
    where kolada_values.kpi_id is null

),

final as (

    select
        kpi_id,
        area_id,
        period,
        gender,
        snapshot_number,
        case when is_deleted then null else value end as value,
        raw_status,
        members_count,
        coalesce(is_deleted, false) as is_deleted,
        true as is_present
    from kolada_values
    union all
    select
        kpi_id,
        area_id,
        period,
        gender,
        snapshot_number,
        null,
        null,
        null,
        false,
        false
    from absent

)

select * from final
