-- What each row says of its household: aid paid, on whichever adult it stands, and the type, which stands on the RL row.
-- Rows of persons who were erased still count for their household. A view: later models group further.
{{ config(materialized='view') }}

with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

erased_rows as (

    select * from {{ ref('stg_register__erased_rows') }}

),

final as (

    {% for rows in ['person_months', 'erased_rows'] %}
        select
            household_id,
            municipality_code,
            period_month,
            period_year,
            month_number,
            case when role = 'RL' then household_type_code end as household_type_code,
            paid_sek,
            forsorjningsstod_sek
        from {{ rows }}
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
