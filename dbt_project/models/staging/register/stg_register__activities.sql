with

activities as (

    select * from {{ source('vault', 'activities') }}

),

months_in_force as (

    select * from {{ ref('stg_register__optional_months_in_force') }}
    where kind = 'activities'

),

final as (

    select
        activities.delivery_id,
        activities.file_row,
        activities.person_id,
        months_in_force.municipality_code,
        activities.period_month,
        activities.paragraph,
        activities.directed_date,
        activities.end_date,
        activities.activity_type,
        activities.weekly_hours,
        activities.reason_code,
        activities.reason_text
    from activities
    inner join months_in_force
        on
            activities.delivery_id = months_in_force.delivery_id
            and activities.municipality_code = months_in_force.delivered_code
            and activities.period_month = months_in_force.period_month

)

select * from final
