-- A month's money is known when at most a few of its households lack an amount (rule R15 and its limit).
with

household_years as (

    select * from {{ ref('int_household_years') }}

),

limits as (

    select max(limit_value) as missing_share_max
    from {{ source('raw', 'delivery_limits') }}
    where limit_id = 'amount_missing_share_max'

),

counted as (

    select
        municipality_code,
        period_year,
    {% for month_number in range(1, 13) %}
        sum({{ has_month('month_bits', month_number) }}) as households_{{ month_number }},
        sum({{ has_month('paid_bits', month_number) }}) as with_amount_{{ month_number }}{{ "," if not loop.last }}
    {% endfor %}
    from household_years
    group by municipality_code, period_year

),

final as (

    select
        counted.municipality_code,
        counted.period_year,
        {% for month_number in range(1, 13) %}
            case
                when
                    counted.households_{{ month_number }} - counted.with_amount_{{ month_number }}
                    > limits.missing_share_max * counted.households_{{ month_number }}
                    then {{ month_bit(month_number) }}
                else 0
            end{{ " +" if not loop.last }}
        {% endfor %}
            as unknown_bits
    from counted
    cross join limits

)

select * from final
