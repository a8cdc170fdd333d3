{% set month = {'is_reported': 'is_reported', 'period': 'period', 'breakdown': "'total'"} %}
{% set rows = [
    dict(month, id='recipients', numerator='recipients_count'),
    dict(month, id='households', numerator='households_count', unit='households'),
    dict(month, id='paid_sek', numerator='paid_sek', unit='sek', people='households_count',
        is_reported='is_paid_reported'),
] %}

with

month_counts as (

    select * from {{ ref('int_month_counts') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

month_numbers as (

    select distinct month_number from {{ ref('stg_register__months_in_force') }}

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        {{ month_period('geography_years.period_year', 'month_numbers.month_number') }} as period,
        {{ has_month('geography_years.delivered_bits', 'month_numbers.month_number') }} = 1 as is_reported,
        {{ has_month('geography_years.paid_bits', 'month_numbers.month_number') }} = 1 as is_paid_reported,
        coalesce(month_counts.recipients_count, 0) as recipients_count,
        coalesce(month_counts.households_count, 0) as households_count,
        coalesce(month_counts.paid_sek, 0) as paid_sek
    from geography_years
    cross join month_numbers
    cross join register_state
    left join month_counts
        on
            geography_years.geography_id = month_counts.geography_id
            and geography_years.period_year = month_counts.period_year
            and month_numbers.month_number = month_counts.month_number
    where
        {{ month_index('geography_years.period_year', 'month_numbers.month_number') }}
        between {{ month_index_of('register_state.first_known_month') }}
        and {{ month_index_of('register_state.last_month') }}

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
