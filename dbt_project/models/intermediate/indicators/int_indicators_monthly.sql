{% set measures = [
    ('recipients', 'recipients_count', 'persons', 'recipients_count', 'is_reported'),
    ('households', 'households_count', 'households', 'households_count', 'is_reported'),
    ('paid_sek', 'paid_sek', 'sek', 'households_count', 'is_paid_reported'),
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

    select distinct month_number from {{ ref('stg_register__units_in_force') }}

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

    {% for indicator_id, numerator, unit, people, is_reported in measures %}
        select
            '{{ indicator_id }}' as indicator_id,
            'default' as definition_id,
            geography_id,
            period,
            period_year,
            'total' as breakdown,
            cast({{ numerator }} as double) as numerator,
            cast(null as double) as denominator,
            false as is_ratio,
            '{{ unit }}' as unit,
            {{ is_reported }} as is_reported,
            cast({{ people }} as bigint) as disclosure_count
        from grid
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
