-- A year in which nobody delivered anything, with no whole year after it: from it on there are months only, and pages by
-- year end before it.
with

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

last_whole as (

    select max(period_year) as last_whole_year from geography_years
    where municipalities_included_1y > 0

),

first_empty as (

    select min(geography_years.period_year) as first_empty_year
    from geography_years
    cross join last_whole
    where
        geography_years.geography_id = '0000'
        and geography_years.delivered_bits = 0
        and geography_years.period_year > last_whole.last_whole_year

),

judged as (

    select
        geography_years.*,
        coalesce(geography_years.period_year >= first_empty.first_empty_year, false) as is_after_gap
    from geography_years
    cross join first_empty

),

final as (

    select
        geography_id,
        period_year,
        1 as window_years,
        municipalities_included_1y as municipalities_included,
        municipalities_total,
        is_after_gap
    from judged
    union all
    select
        geography_id,
        period_year,
        3 as window_years,
        municipalities_included_3y as municipalities_included,
        municipalities_total,
        is_after_gap
    from judged

)

select * from final
