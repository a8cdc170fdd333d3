-- A register of one municipality sees nobody's months elsewhere: what counts months in all municipalities is then not the
-- figure that Kolada publishes.
with

indicators as (

    select * from {{ source('raw', 'indicators') }}

),

register as (

    select count(distinct municipality_code) as municipalities_count
    from {{ ref('stg_register__units_in_force') }}

),

final as (

    select
        indicators.indicator_id,
        indicators.definition_id,
        indicators.indicator_name,
        indicators.definition_name,
        indicators.topic,
        indicators.unit,
        indicators.definition_text,
        indicators.numerator_text,
        indicators.denominator_text,
        case
            when
                register.municipalities_count = 1
                and (
                    indicators.definition_id like 'very_longterm:%'
                    or indicators.definition_id in ('longterm:person_wide', 'longterm_rolling12:default')
                )
                then null
            else indicators.kolada_id
        end as kolada_id,
        indicators.since_year,
        indicators.break_years,
        indicators.caveat_text,
        indicators.window_months,
        indicators.direction,
        indicators.decimals,
        indicators.sort_order
    from indicators
    cross join register

)

select * from final
