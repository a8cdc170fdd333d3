-- The newest value that Kolada has given. One that a later answer leaves out stays in force, marked as vanished.
with

observations as (

    select * from {{ ref('stg_kolada__observations') }}

),

value_marks as (

    select * from {{ ref('value_marks') }}

),

numbered as (

    select
        observations.*,
        row_number() over (
            partition by kpi_id, area_id, period, gender
            order by is_present desc, snapshot_number desc
        ) as newest_first,
        max(snapshot_number) over (partition by kpi_id, area_id, period, gender) as last_snapshot_number
    from observations

),

final as (

    select
        numbered.kpi_id,
        numbered.area_id,
        case when numbered.area_id like 'G%' then 'group' else 'area' end as area_type,
        cast(numbered.period as integer) as period_year,
        numbered.gender,
        numbered.value,
        case when numbered.value is not null then 'published' else coalesce(value_marks.value_status, 'missing') end
            as value_status,
        numbered.raw_status,
        numbered.members_count,
        numbered.is_deleted,
        numbered.last_snapshot_number > numbered.snapshot_number as is_vanished,
        numbered.snapshot_number
    from numbered
    left join value_marks
        on numbered.raw_status = value_marks.value_mark
    where numbered.newest_first = 1

)

select * from final
