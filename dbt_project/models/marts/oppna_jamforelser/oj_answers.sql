with

answers as (

    select * from {{ ref('stg_oppna_jamforelser__answers') }}
    where row_kind = 'answer'

),

questions as (

    select * from {{ ref('stg_oppna_jamforelser__questions') }}

),

final as (

    select
        answers.edition_year,
        answers.data_year,
        answers.respondent_id,
        answers.respondent_type,
        answers.respondent_name,
        answers.respondent_as_printed,
        answers.geography_id,
        answers.parent_geography_id,
        answers.question_id,
        answers.indicator_id,
        answers.version,
        answers.coding,
        answers.question,
        questions.description as question_description,
        answers.answer_as_printed,
        answers.answer,
        answers.answer_code,
        answers.harmonised_code,
        answers.value,
        answers.unit,
        answers.decimals,
        answers.value_status,
        answers.footnote,
        answers.sheet,
        answers.file_row,
        answers.file_name,
        answers.snapshot_id
    from answers
    left join questions
        on
            answers.edition_year = questions.edition_year
            and answers.question_id = questions.question_id

)

select * from final
