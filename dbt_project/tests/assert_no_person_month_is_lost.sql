-- The months folded into yearly bits are the distinct person-months of the register.
with

folded as (

    select
        municipality_code,
        period_year,
        sum(months_count) as months_count
    from {{ ref('int_person_municipality_years') }}
    group by municipality_code, period_year

),

counted as (

    select
        municipality_code,
        period_year,
        count(*) as months_count
    from {{ ref('int_person_months') }}
    group by municipality_code, period_year

)

select
    counted.municipality_code,
    counted.period_year
from counted
left join folded
    on
        counted.municipality_code = folded.municipality_code
        and counted.period_year = folded.period_year
where coalesce(folded.months_count, 0) <> counted.months_count
