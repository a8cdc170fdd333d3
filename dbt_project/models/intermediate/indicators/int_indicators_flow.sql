-- Months and quarters are broken down by sex or age, years by both at once:
-- a month of one sex and age is nearly always too few.
{% set measures = flow_measures() %}
{% set rows = [
    {'id': 'entries', 'numerator': 'entries', 'is_reported': 'is_entry_reported'},
    {'id': 'exits', 'numerator': 'exits', 'is_reported': 'is_exit_reported'},
    {
        'id': 'month10_share',
        'numerator': 'month10_reached',
        'denominator': 'month10_entries',
        'is_reported': 'is_month10_reported',
        'where': 'length(period) = 4 or age_from is null',
    },
    {
        'id': 'return_share_12m',
        'numerator': 'returned_adults',
        'denominator': 'ended_adults',
        'is_reported': 'is_return_reported',
        'where': 'coalesce(age_from, 18) >= 18 and length(period) = 4',
    },
] %}
{% for row in rows %}
    {% do row.update({'period': 'period'}) %}
{% endfor %}

with

flow_cells as (

    select * from {{ ref('int_flow_cells') }}

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

breakdowns as (

    select * from {{ ref('int_breakdowns') }}
    where origin is null

),

geography_periods as (

    select
        member_years.geography_id,
        flow_periods.period_year,
        flow_periods.period,
        bool_or(flow_periods.is_entry_reported) as is_entry_reported,
        bool_or(flow_periods.is_exit_reported) as is_exit_reported,
        bool_or(flow_periods.is_month10_reported) as is_month10_reported,
        bool_or(flow_periods.is_return_reported) as is_return_reported
    from flow_periods
    inner join member_years
        on
            flow_periods.municipality_code = member_years.municipality_code
            and flow_periods.period_year = member_years.period_year
    group by member_years.geography_id, flow_periods.period_year, flow_periods.period

),

year_cells as (

    select * from flow_cells
    where length(period) = 4

),

month_cells as (

    select * from flow_cells
    where length(period) <> 4

),

counted as (

    {{ by_breakdown('year_cells', measures | list, keys=['geography_id', 'period_year', 'period'], also_by=[]) }}
    union all
    {{ by_breakdown(
        'month_cells',
        measures | list,
        keys=['geography_id', 'period_year', 'period'],
        also_by=[],
        sex_and_age=false
    ) }}

),

grid as (

    select
        geography_periods.*,
        breakdowns.breakdown,
        {% for measure in measures %}
            coalesce(counted.{{ measure }}, 0) as {{ measure }},
        {% endfor %}
        breakdowns.age_from
    from geography_periods
    cross join breakdowns
    left join counted
        on
            geography_periods.geography_id = counted.geography_id
            and geography_periods.period_year = counted.period_year
            and geography_periods.period = counted.period
            and breakdowns.breakdown = counted.breakdown
    where length(geography_periods.period) = 4 or breakdowns.sex is null or breakdowns.age_band is null

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
