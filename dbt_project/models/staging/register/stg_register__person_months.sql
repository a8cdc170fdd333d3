with

person_months as (

    select * from {{ source('vault', 'person_months') }}

),

months_in_force as (

    select * from {{ ref('stg_register__months_in_force') }}

),

final as (

    select
        person_months.person_id,
        person_months.household_id,
        months_in_force.municipality_code,
        person_months.period_month,
        cast(extract(year from person_months.period_month) as integer) as period_year,
        cast(extract(month from person_months.period_month) as integer) as month_number,
        person_months.role,
        person_months.household_type_code,
        -- null when neither amount is stated: unknown, and never 0
        case
            when coalesce(person_months.forsorjningsstod_sek, person_months.ovrigt_bistand_sek) is not null
                then coalesce(person_months.forsorjningsstod_sek, 0) + coalesce(person_months.ovrigt_bistand_sek, 0)
        end as paid_sek,
        person_months.forsorjningsstod_sek,
        person_months.reason_code,
        person_months.reason_text,
        person_months.reason_code_2,
        person_months.sex,
        person_months.birth_year,
        person_months.birth_month,
        person_months.is_foreign_born,
        person_months.district
    from person_months
    inner join months_in_force
        on
            person_months.delivery_id = months_in_force.delivery_id
            and person_months.municipality_code = months_in_force.delivered_code
            and person_months.period_month = months_in_force.period_month

)

select * from final
