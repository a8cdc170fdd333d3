with

measures as (

    select * from {{ source('vault', 'measures') }}

),

months_in_force as (

    select * from {{ ref('stg_register__optional_months_in_force') }}
    where kind = 'measures'

),

final as (

    select
        measures.delivery_id,
        measures.file_row,
        months_in_force.municipality_code,
        measures.period_month,
        measures.person_id,
        measures.measure_name,
        measures.planned_start_date,
        measures.planned_end_date,
        measures.start_date,
        measures.end_date,
        measures.ending,
        measures.progress
    from measures
    inner join months_in_force
        on
            measures.delivery_id = months_in_force.delivery_id
            and measures.municipality_code = months_in_force.delivered_code
            and measures.period_month = months_in_force.period_month

)

select * from final
