-- The registration category of a person in a municipality and year, as the publication category is chosen: of the most
-- months, then the latest, then the first by code; and the last one that stood beside it as a second reason.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')

),

first_reasons as (

    select
        person_id,
        municipality_code,
        period_year,
        reason_code,
        bit_or({{ month_bit('month_number') }}) as month_bits
    from person_months
    where reason_code is not null
    group by person_id, municipality_code, period_year, reason_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id, municipality_code, period_year
            order by {{ months_in('month_bits') }} desc, {{ highest_month('month_bits') }} desc, reason_code asc
        ) as place
    from first_reasons

),

second_reasons as (

    select
        person_id,
        municipality_code,
        period_year,
        {{ value_at_highest(
            'reason_code_2', "lpad(cast(month_number as varchar), 2, '0') || reason_code_2"
        ) }} as second_reason
    from person_months
    where reason_code_2 is not null
    group by person_id, municipality_code, period_year

),

final as (

    select
        ranked.person_id,
        ranked.municipality_code,
        ranked.period_year,
        ranked.reason_code as registered_reason,
        second_reasons.second_reason
    from ranked
    left join second_reasons
        on
            ranked.person_id = second_reasons.person_id
            and ranked.municipality_code = second_reasons.municipality_code
            and ranked.period_year = second_reasons.period_year
    where ranked.place = 1

)

select * from final
