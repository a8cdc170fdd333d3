-- The answers as they stand in the workbook of each edition that was laid in last.
with

snapshots as (

    select * from {{ source('raw', 'source_snapshots') }}
    where source_id = 'oppna_jamforelser'

),

answers as (

    select * from {{ source('raw', 'oj_answers') }}

),

numbered as (

    select
        answers.*,
        snapshots.snapshot_id,
        snapshots.retrieved_at,
        row_number() over (
            partition by
                answers.edition_year, answers.data_year, answers.row_kind, answers.respondent_id, answers.question_id,
                case when answers.row_kind = 'count' then answers.answer end
            order by answers.snapshot_number desc, answers.file_name asc, answers.sheet asc, answers.file_row asc
        ) as newest_first
    from answers
    inner join snapshots
        on answers.snapshot_number = snapshots.snapshot_number

),

final as (

    select * from numbered
    where newest_first = 1

)

select * from final
