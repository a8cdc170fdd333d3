with

months as (

    select
        *,
        municipality_code as geography_id
    from {{ ref('int_job_premium_months') }}

),

in_areas as (

    select
        person_id,
        geography_id,
        period_year,
        month_number,
        is_left,
        is_additive
    from months
    union all
    {{ in_larger_areas('months', ['month_number'], {'is_left': 'bool_or(is_left)'}) }}

),

counts as (

    select
        geography_id,
        period_year,
        month_number,
        is_additive,
        count(*) as base_count,
        count(case when is_left then 1 end) as left_count
    from in_areas
    group by geography_id, period_year, month_number, is_additive

),

final as (

    {{ summed_upwards('counts', ['period_year', 'month_number'], ['base_count', 'left_count']) }}

)

select * from final
