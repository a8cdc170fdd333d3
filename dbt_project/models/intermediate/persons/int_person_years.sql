-- The verdict on duration for a person: months over all municipalities, so that moving neither hides nor doubles aid.
with

person_municipality_years as (

    select * from {{ ref('int_person_municipality_years') }}

),

definitions as (

    select * from {{ ref('definitions') }}

),

person_years as (

    select
        person_id,
        period_year,
        bit_or(month_bits) as month_bits,
        cast(count(*) as integer) as municipalities_count,
        max(sex) as sex,
        max(birth_year) as birth_year,
        bool_or(is_foreign_born) as is_foreign_born,
        -- last registered municipality: the latest month, then the most months in the year, then the lower code
        {{ value_at_highest(
            'municipality_code',
            'latest_month * 1000000 + months_count * 10000 + (9999 - cast(municipality_code as integer))'
        ) }} as last_municipality_code
    from person_municipality_years
    group by person_id, period_year

),

windows as (

    select
        this_year.*,
        coalesce(two_years_before.month_bits, 0)
        | {{ shift_months('coalesce(year_before.month_bits, 0)', 12) }}
        | {{ shift_months('this_year.month_bits', 24) }} as window_bits
    from person_years as this_year
    left join person_years as year_before
        on
            this_year.person_id = year_before.person_id
            and this_year.period_year = year_before.period_year + 1
    left join person_years as two_years_before
        on
            this_year.person_id = two_years_before.person_id
            and this_year.period_year = two_years_before.period_year + 2

),

-- the thresholds of the two definitions and of their break rules
longterm as (

    select min_months from definitions
    where definition_id = 'longterm:person_wide'

),

very_longterm as (

    select
        max(case when break_rule = 'interior' then min_months end) as interior_min_months,
        max(case when break_rule = 'interior' then max_break_months end) as interior_max_break_months,
        max(case when break_rule = 'window' then min_months end) as window_min_months,
        max(case when break_rule = 'window' then max_break_months end) as window_max_break_months
    from definitions
    where definition_id in ('very_longterm:interior', 'very_longterm:window')

),

counted as (

    select
        windows.*,
        {{ months_in('month_bits') }} as months_count,
        {{ months_in('window_bits') }} as window_months_count,
        {{ months_as_text('window_bits', 36) }} as window_text
    from windows

),

final as (

    select
        counted.person_id,
        counted.period_year,
        counted.sex,
        counted.birth_year,
        counted.period_year - counted.birth_year as age,
        counted.is_foreign_born,
        counted.month_bits,
        counted.months_count,
        counted.municipalities_count,
        counted.last_municipality_code,
        counted.window_months_count,
        counted.months_count >= longterm.min_months as is_longterm,
        -- a break is a run of empty months between two months with aid: the empty edges are trimmed away first
        counted.window_months_count >= very_longterm.interior_min_months
        and position(
            repeat('0', very_longterm.interior_max_break_months + 1) in trim(both '0' from counted.window_text)
        ) = 0 as is_very_longterm_interior,
        counted.window_months_count >= very_longterm.window_min_months
        and position(repeat('0', very_longterm.window_max_break_months + 1) in counted.window_text)
        = 0 as is_very_longterm_window
    from counted
    cross join longterm
    cross join very_longterm

)

select * from final
