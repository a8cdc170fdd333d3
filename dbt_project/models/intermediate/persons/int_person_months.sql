-- The union over households: a person in two households in the same month and municipality is one person-month.
-- A view: every later model groups further, so the rows need not be written.
{{ config(materialized='view') }}

with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

final as (

    select
        person_id,
        municipality_code,
        period_month,
        period_year,
        month_number,
        max(sex) as sex,
        max(birth_year) as birth_year,
        bool_or(is_foreign_born) as is_foreign_born,
        bool_or(role in ('RL', 'MS')) as is_applicant,
        cast(count(distinct household_id) as integer) as households_count
    from person_months
    group by person_id, municipality_code, period_month, period_year, month_number

)

select * from final
