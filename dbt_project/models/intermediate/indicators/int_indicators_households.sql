{#- indicator, numerator, denominator, unit, households behind, whether it is reported -#}
{% set measures = [
    ('households', 'households_count', none, 'households', 'households_count', 'is_reported_1y'),
    ('paid_sek', 'paid_sek', none, 'sek', 'paid_households_count', 'is_paid_reported_1y'),
    ('paid_sek_per_household', 'paid_sek', 'paid_households_count', 'sek_per_household', 'paid_households_count',
        'is_paid_reported_1y'),
    ('months_per_household_mean', 'household_months_count', 'households_count', 'months', 'households_count',
        'is_reported_1y'),
    ('paid_share', 'paid_sek', 'all_paid_sek', 'share', 'paid_households_count', 'is_paid_reported_1y'),
] %}

with

household_cells as (

    select * from {{ ref('int_household_cells') }}

),

household_breakdowns as (

    select * from {{ ref('int_household_breakdowns') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

breakdowns as (

    select distinct breakdown from household_breakdowns

),

counted as (

    select
        household_cells.geography_id,
        household_cells.period_year,
        household_breakdowns.breakdown,
        sum(household_cells.households_count) as households_count,
        sum(household_cells.household_months_count) as household_months_count,
        sum(household_cells.paid_households_count) as paid_households_count,
        sum(household_cells.paid_sek) as paid_sek
    from household_cells
    inner join household_breakdowns
        on household_cells.household_type = household_breakdowns.household_type
    group by household_cells.geography_id, household_cells.period_year, household_breakdowns.breakdown

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        geography_years.is_paid_reported_1y,
        breakdowns.breakdown,
        coalesce(counted.households_count, 0) as households_count,
        coalesce(counted.household_months_count, 0) as household_months_count,
        coalesce(counted.paid_households_count, 0) as paid_households_count,
        coalesce(counted.paid_sek, 0) as paid_sek,
        coalesce(all_types.paid_sek, 0) as all_paid_sek
    from geography_years
    cross join breakdowns
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and breakdowns.breakdown = counted.breakdown
    left join counted as all_types
        on
            geography_years.geography_id = all_types.geography_id
            and geography_years.period_year = all_types.period_year
            and all_types.breakdown = 'total'

),

final as (

    {% for indicator_id, numerator, denominator, unit, households, is_reported in measures %}
        select
            '{{ indicator_id }}' as indicator_id,
            'default' as definition_id,
            geography_id,
            cast(period_year as varchar) as period,
            period_year,
            breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ unit }}' as unit,
            {{ is_reported }} as is_reported,
            cast({{ households }} as bigint) as disclosure_count
        from grid
        {% if indicator_id == 'paid_share' %}
            where breakdown <> 'total'
        {% endif %}
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
