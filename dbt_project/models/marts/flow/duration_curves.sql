-- Kaplan-Meier: the share still on is multiplied down by the share of those at risk whose spell ends in the month. A
-- curve is cut off, in what is published, at its first small count: later points would give it back.
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

geographies as (

    select * from {{ ref('dim_geographies') }}

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
        bool_or(flow_periods.is_entry_reported) as is_reported
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

risk as (

    select
        *,
        sum(ended_count + censored_count) over (
            partition by geography_id, period_year, definition_id
            order by month_since_entry
            rows between current row and unbounded following
        ) as at_risk_count
    from grid

),

survived as (

    select
        *,
        exp(sum(ln(nullif(1 - ended_count / nullif(at_risk_count, 0), 0))) over from_entry) as survived_share,
        max(case when ended_count > 0 and ended_count = at_risk_count then 1 else 0 end) over from_entry as is_empty,
        min(least(
            nullif(at_risk_count, 0),
            nullif(ended_count, 0),
            nullif(censored_count, 0),
            nullif(at_risk_count - ended_count - censored_count, 0)
        )) over from_entry as disclosure_count
    from risk
    window from_entry as (
        partition by geography_id, period_year, definition_id
        order by month_since_entry
        rows between unbounded preceding and current row
    )

),

judged as (

    select
        *,
        case
            when not is_reported then 'not_reported'
            when at_risk_count > 0 or is_empty = 1 then 'published'
            when month_since_entry = 0 then 'not_applicable'
            when max(at_risk_count) over (partition by geography_id, period_year, definition_id) = 0
                then 'not_applicable'
            else 'not_reported'
        end as value_status
    from survived

),

final as (

    select
        judged.geography_id,
        geographies.geography_name,
        judged.definition_id,
        judged.period_year as entry_year,
        judged.month_since_entry,
        judged.value_status,
        case when judged.value_status = 'published' then cast(judged.at_risk_count as bigint) end as at_risk_count,
        case when judged.value_status = 'published' then cast(judged.ended_count as bigint) end as ended_count,
        case when judged.value_status = 'published' then cast(judged.censored_count as bigint) end as censored_count,
        case
            when judged.value_status <> 'published' then null
            when judged.is_empty = 1 then 0
            else round(coalesce(judged.survived_share, 1), 9)
        end as survival_share,
        case when judged.value_status = 'published' then cast(judged.disclosure_count as bigint) end as disclosure_count
    from judged
    inner join geographies
        on judged.geography_id = geographies.geography_id

)

select * from final
