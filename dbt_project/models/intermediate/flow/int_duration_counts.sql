-- Exact counts along the curve: those at risk in a month, and all who have ended or left observation by then.
with

duration_cells as (

    select * from {{ ref('int_duration_cells') }}

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where length(period) = 4

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

spell_definitions as (

    select definition_id
    from {{ ref('definitions') }}
    where definition_id like 'spell:%'

),

rules as (

    select * from {{ constants(['curve_months']) }} as rule_values

),

curve_months as (

    select cast(numbers.number as integer) as month_since_entry
    from {{ number_series(0, 46) }} as numbers
    cross join rules
    where numbers.number <= rules.curve_months

),

cohorts as (

    select
        member_years.geography_id,
        flow_periods.period_year,
        bool_or(flow_periods.is_entry_reported) as is_reported,
        cast(count(case when flow_periods.is_entry_reported then 1 end) as integer) as municipalities_included
    from flow_periods
    inner join member_years
        on
            flow_periods.municipality_code = member_years.municipality_code
            and flow_periods.period_year = member_years.period_year
    group by member_years.geography_id, flow_periods.period_year

),

grid as (

    select
        cohorts.geography_id,
        cohorts.period_year,
        cohorts.is_reported,
        cohorts.municipalities_included,
        spell_definitions.definition_id,
        curve_months.month_since_entry,
        coalesce(duration_cells.ended_count, 0) as ended_count,
        coalesce(duration_cells.censored_count, 0) as censored_count
    from cohorts
    cross join spell_definitions
    cross join curve_months
    left join duration_cells
        on
            cohorts.geography_id = duration_cells.geography_id
            and cohorts.period_year = duration_cells.period_year
            and spell_definitions.definition_id = duration_cells.definition_id
            and curve_months.month_since_entry = duration_cells.months_followed

),

final as (

    select
        geography_id,
        period_year,
        definition_id,
        month_since_entry,
        is_reported,
        municipalities_included,
        cast(sum(ended_count + censored_count) over (
            partition by geography_id, period_year, definition_id
            order by month_since_entry
            rows between current row and unbounded following
        ) as bigint) as at_risk_count,
        cast(sum(ended_count) over from_entry as bigint) as ended_by_count,
        cast(sum(censored_count) over from_entry as bigint) as censored_by_count
    from grid
    window from_entry as (
        partition by geography_id, period_year, definition_id
        order by month_since_entry
        rows between unbounded preceding and current row
    )

)

select * from final
