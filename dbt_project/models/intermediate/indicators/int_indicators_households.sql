{% set households = {'is_reported': 'is_reported_1y', 'numerator': 'households_count'} %}
{% set paid = {'is_reported': 'is_paid_reported_1y', 'numerator': 'paid_sek', 'people': 'paid_households_count'} %}
{% set rows = [
    dict(households, id='households', unit='households'),
    dict(households, id='longterm_households', definition='longterm:within_municipality', numerator='longterm_households_count',
        unit='households'),
    dict(households, id='longterm_households_share', definition='longterm:within_municipality',
        numerator='longterm_households_count', denominator='households_count'),
    dict(households, id='months_per_household_mean', numerator='household_months_count', people='households_count',
        denominator='households_count', unit='months'),
    dict(paid, id='paid_sek', unit='sek'),
    dict(paid, id='paid_sek_per_household', denominator='paid_households_count', unit='sek_per_household'),
    dict(paid, id='paid_share', denominator='all_paid_sek', denominator_people='all_paid_households_count',
        where="breakdown <> 'total'"),
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
        sum(household_cells.longterm_households_count) as longterm_households_count,
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
        coalesce(counted.longterm_households_count, 0) as longterm_households_count,
        coalesce(counted.household_months_count, 0) as household_months_count,
        coalesce(counted.paid_households_count, 0) as paid_households_count,
        coalesce(counted.paid_sek, 0) as paid_sek,
        coalesce(all_types.paid_sek, 0) as all_paid_sek,
        coalesce(all_types.paid_households_count, 0) as all_paid_households_count
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

    {{ indicator_rows('grid', rows) }}

)

select * from final
