{%- set dimensions = {
    'sex': 'sex', 'age': 'age_band', 'origin': 'origin', 'children': 'children', 'duration': 'duration',
    'district': 'district', 'household_type': 'household_type', 'national_group': 'national_group',
    'gr_group': 'gr_group', 'reason': 'reason', 'exit_reason': 'exit_reason', 'age_month': 'age_month',
    'young_child': 'young_child', 'registered_reason': 'registered_reason', 'benefit_group': 'benefit_group',
} -%}
with

breakdowns as (

    select distinct breakdown from {{ ref('indicator_counts') }}

),

dimensions as (

    select * from {{ ref('breakdown_dimensions') }}

),

value_names as (

    select * from {{ ref('dim_breakdowns') }}

),

-- groups that lie over finer ones of their dimension
wider_groups as (

    {% for dimension_id in ['age', 'age_month'] %}
        select
            '{{ dimension_id }}' as dimension_id,
            age_band as value_code
        from {{ ref('age_bands') }}
        where not is_finest
        union all
    {% endfor %}
    select
        'household_type' as dimension_id,
        wider_household_type as value_code
    from {{ ref('household_types') }}
    where wider_household_type is not null
    group by wider_household_type

),

parts as (

    select
        breakdowns.breakdown,
        dimensions.dimension_id,
        dimensions.sort_order,
        nullif(
            regexp_extract(';' || breakdowns.breakdown || ';', ';' || dimensions.dimension_id || '=([^;]*);', 1), ''
        ) as value_code
    from breakdowns
    cross join dimensions

),

named as (

    select
        parts.breakdown,
        parts.dimension_id,
        parts.sort_order,
        parts.value_code,
        coalesce(value_names.value_name, parts.value_code) as value_name,
        wider_groups.value_code is null as is_finest
    from parts
    left join value_names
        on
            parts.dimension_id = value_names.dimension_id
            and parts.value_code = value_names.value_code
    left join wider_groups
        on
            parts.dimension_id = wider_groups.dimension_id
            and parts.value_code = wider_groups.value_code

),

final as (

    select
        breakdown,
        coalesce(string_agg(value_name, ', ' order by sort_order), 'Totalt') as breakdown_name,
        string_agg(case when value_code is not null then dimension_id end, ';' order by sort_order) as dimensions,
        cast(count(value_code) as integer) as dimensions_count,
        bool_and(is_finest) as is_partition,
    {% for dimension_id, column in dimensions.items() %}
        coalesce(max(case when dimension_id = '{{ dimension_id }}' then value_code end), 'all') as {{ column }}
        {{- "," if not loop.last }}
    {% endfor %}
    from named
    group by breakdown

)

select * from final
