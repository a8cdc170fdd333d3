-- The months in which aid begins after a long absence, or ends, over all municipalities: who moves and keeps aid has
-- neither ended nor begun. The year before and the year after are laid beside the year, so that each month sees the
-- twelve before it and the twelve after it.
with

person_years as (

    select * from {{ ref('int_person_years') }}

),

person_municipality_years as (

    select * from {{ ref('int_person_municipality_years') }}

),

rules as (

    select * from {{ constants(
        ['entry_empty_months', 'exit_empty_months', 'return_months', 'month10_months', 'month10_window_months']
    ) }} as rule_values

),

around as (

    select
        this_year.person_id,
        this_year.period_year,
        this_year.sex,
        this_year.age,
        this_year.municipalities_count,
        this_year.last_municipality_code,
        this_year.month_bits,
        {{ three_years('year_before.month_bits', 'this_year.month_bits', 'year_after.month_bits') }} as around_bits
    from person_years as this_year
    left join person_years as year_before
        on
            this_year.person_id = year_before.person_id
            and this_year.period_year = year_before.period_year + 1
    left join person_years as year_after
        on
            this_year.person_id = year_after.person_id
            and this_year.period_year = year_after.period_year - 1

),

-- the months that a run of aid begins or ends with: only they can be an entry or an exit
run_ends as (

    select
        *,
        month_bits & ~{{ months_with_aid_before('around_bits') }} as first_bits,
        month_bits & ~{{ months_with_aid_after('around_bits') }} as last_bits
    from around

),

months as (

    select
        run_ends.*,
        month_numbers.month_number,
        {{ has_month('run_ends.first_bits', 'month_numbers.month_number') }} = 1 as is_first,
        {{ has_month('run_ends.last_bits', 'month_numbers.month_number') }} = 1 as is_last,
        {{ twelve_months_before('run_ends.around_bits', 'month_numbers.month_number') }} as before_bits,
        {{ twelve_months_from('run_ends.around_bits', 'month_numbers.month_number') }} as from_bits,
        {{ twelve_months_after('run_ends.around_bits', 'month_numbers.month_number') }} as after_bits
    from run_ends
    cross join {{ month_numbers() }} as month_numbers
    where {{ has_month('(run_ends.first_bits | run_ends.last_bits)', 'month_numbers.month_number') }} = 1

),

judged as (

    select
        months.*,
        months.is_first
        and {{ last_months_are_empty('months.before_bits', 'rules.entry_empty_months') }} as is_entry,
        months.is_last
        and {{ first_months_are_empty('months.after_bits', 'rules.exit_empty_months') }} as is_exit,
        {{ months_in(first_months('months.from_bits', 'rules.month10_window_months')) }}
        >= rules.month10_months as is_month10,
        {{ first_months('months.after_bits', 'rules.return_months') }} as back_bits
    from months
    cross join rules

),

edges as (

    select * from judged
    where is_entry or is_exit

),

-- the municipality of the month; if two, the one with more months in the year, then the lower code
municipality_of_several as (

    select
        edges.person_id,
        edges.period_year,
        edges.month_number,
        {{ value_at_highest(
            'person_municipality_years.municipality_code',
            'person_municipality_years.months_count * 10000
            + (9999 - cast(person_municipality_years.municipality_code as integer))'
        ) }} as municipality_code
    from edges
    inner join person_municipality_years
        on
            edges.person_id = person_municipality_years.person_id
            and edges.period_year = person_municipality_years.period_year
    where
        edges.municipalities_count > 1
        and {{ has_month('person_municipality_years.month_bits', 'edges.month_number') }} = 1
    group by edges.person_id, edges.period_year, edges.month_number

),

final as (

    select
        edges.person_id,
        edges.period_year,
        edges.month_number,
        {{ month_index('edges.period_year', 'edges.month_number') }} as month_index,
        coalesce(municipality_of_several.municipality_code, edges.last_municipality_code) as municipality_code,
        edges.sex,
        edges.age,
        edges.is_entry,
        edges.is_exit,
        edges.is_entry and edges.is_month10 as has_reached_month10,
        edges.is_exit and edges.back_bits <> 0 as has_returned,
        cast(case when edges.is_exit and edges.back_bits <> 0 then {{ lowest_month('edges.back_bits') }} end as integer)
            as months_until_return,
        -- of the twelve months up to and with the month itself
        1 + {{ months_in(shift_months_back('edges.before_bits', 1)) }} as months_of_twelve
    from edges
    left join municipality_of_several
        on
            edges.person_id = municipality_of_several.person_id
            and edges.period_year = municipality_of_several.period_year
            and edges.month_number = municipality_of_several.month_number

)

select * from final
