-- Every capture of every printed cell. The latest publication of a cell is in force. A web tool's export tells no
-- publication date: the one with the latest published month is the newest, then the one that was saved last by what the
-- workbook says of itself (or the file system, where it says nothing), then by the file's time; never by its name or by the
-- order in which files were added. Any other file without a publication date counts from the day it was retrieved.
with

snapshots as (

    select * from {{ source('raw', 'source_snapshots') }}
    where source_id = 'socialstyrelsen'

),

bulk as (

    select * from {{ source('raw', 'socialstyrelsen_bulk') }}

),

files as (

    select * from {{ source('raw', 'socialstyrelsen_files') }}

),

figures as (

    select
        'bulk' as dataset_id,
        bulk.*
    from bulk
    union all
    select
        'files' as dataset_id,
        files.*
    from files

),

captured as (

    select
        figures.*,
        coalesce(figures.geography_id, figures.area_as_printed) as area_id,
        snapshots.snapshot_id,
        snapshots.retrieved_at,
        case
            when figures.published_date is not null then cast(figures.published_date as date)
            when figures.layout not in ('month_tool', 'year_tool') then cast(snapshots.retrieved_at as date)
        end as known_date,
        max(case when figures.value is not null then figures.period end) over (
            partition by figures.dataset_id, figures.snapshot_number, figures.file_name
        ) as last_published_period
    from figures
    inner join snapshots
        on
            figures.dataset_id = snapshots.dataset_id
            and figures.snapshot_number = snapshots.snapshot_number

),

numbered as (

    select
        captured.*,
        dense_rank() over (
            order by
                known_date nulls first,
                case when known_date is null then last_published_period end nulls first,
                case when known_date is null then coalesce(saved_at, substring(file_time, 1, 19)) end nulls first,
                case when known_date is null then file_time end nulls first,
                retrieved_at,
                dataset_id,
                file_name
        ) as capture_number
    from captured

),

last_captures as (

    select
        numbered.*,
        row_number() over (
            partition by table_id, measure, unit, area_id, period, breakdown
            order by capture_number desc, file_row asc
        ) as newest_first,
        max(capture_number) over (partition by table_id, period) as last_capture_of_period
    from numbered

),

final as (

    select
        last_captures.*,
        newest_first = 1 as is_in_force,
        -- an export from a web tool holds what someone chose; only a whole publication can leave a cell out
        layout in ('bulk', 'year_workbook') and capture_number < last_capture_of_period as is_left_out_later
    from last_captures

)

select * from final
