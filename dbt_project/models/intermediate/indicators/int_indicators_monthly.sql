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

year_parts as (

    select * from {{ year_parts() }} as parts

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        case
            when year_parts.part_number <= 12
                then {{ month_period('geography_years.period_year', 'year_parts.part_number') }}
            else {{ quarter_period('geography_years.period_year', 'year_parts.part_number - 12') }}
        end as period,
        case
            when year_parts.part_number <= 12 then geography_years.delivered_bits & year_parts.part_bits
            else {{ has_month('geography_years.delivered_quarter_bits', 'year_parts.part_number - 12') }}
        end <> 0 as is_reported,
        case
            when year_parts.part_number <= 12 then geography_years.paid_bits & year_parts.part_bits
            else {{ has_month('geography_years.paid_quarter_bits', 'year_parts.part_number - 12') }}
        end <> 0 as is_paid_reported,
        coalesce(month_counts.recipients_count, 0) as recipients_count,
        coalesce(month_counts.households_count, 0) as households_count,
        coalesce(month_counts.paid_sek, 0) as paid_sek
    from geography_years
    cross join year_parts
    cross join register_state
    left join month_counts
        on
            geography_years.geography_id = month_counts.geography_id
            and geography_years.period_year = month_counts.period_year
            and year_parts.part_number = month_counts.part_number
    -- the first and the last month of the part
    where
        {{ month_index(
            'geography_years.period_year',
            'case when year_parts.part_number <= 12 then year_parts.part_number else 3 * (year_parts.part_number - 12) - 2 end'
        ) }} >= {{ month_index_of('register_state.first_known_month') }}
        and {{ month_index(
            'geography_years.period_year',
            'case when year_parts.part_number <= 12 then year_parts.part_number else 3 * (year_parts.part_number - 12) end'
        ) }} <= {{ month_index_of('register_state.last_month') }}

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
