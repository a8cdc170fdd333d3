-- Mean and spread are taken over the figures that are shown, so they give no hidden one back.
with

member_values as (

    select * from {{ ref('int_group_member_values') }}

),

rules as (

    select * from {{ constants(['spread_members']) }} as rule_values

),

summed as (

    select
        geography_id,
        geography_name,
        geography_type,
        indicator_id,
        definition_id,
        period,
        breakdown,
        unit,
        cast(count(*) as integer) as members_total,
        cast(count(*) filter (where value_status <> 'not_reported') as integer) as members_included,
        cast(count(value) as integer) as members_shown,
        string_agg(case when value_status = 'not_reported' then municipality_name end, ', ' order by municipality_code)
            as missing_members,
        -- summed as decimals: values in another order must not give another last digit
        cast(sum(cast(value as decimal(24, 12))) as double) / nullif(count(value), 0) as unweighted_mean,
        percentile_cont(0.10) within group (order by value) as p10,
        percentile_cont(0.25) within group (order by value) as p25,
        percentile_cont(0.50) within group (order by value) as median,
        percentile_cont(0.75) within group (order by value) as p75,
        percentile_cont(0.90) within group (order by value) as p90,
        arg_max(
            municipality_code,
            case when value is not null then recipients * 10000 + (9999 - cast(municipality_code as integer)) end
        ) as largest_member_id
    from member_values
    group by geography_id, geography_name, geography_type, indicator_id, definition_id, period, breakdown, unit

),

-- one municipality has no spread
final as (

    select
        summed.geography_id,
        summed.geography_name,
        summed.geography_type,
        summed.indicator_id,
        summed.definition_id,
        summed.period,
        summed.breakdown,
        summed.unit,
        summed.members_total,
        summed.members_included,
        summed.members_shown,
        summed.missing_members,
        {% for column in ['unweighted_mean', 'p10', 'p25', 'median', 'p75', 'p90'] %}
            case when summed.members_shown >= rules.spread_members then summed.{{ column }} end as {{ column }},
        {% endfor %}
        summed.largest_member_id
    from summed
    cross join rules

)

select * from final
