{{ config(materialized='view') }}

{% set rows = [] %}
{% for measure, (kind, condition) in activity_quarter_measures().items() %}
    {% set row = {
        'id': measure, 'numerator': measure ~ '_count', 'is_reported': kind, 'period': 'period',
        'where': "breakdown not like 'registered_reason=%'",
    } %}
    {% do rows.append(row) %}
    {% do rows.append(dict(row, where="breakdown like 'registered_reason=%'", measure='registered_reason')) %}
{% endfor %}
{% do rows.append({
    'id': 'directed_share', 'numerator': 'possible_in_force_4a_count', 'denominator': 'possible_count',
    'is_reported': 'is_share_reported', 'period': 'period', 'where': "breakdown not like 'registered_reason=%'",
}) %}

with

quarters as (

    select * from {{ ref('int_activity_quarters') }}

),

counts as (

    select * from {{ ref('int_activity_quarter_counts') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

breakdowns as (

    select 'total' as breakdown
    union all
    select 'reason=' || publication_category as breakdown from {{ ref('publication_categories') }}
    union all
    select 'registered_reason=' || reason_code as breakdown from {{ ref('reason_categories') }}
    union all
    select 'registered_reason=' || publication_category as breakdown from {{ ref('publication_categories') }}
    where publication_category in ('uppgift_saknas', 'okand_kod')

),

area_quarters as (

    select
        member_years.geography_id,
        quarters.period_year,
        quarters.quarter_number,
        quarters.period,
        bool_or(quarters.is_directed_reported) as is_directed_reported,
        bool_or(quarters.is_reduced_reported) as is_reduced_reported,
        bool_or(quarters.is_share_reported) as is_share_reported
    from quarters
    inner join member_years
        on
            quarters.municipality_code = member_years.municipality_code
            and quarters.period_year = member_years.period_year
    group by member_years.geography_id, quarters.period_year, quarters.quarter_number, quarters.period

),

grid as (

    select
        area_quarters.*,
        breakdowns.breakdown,
    {% for measure in (activity_quarter_measures() | list) + ['possible', 'possible_in_force_4a'] %}
        coalesce(counts.{{ measure }}_count, 0) as {{ measure }}_count{{ "," if not loop.last }}
    {% endfor %}
    from area_quarters
    cross join breakdowns
    left join counts
        on
            area_quarters.geography_id = counts.geography_id
            and area_quarters.period_year = counts.period_year
            and area_quarters.quarter_number = counts.quarter_number
            and breakdowns.breakdown = counts.breakdown

),

final as (

    {{ indicator_rows('grid', rows) }}

)

select * from final
