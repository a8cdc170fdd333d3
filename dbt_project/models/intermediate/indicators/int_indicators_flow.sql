-- Months are broken down by sex or age, years by both at once: a month of one sex and age is nearly always too few.
{#- indicator, numerator, denominator, unit, window, whom it counts -#}
{% set indicators = [
    ('entries', 'entries', none, 'persons', 'is_entry_reported', 'true'),
    ('exits', 'exits', none, 'persons', 'is_exit_reported', 'true'),
    ('month10_share', 'month10_reached', 'month10_entries', 'share', 'is_month10_reported',
        'length(period) = 4 or age_from is null'),
    ('return_share_12m', 'returned_adults', 'ended_adults', 'share', 'is_return_reported',
        'coalesce(age_from, 18) >= 18 and length(period) = 4'),
] %}
{% set measures = ['entries', 'exits', 'month10_entries', 'month10_reached', 'ended_adults', 'returned_adults'] %}

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

    {{ by_breakdown('year_cells', measures, keys=['geography_id', 'period_year', 'period'], also_by=[]) }}
    union all
    {{ by_breakdown(
        'month_cells',
        measures,
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

    {% for indicator_id, numerator, denominator, unit, window, counted in indicators %}
        select
            '{{ indicator_id }}' as indicator_id,
            'default' as definition_id,
            geography_id,
            period,
            period_year,
            breakdown,
            cast({{ numerator }} as double) as numerator,
            cast({{ denominator or 'null' }} as double) as denominator,
            {{ 'true' if denominator else 'false' }} as is_ratio,
            '{{ unit }}' as unit,
            {{ window }} as is_reported,
            {% if denominator -%}
                least(nullif({{ numerator }}, 0), nullif({{ denominator }}, 0)) as disclosure_count
            {%- else -%}
                {{ numerator }} as disclosure_count
            {%- endif %}
        from grid
        where {{ counted }}
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
