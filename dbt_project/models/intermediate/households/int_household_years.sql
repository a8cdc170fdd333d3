-- Months are bits and aid is a sum, so a household's rows are grouped once, straight to its year.
with

household_rows as (

    select * from {{ ref('int_household_rows') }}

),

household_types as (

    select * from {{ ref('household_types') }}

),

unknown_type as (

    select
        household_type_code,
        household_type
    from household_types
    where has_children is null

),

with_known_type as (

    select
        household_rows.*,
        nullif(household_rows.household_type_code, unknown_type.household_type_code) as known_type_code
    from household_rows
    cross join unknown_type

),

grouped as (

    select
        household_id,
        municipality_code,
        period_year,
        bit_or({{ month_bit('month_number') }}) as month_bits,
        bit_or(case when paid_sek is not null then {{ month_bit('month_number') }} else 0 end) as paid_bits,
        cast(sum(paid_sek) as decimal(16, 2)) as paid_sek,
        -- the type of the latest month that states a known one; two in that month: the higher
        cast(max(month_number * 10 + known_type_code) % 10 as smallint) as known_type_code
    from with_known_type
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
        coalesce(grouped.known_type_code, unknown_type.household_type_code) as household_type_code,
        coalesce(household_types.household_type, unknown_type.household_type) as household_type,
        household_types.has_children
    from grouped
    cross join unknown_type
    left join household_types
        on coalesce(grouped.known_type_code, unknown_type.household_type_code) = household_types.household_type_code

)

select * from final
