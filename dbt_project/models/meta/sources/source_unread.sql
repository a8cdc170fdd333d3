with

snapshots as (

    select * from {{ source('raw', 'source_snapshots') }}

),

unread as (

    select
        'socialstyrelsen' as source_id,
        'bulk' as dataset_id,
        socialstyrelsen_bulk_unread.*
    from {{ source('raw', 'socialstyrelsen_bulk_unread') }} as socialstyrelsen_bulk_unread
    union all
    select
        'socialstyrelsen' as source_id,
        'files' as dataset_id,
        socialstyrelsen_files_unread.*
    from {{ source('raw', 'socialstyrelsen_files_unread') }} as socialstyrelsen_files_unread
    union all
    select
        'oppna_jamforelser' as source_id,
        'workbooks' as dataset_id,
        oj_unread.*
    from {{ source('raw', 'oj_unread') }} as oj_unread

),

final as (

    select
        unread.source_id,
        unread.dataset_id,
        snapshots.snapshot_id,
        unread.file_name,
        unread.problem_number,
        unread.problem
    from unread
    inner join snapshots
        on
            unread.source_id = snapshots.source_id
            and unread.dataset_id = snapshots.dataset_id
            and unread.snapshot_number = snapshots.snapshot_number

)

select * from final
