-- Every end belongs to one municipality, so counts of areas are sums of those municipalities that delivered reasons.
with

exit_reasons as (

    select * from {{ ref('int_exit_reasons') }}

),

exit_reason_years as (

    select * from {{ ref('int_exit_reason_years') }}
    where is_reported

),

counts as (

    select
        exit_reasons.municipality_code as geography_id,
        exit_reasons.period_year,
        exit_reasons.sex,
        exit_reasons.exit_reason,
        true as is_additive,
        count(*) as exits_count
    from exit_reasons
    inner join exit_reason_years
        on
            exit_reasons.municipality_code = exit_reason_years.municipality_code
            and exit_reasons.period_year = exit_reason_years.period_year
    group by
        exit_reasons.municipality_code, exit_reasons.period_year, exit_reasons.sex, exit_reasons.exit_reason

),

final as (

    {{ summed_upwards('counts', ['period_year', 'sex', 'exit_reason'], ['exits_count']) }}

)

select * from final
