-- Months are bits and aid is a sum, so a household's rows are grouped once, straight to its year.
{{ config(materialized='incremental') }}

with

household_rows as (

    select * from {{ ref('int_household_rows') }}
    where {{ in_months_of_reached_years() }}

),

household_types as (

    select * from {{ ref('household_types') }}

),

grouped as (

    select
        household_id,
        municipality_code,
        period_year,
        bit_or({{ month_bit('month_number') }}) as month_bits,
        bit_or(case when paid_sek is not null then {{ month_bit('month_number') }} else 0 end) as paid_bits,
        cast(sum(paid_sek) as decimal(16, 2)) as paid_sek,
        -- the type of the latest month that states a known one (9 is unknown); two in that month: the higher
        coalesce(cast(max(month_number * 10 + nullif(household_type_code, 9)) % 10 as smallint), 9) as household_type_code
    from household_rows
    group by household_id, municipality_code, period_year

),

final as (

    select
        grouped.household_id,
        grouped.municipality_code,
        grouped.period_year,
        grouped.month_bits,
        {{ months_in('grouped.month_bits') }} as months_count,
        -- the months with a stated amount; paid_sek is null when there is none
        grouped.paid_bits,
        grouped.paid_sek,
        grouped.household_type_code,
        coalesce(household_types.household_type, 'okand') as household_type,
        household_types.has_children
    from grouped
    left join household_types
        on grouped.household_type_code = household_types.household_type_code

)

select * from final
