-- Of each family, the counts that are shown whole. An area must be so in each of its municipalities, or the area less the
-- others would give one back; and those who have had aid in several municipalities of it must be none or many, for they are
-- what the municipalities have together and the area has not.
{% set measures = person_measures() | list %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}
    where geography_type in ('municipality', 'county', 'country')

),

household_counts as (

    select
        *,
        coalesce(numerator_people, numerator) as shown_count
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

counts as (

    {% for measure in measures %}
        select
            geography_id,
            period_year,
            breakdown,
            '{{ measure }}' as measure,
            {{ measure }} as shown_count,
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
        shown_count,
        is_reported as is_reported_1y,
        false as is_reported_3y
    from household_counts

),

members as (

    select
        counts.geography_id,
        counts.period_year,
        headline_counts.family,
        headline_counts.measure,
        headline_counts.breakdown,
        headline_counts.is_shown_whole,
        headline_counts.may_be_zero,
        counts.shown_count - coalesce(less.shown_count, 0) as shown_count
    from counts
    inner join headline_counts
        on
            counts.measure = headline_counts.measure
            and counts.breakdown = headline_counts.breakdown
            and case when headline_counts.window_years = 1 then counts.is_reported_1y else counts.is_reported_3y end
    left join counts as less
        on
            headline_counts.less_measure = less.measure
            and counts.breakdown = less.breakdown
            and counts.geography_id = less.geography_id
            and counts.period_year = less.period_year

),

judged as (

    select
        members.*,
        members.shown_count > rules.band_to or (members.may_be_zero and members.shown_count = 0) as is_told
    from members
    cross join rules

),

families as (

    select
        geography_id,
        period_year,
        family,
        bool_and(is_told) as is_told
    from judged
    group by geography_id, period_year, family

),

counted_in_several as (

    select
        areas.geography_id,
        areas.period_year,
        areas.family,
        areas.measure,
        areas.breakdown,
        bool_and(parts_told.is_told) as is_told,
        sum(parts.shown_count) - max(areas.shown_count) as again_count
    from judged as areas
    inner join member_years
        on areas.geography_id = member_years.geography_id and areas.period_year = member_years.period_year
    inner join judged as parts
        on
            member_years.municipality_code = parts.geography_id
            and areas.period_year = parts.period_year
            and areas.family = parts.family
            and areas.measure = parts.measure
            and areas.breakdown = parts.breakdown
            and areas.is_shown_whole = parts.is_shown_whole
    inner join families as parts_told
        on
            parts.geography_id = parts_told.geography_id
            and parts.period_year = parts_told.period_year
            and parts.family = parts_told.family
    where areas.is_shown_whole
    group by areas.geography_id, areas.period_year, areas.family, areas.measure, areas.breakdown

),

areas as (

    select
        counted_in_several.geography_id,
        counted_in_several.period_year,
        counted_in_several.family,
        bool_and(
            counted_in_several.is_told
            and (counted_in_several.again_count = 0 or counted_in_several.again_count > rules.band_to)
        ) as is_told
    from counted_in_several
    cross join rules
    group by counted_in_several.geography_id, counted_in_several.period_year, counted_in_several.family

),

final as (

    select
        families.geography_id,
        families.period_year,
        headline_counts.measure,
        headline_counts.breakdown
    from families
    inner join areas
        on
            families.geography_id = areas.geography_id
            and families.period_year = areas.period_year
            and families.family = areas.family
    inner join headline_counts
        on families.family = headline_counts.family
    where families.is_told and areas.is_told and headline_counts.is_shown_whole

)

select * from final
