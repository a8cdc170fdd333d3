with

reason_change_cells as (

    select * from {{ ref('int_reason_change_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

breakdowns as (

    select * from {{ ref('int_breakdowns') }}
    where origin is null and coalesce(age_from, 18) >= 18

),

spell_definitions as (

    select definition_id
    from {{ ref('definitions') }}
    where definition_id like 'spell:%'

),

counted as (

    {{ by_breakdown(
        'reason_change_cells',
        ['followed_adults', 'changed_adults'],
        keys=['geography_id', 'period_year', 'definition_id'],
        also_by=[]
    ) }}

),

final as (

    select
        'reason_changed_share' as indicator_id,
        spell_definitions.definition_id,
        geography_years.geography_id,
        cast(geography_years.period_year as varchar) as period,
        geography_years.period_year,
        breakdowns.breakdown,
        cast(coalesce(counted.changed_adults, 0) as double) as numerator,
        cast(coalesce(counted.followed_adults, 0) as double) as denominator,
        true as is_ratio,
        'share' as unit,
        geography_years.is_reported_1y as is_reported,
        least(nullif(counted.changed_adults, 0), nullif(counted.followed_adults, 0)) as disclosure_count
    from geography_years
    cross join breakdowns
    cross join spell_definitions
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and spell_definitions.definition_id = counted.definition_id
            and breakdowns.breakdown = counted.breakdown

)

select * from final
