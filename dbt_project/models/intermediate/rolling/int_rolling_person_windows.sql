-- The two years behind the twelve windows of a year, for each adult and municipality, as 24 bits: January of the year
-- before is bit 0. An adult is one who is 18 at 31 December of the year that the window ends in.
with

person_municipality_years as (

    select * from {{ ref('int_person_municipality_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

halves as (

    select
        person_id,
        municipality_code,
        period_year,
        sex,
        birth_year,
        {{ shift_months('month_bits', 12) }} as month_bits
    from person_municipality_years
    union all
    select
        person_id,
        municipality_code,
        period_year + 1 as period_year,
        sex,
        birth_year,
        month_bits
    from person_municipality_years

),

windows as (

    select
        person_id,
        municipality_code,
        period_year,
        max(sex) as sex,
        max(birth_year) as birth_year,
        bit_or(month_bits) as month_bits
    from halves
    group by person_id, municipality_code, period_year

),

final as (

    select
        windows.person_id,
        windows.municipality_code,
        windows.period_year,
        windows.sex,
        windows.month_bits,
        count(*) over (partition by windows.person_id, windows.period_year) = 1 as is_additive
    from windows
    inner join municipality_years
        on
            windows.municipality_code = municipality_years.municipality_code
            and windows.period_year = municipality_years.period_year
    where windows.period_year - windows.birth_year >= 18

)

select * from final
