-- What a later capture of the same table says otherwise, or no longer says at all.
with

figures as (

    select * from {{ ref('stg_socialstyrelsen__figures') }}

),

captures as (

    select distinct
        table_id,
        period,
        capture_number,
        snapshot_id,
        file_name
    from figures

),

compared as (

    select
        figures.*,
        lag(value) over per_cell as old_value,
        lag(value_status) over per_cell as old_value_status,
        lag(value_as_printed) over per_cell as old_value_as_printed,
        lag(snapshot_id) over per_cell as old_snapshot_id,
        lag(file_name) over per_cell as old_file_name
    from figures
    window
        per_cell as (
            partition by table_id, measure, unit, area_id, period, breakdown
            order by capture_number asc, file_row desc
        )

),

changed as (

    select
        'changed' as revision_kind,
        table_id,
        measure,
        unit,
        area_id,
        period,
        breakdown,
        old_value,
        old_value_status,
        old_value_as_printed,
        value as new_value,
        value_status as new_value_status,
        value_as_printed as new_value_as_printed,
        old_snapshot_id,
        old_file_name,
        snapshot_id as new_snapshot_id,
        file_name as new_file_name
    from compared
    where
        old_value_status is not null
        and (value is distinct from old_value or value_status <> old_value_status)

),

next_captures as (

    select
        figures.table_id,
        figures.measure,
        figures.unit,
        figures.area_id,
        figures.period,
        figures.breakdown,
        min(captures.capture_number) as capture_number
    from figures
    inner join captures
        on
            figures.table_id = captures.table_id
            and figures.period = captures.period
            and figures.capture_number < captures.capture_number
    where figures.is_in_force and figures.is_left_out_later
    group by
        figures.table_id, figures.measure, figures.unit, figures.area_id, figures.period, figures.breakdown

),

left_out as (

    select
        'left_out' as revision_kind,
        figures.table_id,
        figures.measure,
        figures.unit,
        figures.area_id,
        figures.period,
        figures.breakdown,
        figures.value as old_value,
        figures.value_status as old_value_status,
        figures.value_as_printed as old_value_as_printed,
        cast(null as double) as new_value,
        cast(null as varchar) as new_value_status,
        cast(null as varchar) as new_value_as_printed,
        figures.snapshot_id as old_snapshot_id,
        figures.file_name as old_file_name,
        captures.snapshot_id as new_snapshot_id,
        captures.file_name as new_file_name
    from figures
    inner join next_captures
        on
            figures.table_id = next_captures.table_id
            and figures.measure = next_captures.measure
            and figures.unit = next_captures.unit
            and figures.area_id = next_captures.area_id
            and figures.period = next_captures.period
            and figures.breakdown = next_captures.breakdown
    inner join captures
        on
            next_captures.table_id = captures.table_id
            and next_captures.period = captures.period
            and next_captures.capture_number = captures.capture_number
    where figures.is_in_force and figures.is_left_out_later

),

final as (

    select * from changed
    union all
    select * from left_out

)

select * from final
