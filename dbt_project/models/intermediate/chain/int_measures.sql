-- A name that the code list has not is a kind of its own, told as such and never guessed.
with

measures as (

    select * from {{ ref('stg_register__measures') }}
    where start_date is not null

),

measure_kinds as (

    select
        lower(measure_name) as measure_key,
        measure_kind
    from {{ ref('measure_kinds') }}

),

final as (

    select
        measures.delivery_id,
        measures.file_row,
        measures.person_id,
        measures.municipality_code,
        coalesce(measure_kinds.measure_kind, 'okand_insats') as measure_kind,
        measures.start_date,
        measures.end_date,
        {{ month_index_of('measures.start_date') }} as start_month_index,
        {{ month_index_of('measures.end_date') }} as end_month_index
    from measures
    left join measure_kinds
        on lower(trim(measures.measure_name)) = measure_kinds.measure_key

)

select * from final
