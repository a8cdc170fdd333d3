-- Mean of the months of a year, for both sexes together. Shown only when the municipality has a figure for every month
-- that anyone has one for: SCB does not adjust for municipalities that did not report.
with

equivalents as (

    select * from {{ ref('stg_scb__yearly_equivalents') }}
    where length(area_id) = 4 and sex_code in ('1+2', 'tot')

),

municipalities as (

    select
        municipality_code,
        municipality_name
    from {{ ref('municipalities') }}

),

months_of_year as (

    select
        period_year,
        age_group,
        content_code,
        count(distinct period) as months_count
    from equivalents
    where value_status = 'published'
    group by period_year, age_group, content_code

),

by_year as (

    select
        area_id,
        period_year,
        age_group,
        content_code,
        max(content_name) as content_name,
        avg(value) as mean_value,
        count(value) as months_reported
    from equivalents
    group by area_id, period_year, age_group, content_code

),

final as (

    select
        by_year.area_id as geography_id,
        municipalities.municipality_name as geography_name,
        cast(by_year.period_year as integer) as period_year,
        by_year.age_group,
        by_year.content_code,
        by_year.content_name,
        case when by_year.months_reported = months_of_year.months_count then by_year.mean_value end as value,
        case when by_year.months_reported = months_of_year.months_count then 'published' else 'not_reported' end
            as value_status,
        cast(by_year.months_reported as integer) as months_reported,
        cast(coalesce(months_of_year.months_count, 0) as integer) as months_count
    from by_year
    inner join municipalities
        on by_year.area_id = municipalities.municipality_code
    left join months_of_year
        on
            by_year.period_year = months_of_year.period_year
            and by_year.age_group = months_of_year.age_group
            and by_year.content_code = months_of_year.content_code

)

select * from final
