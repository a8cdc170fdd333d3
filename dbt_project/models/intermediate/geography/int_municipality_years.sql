-- Every municipality that has ever delivered, every year of the register in which it existed: also the years without a
-- delivery, and those that are forgotten: they are no more delivered than months that never came.
with

units as (

    select * from {{ ref('stg_register__months_in_force') }}

),

forgotten_months as (

    select * from {{ ref('stg_register__forgotten_months') }}

),

paid_years as (

    select * from {{ ref('int_paid_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}
    where geography_type = 'municipality'

),

municipalities as (

    select municipality_code from units
    union
    select municipality_code from forgotten_months

),

delivered as (

    select
        municipality_code,
        period_year,
        bit_or({{ month_bit('month_number') }}) as delivered_bits,
        -- every month from after the year, as in the yearly total file; a month that is corrected later is so too
        count(*) = 12 and extract(year from min(received_date)) > period_year as is_final
    from units
    group by municipality_code, period_year

),

grid as (

    select
        municipalities.municipality_code,
        member_years.period_year,
        coalesce(delivered.delivered_bits, 0) as delivered_bits,
        coalesce(delivered.is_final, false) as is_final,
        -- the delivered months whose money is known
        coalesce(delivered.delivered_bits, 0) & ~coalesce(paid_years.unknown_bits, 0) as paid_bits
    from municipalities
    inner join member_years
        on municipalities.municipality_code = member_years.municipality_code
    left join delivered
        on
            member_years.municipality_code = delivered.municipality_code
            and member_years.period_year = delivered.period_year
    left join paid_years
        on
            member_years.municipality_code = paid_years.municipality_code
            and member_years.period_year = paid_years.period_year

),

counted as (

    select
        municipality_code,
        period_year,
        delivered_bits,
        paid_bits,
        is_final,
        {{ months_in('delivered_bits') }} as delivered_months
    from grid

),

final as (

    select
        municipality_code,
        period_year,
        delivered_bits,
        delivered_months,
        paid_bits,
        delivered_months = 12 as is_complete_1y,
        {{ months_in('paid_bits') }} = 12 as is_paid_complete_1y,
        sum(delivered_months) over (
            partition by municipality_code
            order by period_year
            rows between 2 preceding and current row
        ) = 36 as is_complete_3y,
        not is_final as is_preliminary_1y,
        not bool_and(is_final) over (
            partition by municipality_code
            order by period_year
            rows between 2 preceding and current row
        ) as is_preliminary_3y
    from counted

)

select * from final
