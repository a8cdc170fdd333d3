-- A family is shown whole when all its members are above the band, and then none of them says anything of another. An area
-- is shown whole only when each of its municipalities is: otherwise the area less the others would give one back.
{% set measures = person_measures() | list %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}
    where geography_type in ('municipality', 'county', 'country')

),

household_counts as (

    select
        *,
        coalesce(numerator_people, numerator) as members_count
    from {{ ref('int_indicators_households') }}
    where
        indicator_id in ('households', 'paid_sek')
        and breakdown = 'total'
        and geography_id in (select recipient_breakdowns.geography_id from recipient_breakdowns)

),

headline_counts as (

    select * from {{ ref('headline_counts') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

members as (

    {% for measure in measures %}
        select
            geography_id,
            period_year,
            breakdown,
            '{{ measure }}' as measure,
            {{ measure }} as members_count,
            is_reported_1y,
            is_reported_3y
        from recipient_breakdowns
        union all
    {% endfor %}
    select
        geography_id,
        period_year,
        breakdown,
        numerator_measure as measure,
        members_count,
        is_reported as is_reported_1y,
        false as is_reported_3y
    from household_counts

),

families as (

    select
        members.geography_id,
        members.period_year,
        min(members.members_count) > max(rules.band_to) as is_family_above_band
    from members
    inner join headline_counts
        on
            members.measure = headline_counts.measure
            and members.breakdown = headline_counts.breakdown
            and case when headline_counts.window_years = 1 then members.is_reported_1y else members.is_reported_3y end
    cross join rules
    group by members.geography_id, members.period_year

),

final as (

    select
        areas.geography_id,
        areas.period_year,
        bool_and(coalesce(parts.is_family_above_band, true)) and bool_and(areas.is_family_above_band) as is_whole
    from families as areas
    inner join member_years
        on areas.geography_id = member_years.geography_id and areas.period_year = member_years.period_year
    left join families as parts
        on member_years.municipality_code = parts.geography_id and areas.period_year = parts.period_year
    group by areas.geography_id, areas.period_year

)

select * from final
