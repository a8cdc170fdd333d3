with

person_months as (

    select * from {{ ref('stg_register__person_months') }}

),

grouped as (

    select
        person_id,
        municipality_code,
        period_year,
        bit_or({{ month_bit('month_number') }}) as month_bits,
        bool_or(role in ('RL', 'MS')) as is_applicant,
        max(month_number) as latest_month,
        max(sex) as sex,
        cast(max(birth_year) as integer) as birth_year,
        bool_or(is_foreign_born) as is_foreign_born
    from person_months
    group by person_id, municipality_code, period_year

),

final as (

    select
        person_id,
        municipality_code,
        period_year,
        month_bits,
        {{ months_in('month_bits') }} as months_count,
        is_applicant,
        latest_month,
        sex,
        birth_year,
        is_foreign_born
    from grouped

)

select * from final
