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

grid as (

    select
        spell_definitions.definition_id,
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        breakdowns.breakdown,
        coalesce(counted.changed_adults, 0) as changed_adults,
        coalesce(counted.followed_adults, 0) as followed_adults
    from geography_years
    cross join breakdowns
    cross join spell_definitions
    left join counted
        on
            geography_years.geography_id = counted.geography_id
            and geography_years.period_year = counted.period_year
            and spell_definitions.definition_id = counted.definition_id
            and breakdowns.breakdown = counted.breakdown

),

final as (

    {{ indicator_rows('grid', [{
        'id': 'reason_changed_share',
        'definition_column': 'definition_id',
        'numerator': 'changed_adults',
        'denominator': 'followed_adults',
        'is_reported': 'is_reported_1y',
    }]) }}

)

select * from final
