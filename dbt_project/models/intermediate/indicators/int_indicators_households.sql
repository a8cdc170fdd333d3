{% set measures = [
    ('households', 'households_count', none, 'households'),
    ('paid_sek', 'paid_sek', none, 'sek'),
    ('paid_sek_per_household', 'paid_sek', 'households_count', 'sek_per_household'),
    ('months_per_household_mean', 'household_months_count', 'households_count', 'months'),
] %}

with

household_cells as (

    select * from {{ ref('int_household_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

household_types as (

    select * from {{ ref('household_types') }}

),

breakdowns as (

    select
        'total' as breakdown,
        cast(null as varchar) as household_type
    union all
    select
        'household_type=' || household_type as breakdown,
        household_type
    from household_types

),

counted as (

    select
        geography_id,
        period_year,
        coalesce('household_type=' || household_type, 'total') as breakdown,
        sum(households_count) as households_count,
        sum(household_months_count) as household_months_count,
        sum(paid_sek) as paid_sek
    from household_cells
    group by grouping sets (
        (geography_id, period_year),
        (geography_id, period_year, household_type)
    )

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        breakdowns.breakdown,
        coalesce(counted.households_count, 0) as households_count,
        coalesce(counted.household_months_count, 0) as household_months_count,
        coalesce(counted.paid_sek, 0) as paid_sek
    from geography_years
    cross join breakdowns
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and breakdowns.breakdown = counted.breakdown

),

final as (

    {% for indicator_id, numerator, denominator, unit in measures %}
        select
            '{{ indicator_id }}' as indicator_id,
            'default' as definition_id,
            geography_id,
            cast(period_year as varchar) as period,
            breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ unit }}' as unit,
            is_reported_1y as is_reported,
            cast(households_count as bigint) as disclosure_count
        from grid
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
