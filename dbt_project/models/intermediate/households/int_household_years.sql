with

household_months as (

    select * from {{ ref('int_household_months') }}

),

household_types as (

    select * from {{ ref('household_types') }}

),

grouped as (

    select
        household_id,
        municipality_code,
        period_year,
        cast(count(*) as integer) as months_count,
        cast(sum(paid_sek) as decimal(16, 2)) as paid_sek,
        -- the type of the latest month that states one
        coalesce(
            {{ value_at_highest('household_type_code', 'case when household_type_code is not null then month_number end') }},
            9
        ) as household_type_code
    from household_months
    group by household_id, municipality_code, period_year

),

final as (

    select
        grouped.household_id,
        grouped.municipality_code,
        grouped.period_year,
        grouped.months_count,
        grouped.paid_sek,
        grouped.household_type_code,
        coalesce(household_types.household_type, 'okand') as household_type,
        household_types.has_children
    from grouped
    left join household_types
        on grouped.household_type_code = household_types.household_type_code

)

select * from final
