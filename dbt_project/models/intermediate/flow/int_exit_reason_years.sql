-- A year has its reasons when some month of it was delivered with reasons and every month in which somebody's aid ended
-- was: a month without an end has nothing to deliver.
with

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where length(period) = 4

),

exit_units as (

    select * from {{ ref('stg_register__exit_months_in_force') }}

),

exit_reasons as (

    select * from {{ ref('int_exit_reasons') }}

),

with_reasons as (

    select distinct
        municipality_code,
        period_year
    from exit_units

),

without_reasons as (

    select distinct
        municipality_code,
        period_year
    from exit_reasons
    where not is_delivered

),

final as (

    select
        flow_periods.municipality_code,
        flow_periods.period_year,
        flow_periods.is_exit_reported
        and with_reasons.municipality_code is not null
        and without_reasons.municipality_code is null as is_reported
    from flow_periods
    left join with_reasons
        on
            flow_periods.municipality_code = with_reasons.municipality_code
            and flow_periods.period_year = with_reasons.period_year
    left join without_reasons
        on
            flow_periods.municipality_code = without_reasons.municipality_code
            and flow_periods.period_year = without_reasons.period_year

)

select * from final
