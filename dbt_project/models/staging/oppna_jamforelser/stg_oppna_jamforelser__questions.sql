with

questions as (

    select * from {{ source('raw', 'oj_questions') }}

),

numbered as (

    select
        questions.*,
        row_number() over (
            partition by edition_year, question_id order by snapshot_number desc, file_name asc, sheet asc, file_row asc
        ) as newest_first
    from questions

),

final as (

    select
        edition_year,
        question_id,
        question,
        description
    from numbered
    where newest_first = 1

)

select * from final
