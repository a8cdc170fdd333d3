-- Exact counts of steps between reasons, for every pair of reasons.
with

person_area_steps as (

    select * from {{ ref('int_person_area_steps') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

reasons as (

    select * from {{ ref('publication_categories') }}

),

spell_definitions as (

    select
        definition_id,
        max_break_months
    from {{ ref('definitions') }}
    where definition_id like 'spell:%'

),

steps as (

    select
        person_area_steps.*,
        spell_definitions.definition_id
    from person_area_steps
    inner join spell_definitions
        on person_area_steps.shortest_break_months <= spell_definitions.max_break_months

),

-- an adult counts once for each pair of reasons, and once for each reason they were followed from
pair_counts as (

    select
        geography_id,
        period_year,
        definition_id,
        from_reason,
        to_reason,
        is_additive,
        count(*) as adults_count
    from steps
    group by geography_id, period_year, definition_id, from_reason, to_reason, is_additive

),

-- the shortest break says under which definitions they were followed
followed as (

    select
        person_id,
        geography_id,
        period_year,
        from_reason,
        is_additive,
        min(shortest_break_months) as shortest_break_months
    from person_area_steps
    group by person_id, geography_id, period_year, from_reason, is_additive

),

from_counts as (

    select
        followed.geography_id,
        followed.period_year,
        spell_definitions.definition_id,
        followed.from_reason,
        followed.is_additive,
        count(*) as from_adults_count
    from followed
    inner join spell_definitions
        on followed.shortest_break_months <= spell_definitions.max_break_months
    group by
        followed.geography_id, followed.period_year, spell_definitions.definition_id, followed.from_reason,
        followed.is_additive

),

pairs_by_area as (

    {{ summed_upwards('pair_counts', ['period_year', 'definition_id', 'from_reason', 'to_reason'], ['adults_count']) }}

),

from_by_area as (

    {{ summed_upwards('from_counts', ['period_year', 'definition_id', 'from_reason'], ['from_adults_count']) }}

),

final as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        spell_definitions.definition_id,
        from_reasons.publication_category as from_reason,
        to_reasons.publication_category as to_reason,
        from_reasons.sort_order as from_sort_order,
        to_reasons.sort_order as to_sort_order,
        coalesce(pairs_by_area.adults_count, 0) as adults_count,
        coalesce(from_by_area.from_adults_count, 0) as from_adults_count
    from geography_years
    cross join spell_definitions
    cross join reasons as from_reasons
    cross join reasons as to_reasons
    left join pairs_by_area
        on
            geography_years.geography_id = pairs_by_area.geography_id
            and geography_years.period_year = pairs_by_area.period_year
            and spell_definitions.definition_id = pairs_by_area.definition_id
            and from_reasons.publication_category = pairs_by_area.from_reason
            and to_reasons.publication_category = pairs_by_area.to_reason
    left join from_by_area
        on
            geography_years.geography_id = from_by_area.geography_id
            and geography_years.period_year = from_by_area.period_year
            and spell_definitions.definition_id = from_by_area.definition_id
            and from_reasons.publication_category = from_by_area.from_reason

)

select * from final
