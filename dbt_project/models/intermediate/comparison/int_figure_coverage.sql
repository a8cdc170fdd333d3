-- A municipality stands behind an area's figure when its own is reported: every month that the figure needs is delivered.
with

indicator_counts as (

    select * from {{ ref('indicator_counts') }}

),

indicators as (

    select
        indicator_id,
        definition_id,
        coalesce(window_months, 0) > 12 as is_over_3y
    from {{ source('raw', 'indicators') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

figures as (

    select
        geography_id,
        indicator_id,
        definition_id,
        period,
        cast(left(period, 4) as integer) as period_year,
        bool_or(value_status <> 'not_reported') as is_reported
    from indicator_counts
    where breakdown not like '%;%'
    group by geography_id, indicator_id, definition_id, period

),

members as (

    select
        member_years.geography_id,
        figures.indicator_id,
        figures.definition_id,
        figures.period,
        figures.period_year,
        figures.is_reported,
        case
            when indicators.is_over_3y then municipality_years.is_preliminary_3y
            else municipality_years.is_preliminary_1y
        end as is_preliminary
    from figures
    inner join indicators
        on
            figures.indicator_id = indicators.indicator_id
            and figures.definition_id = indicators.definition_id
    inner join municipality_years
        on
            figures.geography_id = municipality_years.municipality_code
            and figures.period_year = municipality_years.period_year
    inner join member_years
        on
            municipality_years.municipality_code = member_years.municipality_code
            and municipality_years.period_year = member_years.period_year

),

final as (

    select
        members.geography_id,
        members.indicator_id,
        members.definition_id,
        members.period,
        cast(count(*) filter (where members.is_reported) as integer) as municipalities_included,
        min(geography_years.municipalities_total) as municipalities_total,
        coalesce(bool_or(members.is_preliminary) filter (where members.is_reported), false) as is_preliminary
    from members
    inner join geography_years
        on
            members.geography_id = geography_years.geography_id
            and members.period_year = geography_years.period_year
    group by members.geography_id, members.indicator_id, members.definition_id, members.period

)

select * from final
