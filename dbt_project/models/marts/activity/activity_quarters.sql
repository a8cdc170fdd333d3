-- The table of the report to IVO: rows per reason, each count with a status of its own.
{% set measures = activity_quarter_measures() | list %}

with

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where indicator_id in ('{{ measures | join("', '") }}')

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

breakdowns as (

    select * from {{ ref('dim_breakdowns') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

delivered as (

    select
        member_years.geography_id,
        quarters.period,
        cast(min(quarters.delivered_months_count) as integer) as delivered_months_count,
        bool_or(quarters.is_directed_reported) as is_directed_reported,
        bool_or(quarters.is_reduced_reported) as is_reduced_reported,
        cast(count(case when quarters.is_directed_reported then 1 end) as integer) as municipalities_included,
        cast(count(*) as integer) as municipalities_total
    from {{ ref('int_activity_quarters') }} as quarters
    inner join member_years
        on quarters.municipality_code = member_years.municipality_code and quarters.period_year = member_years.period_year
    group by member_years.geography_id, quarters.period

),

pivoted as (

    select
        geography_id,
        period,
        breakdown,
    {% for measure in measures %}
        cast(max(case when indicator_id = '{{ measure }}' then value end) as bigint) as {{ measure }}_count,
        -- a profile may leave a measure out whole
        coalesce(
            max(case when indicator_id = '{{ measure }}' then value_status end), 'not_applicable'
        ) as {{ measure }}_status{{ "," if not loop.last }}
    {% endfor %}
    from indicator_values
    group by geography_id, period, breakdown

),

final as (

    select
        pivoted.geography_id,
        geographies.geography_name,
        pivoted.period,
        case
            when pivoted.breakdown = 'total' then 'total'
            when pivoted.breakdown like 'reason=%' then 'publication'
            else 'registration'
        end as reason_level,
        case when pivoted.breakdown = 'total' then 'all' else breakdowns.value_code end as reason,
        coalesce(breakdowns.value_name, 'Alla') as reason_name,
        coalesce(breakdowns.value_order, 0) as sort_order,
        {% for measure in measures %}
            pivoted.{{ measure }}_count,
            pivoted.{{ measure }}_status,
        {% endfor %}
        delivered.delivered_months_count,
        delivered.is_directed_reported,
        delivered.is_reduced_reported,
        delivered.municipalities_included,
        delivered.municipalities_total
    from pivoted
    inner join geographies
        on pivoted.geography_id = geographies.geography_id
    inner join delivered
        on pivoted.geography_id = delivered.geography_id and pivoted.period = delivered.period
    left join breakdowns
        on pivoted.breakdown = breakdowns.dimension_id || '=' || breakdowns.value_code

)

select * from final
