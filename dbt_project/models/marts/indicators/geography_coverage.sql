with

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

final as (

    select
        geography_id,
        period_year,
        1 as window_years,
        municipalities_included_1y as municipalities_included,
        municipalities_total
    from geography_years
    union all
    select
        geography_id,
        period_year,
        3 as window_years,
        municipalities_included_3y as municipalities_included,
        municipalities_total
    from geography_years

)

select * from final
