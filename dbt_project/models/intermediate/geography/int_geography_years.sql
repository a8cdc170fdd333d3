-- Which municipalities stand behind a figure: those whose window is wholly delivered. An area is reported when at
-- least one of its municipalities is.
with

geography_members as (

    select * from {{ ref('int_geography_members') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

municipalities as (

    select * from {{ ref('municipalities') }}

),

years as (

    select distinct period_year from municipality_years

),

existing as (

    select
        geography_members.geography_id,
        years.period_year,
        cast(count(*) as integer) as municipalities_total
    from geography_members
    inner join municipalities
        on geography_members.municipality_code = municipalities.municipality_code
    cross join years
    where
        years.period_year >= coalesce(municipalities.first_year, years.period_year)
        and years.period_year <= coalesce(municipalities.last_year, years.period_year)
    group by geography_members.geography_id, years.period_year

),

included as (

    select
        geography_members.geography_id,
        geography_members.geography_type,
        municipality_years.period_year,
        cast(sum(case when municipality_years.is_complete_1y then 1 else 0 end) as integer) as municipalities_included_1y,
        cast(sum(case when municipality_years.is_complete_3y then 1 else 0 end) as integer) as municipalities_included_3y,
        bit_or(municipality_years.delivered_bits) as delivered_bits
    from municipality_years
    inner join geography_members
        on municipality_years.municipality_code = geography_members.municipality_code
    group by
        geography_members.geography_id,
        geography_members.geography_type,
        municipality_years.period_year

),

final as (

    select
        included.geography_id,
        included.geography_type,
        included.period_year,
        included.delivered_bits,
        included.municipalities_included_1y,
        included.municipalities_included_3y,
        coalesce(existing.municipalities_total, 0) as municipalities_total,
        included.municipalities_included_1y > 0 as is_reported_1y,
        included.municipalities_included_3y > 0 as is_reported_3y
    from included
    left join existing
        on
            included.geography_id = existing.geography_id
            and included.period_year = existing.period_year

)

select * from final
