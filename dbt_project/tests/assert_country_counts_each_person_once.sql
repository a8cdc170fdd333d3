-- Recipients of the country are the distinct persons of its wholly delivered municipalities.
with

distinct_persons as (

    select
        person_years.period_year,
        count(distinct person_years.person_id) as persons_count
    from {{ ref('int_person_municipality_years') }} as person_years
    inner join {{ ref('int_municipality_years') }} as municipality_years
        on
            person_years.municipality_code = municipality_years.municipality_code
            and person_years.period_year = municipality_years.period_year
    where
        municipality_years.is_complete_1y
    group by person_years.period_year

)

select
    distinct_persons.period_year,
    distinct_persons.persons_count,
    indicator_counts.numerator
from distinct_persons
inner join {{ ref('int_indicator_counts') }} as indicator_counts
    on
        indicator_counts.indicator_id = 'recipients'
        and indicator_counts.geography_id = '0000'
        and indicator_counts.breakdown = 'total'
        and indicator_counts.period = cast(distinct_persons.period_year as varchar)
where
    indicator_counts.is_reported
    and distinct_persons.persons_count <> indicator_counts.numerator
