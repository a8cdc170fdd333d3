-- Counts of a group are the sums of its municipalities' less those who were counted in more than one of them. Only
-- persons with several municipalities can be, so only they are looked at: k municipalities of a group give k - 1 too
-- many. Beside the group stands each of its members (municipality_code): of those counted there, the ones that are also
-- counted in another member, which is what stays when the member is taken out.
{% set measures = [('young_adult_recipients', 'is_recipient_1y and is_young_adult')] %}
{% for measure in [
    'recipients', 'adult_recipients', 'child_recipients', 'adult_recipients_3y', 'longterm_adults_within_municipality',
    'longterm_children_within_municipality',
] %}
    {% do measures.append((measure, person_measures()[measure])) %}
{% endfor %}

with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}
    where not is_additive

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

young_bands as (

    select finest.age_band
    from age_bands as finest
    inner join age_bands as young
        on finest.age_from >= young.age_from and finest.age_to <= young.age_to
    where finest.is_finest and young.is_young_adults

),

memberships as (

    select * from {{ ref('int_geography_memberships') }}
    where geography_type <> 'municipality'

),

aged as (

    select
        person_area_years.*,
        young_bands.age_band is not null as is_young_adult
    from person_area_years
    left join young_bands on person_area_years.age_band = young_bands.age_band

),

in_members as (

    select
        memberships.geography_id,
        aged.geography_id as municipality_code,
        aged.person_id,
        aged.period_year,
        aged.sex,
    {% for measure, counted in measures %}
        case when {{ counted }} then 1 else 0 end as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from aged
    inner join memberships
        on
            aged.geography_id = memberships.municipality_code
            and aged.period_year
            between coalesce(memberships.first_year, aged.period_year) and coalesce(memberships.last_year, aged.period_year)

),

in_several as (

    select
        geography_id,
        person_id,
        period_year,
        sex,
    {% for measure, _ in measures %}
        sum({{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from in_members
    group by geography_id, person_id, period_year, sex
    having count(*) > 1

),

counted_again as (

    select
        geography_id,
        cast(null as varchar) as municipality_code,
        period_year,
        sex,
    {% for measure, _ in measures %}
        greatest({{ measure }} - 1, 0) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from in_several
    union all
    select
        in_members.geography_id,
        in_members.municipality_code,
        in_members.period_year,
        in_members.sex,
    {% for measure, _ in measures %}
        case when in_members.{{ measure }} = 1 and in_several.{{ measure }} > 1 then 1 else 0 end
            as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from in_members
    inner join in_several
        on
            in_members.geography_id = in_several.geography_id
            and in_members.person_id = in_several.person_id
            and in_members.period_year = in_several.period_year

),

counted as (

    select
        geography_id,
        municipality_code,
        period_year,
        coalesce('sex=' || sex, 'total') as breakdown,
    {% for measure, _ in measures %}
        cast(sum({{ measure }}) as bigint) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from counted_again
    group by grouping sets (
        (geography_id, municipality_code, period_year),
        (geography_id, municipality_code, period_year, sex)
    )

),

measured as (

    {% for measure, _ in measures %}
        select
            geography_id,
            municipality_code,
            cast(period_year as varchar) as period,
            breakdown,
            '{{ measure }}' as measure,
            {{ measure }} as overlap_count
        from counted
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select * from measured
    where overlap_count > 0

)

select * from final
