-- Households of a municipality and year whose months are all delivered. The limits are those of persons, on the months
-- of the household in its municipality. A household has ended when no month with aid follows its last one for as long as
-- an exit needs; null while the months that would show it are not delivered.
with

household_years as (

    select * from {{ ref('int_household_years') }}

),

household_districts as (

    select * from {{ ref('int_household_districts') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

amounts as (

    select
        household_id,
        municipality_code,
        period_year,
        cast(sum(forsorjningsstod_sek) as decimal(18, 2)) as forsorjningsstod_sek
    from {{ ref('int_household_rows') }}
    group by household_id, municipality_code, period_year

),

definitions as (

    select
        max(case when definition_id = 'longterm:within_municipality' then min_months end) as longterm_months,
        max(case when definition_id = 'very_longterm:interior' then min_months end) as very_longterm_months,
        max(case when definition_id = 'very_longterm:interior' then max_break_months end) as very_longterm_break_months
    from {{ ref('definitions') }}

),

rules as (

    select * from {{ constants(['exit_empty_months']) }} as rule_values

),

around as (

    select
        this_year.*,
        coalesce(two_before.month_bits, 0)
        | {{ shift_months('coalesce(before.month_bits, 0)', 12) }}
        | {{ shift_months('this_year.month_bits', 24) }} as window_bits,
        -- how far into the next year the months that show an exit reach
        greatest({{ highest_month('this_year.month_bits') }} + rules.exit_empty_months - 12, 0) as months_into_next,
        coalesce(next_year.month_bits, 0) as next_bits
    from household_years as this_year
    left join household_years as before
        on
            this_year.household_id = before.household_id
            and this_year.municipality_code = before.municipality_code
            and this_year.period_year = before.period_year + 1
    left join household_years as two_before
        on
            this_year.household_id = two_before.household_id
            and this_year.municipality_code = two_before.municipality_code
            and this_year.period_year = two_before.period_year + 2
    left join household_years as next_year
        on
            this_year.household_id = next_year.household_id
            and this_year.municipality_code = next_year.municipality_code
            and this_year.period_year = next_year.period_year - 1
    cross join rules

),

households as (

    select
        around.municipality_code,
        around.period_year,
        around.household_type,
        household_districts.district,
        around.months_count,
        around.months_count >= definitions.longterm_months as is_longterm,
        case
            when municipality_years.is_complete_3y
                then
                    {{ months_in('around.window_bits') }} >= definitions.very_longterm_months
                    and position(
                        repeat('0', definitions.very_longterm_break_months + 1)
                        in trim(both '0' from {{ months_as_text('around.window_bits', 36) }})
                    ) = 0
        end as is_very_longterm,
        case
            when around.months_into_next = 0 then true
            when {{ first_months('around.next_bits', 'around.months_into_next') }} <> 0 then false
            when
                {{ months_in(first_months('coalesce(next_delivered.delivered_bits, 0)', 'around.months_into_next')) }}
                = around.months_into_next
                then true
        end as has_ended,
        case when municipality_years.is_paid_complete_1y then coalesce(around.paid_sek, 0) end as paid_sek,
        case when municipality_years.is_paid_complete_1y then coalesce(amounts.forsorjningsstod_sek, 0) end
            as forsorjningsstod_sek
    from around
    inner join municipality_years
        on
            around.municipality_code = municipality_years.municipality_code
            and around.period_year = municipality_years.period_year
            and municipality_years.is_complete_1y
    left join municipality_years as next_delivered
        on
            around.municipality_code = next_delivered.municipality_code
            and around.period_year = next_delivered.period_year - 1
    left join household_districts
        on
            around.household_id = household_districts.household_id
            and around.municipality_code = household_districts.municipality_code
            and around.period_year = household_districts.period_year
    left join amounts
        on
            around.household_id = amounts.household_id
            and around.municipality_code = amounts.municipality_code
            and around.period_year = amounts.period_year
    cross join definitions

),

final as (

    select
        municipality_code,
        period_year,
        household_type,
        district,
        months_count,
        is_longterm,
        is_very_longterm,
        has_ended,
        count(*) as households_count,
        cast(sum(paid_sek) as decimal(18, 2)) as paid_sek,
        cast(sum(forsorjningsstod_sek) as decimal(18, 2)) as forsorjningsstod_sek
    from households
    group by
        municipality_code, period_year, household_type, district, months_count, is_longterm, is_very_longterm, has_ended

)

select * from final
