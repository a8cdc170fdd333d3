-- Distinct persons; one with two reasons in the quarter stands in both rows and once in the total. Flow: the direction is of
-- the quarter. Stock: it was in force on any day of it.
with

quarters as (

    select * from {{ ref('int_activity_quarters') }}

),

events as (

    select * from {{ ref('int_activity_events') }}

),

target_group_reasons as (

    select * from {{ ref('int_target_group_reasons') }}
    where not is_exempt

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

persons as (

    select
        quarters.municipality_code,
        quarters.period_year,
        quarters.quarter_number,
        events.person_id,
        events.reason_code,
        events.publication_category,
        events.event_date >= quarters.first_date as is_of_quarter,
        events.event_kind,
        events.paragraph,
        quarters.is_directed_reported,
        quarters.is_reduced_reported
    from events
    inner join quarters
        on
            events.municipality_code = quarters.municipality_code
            and events.event_date < quarters.last_month + interval 1 month
            and (
                events.event_date >= quarters.first_date
                or (
                    events.event_kind = 'directed'
                    and (events.end_date is null or events.end_date >= quarters.first_date)
                )
            )

),

-- those who can be required in the last month, by their reason in it
possible as (

    select
        quarters.municipality_code,
        quarters.period_year,
        quarters.quarter_number,
        target_group_reasons.person_id,
        cast(null as varchar) as reason_code,
        target_group_reasons.publication_category
    from target_group_reasons
    inner join quarters
        on
            target_group_reasons.municipality_code = quarters.municipality_code
            and target_group_reasons.period_year = quarters.period_year
            and target_group_reasons.month_number = quarters.quarter_number * 3
    where quarters.is_share_reported

),

measured as (

    {% for measure, (kind, condition) in activity_quarter_measures().items() %}
        select
            municipality_code,
            period_year,
            quarter_number,
            person_id,
            reason_code,
            publication_category,
            '{{ measure }}' as measure
        from persons
        where {{ kind }} and {{ condition }}
        union all
    {% endfor %}
    select
        *,
        'possible' as measure
    from possible
    union all
    select
        possible.*,
        'possible_in_force_4a' as measure
    from possible
    where exists (
        select persons.person_id from persons
        where
            persons.person_id = possible.person_id
            and persons.municipality_code = possible.municipality_code
            and persons.period_year = possible.period_year
            and persons.quarter_number = possible.quarter_number
            and persons.event_kind = 'directed'
            and persons.paragraph = '4a'
    )

),

in_areas as (

    select
        member_years.geography_id,
        measured.*
    from measured
    inner join member_years
        on
            measured.municipality_code = member_years.municipality_code
            and measured.period_year = member_years.period_year

),

broken_down as (

    {% for breakdown, condition in [
        ("'total'", 'true'), ("'reason=' || publication_category", 'true'),
        ("'registered_reason=' || reason_code", 'reason_code is not null'),
    ] %}
        select
            geography_id,
            period_year,
            quarter_number,
            {{ breakdown }} as breakdown,
            measure,
            count(distinct person_id) as persons_count
        from in_areas
        where {{ condition }}
        group by geography_id, period_year, quarter_number, breakdown, measure
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select
        geography_id,
        period_year,
        quarter_number,
        breakdown,
    {% for measure in (activity_quarter_measures() | list) + ['possible', 'possible_in_force_4a'] %}
        sum(
            case when measure = '{{ measure }}' then persons_count else 0 end
        ) as {{ measure }}_count{{ "," if not loop.last }}
    {% endfor %}
    from broken_down
    group by geography_id, period_year, quarter_number, breakdown

)

select * from final
