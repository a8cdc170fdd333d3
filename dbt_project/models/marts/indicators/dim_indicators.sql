-- A measure that counts months in every municipality does not see those where nothing is delivered, and says so. In a
-- register of one municipality it is not the figure that Kolada publishes.
with

indicators as (

    select * from {{ source('raw', 'indicators') }}

),

definitions as (

    select
        definition_id,
        definition_status
    from {{ ref('definitions') }}

),

country as (

    select
        municipalities_delivering_count < municipalities_count as has_unseen_months,
        municipalities_delivering_count = 1 as is_alone
    from {{ ref('dim_geographies') }}
    where geography_id = '0000'

),

constants as (

    select * from {{ constants(['entry_empty_months', 'exit_empty_months', 'return_months', 'month10_window_months']) }}

),

final as (

    select
        indicators.indicator_id,
        indicators.definition_id,
        indicators.indicator_name,
        indicators.definition_name,
        definitions.definition_status = 'official' or count(*) over of_indicator = 1 as is_official,
        indicators.topic,
        indicators.unit,
        indicators.definition_text,
        indicators.numerator_text,
        indicators.denominator_text,
        case when indicators.unseen_months_text is null or not country.is_alone then indicators.kolada_id end as kolada_id,
        indicators.since_year,
        indicators.published_break_years,
        indicators.caveat_text,
        case when country.has_unseen_months then indicators.unseen_months_text end as unseen_months_text,
        indicators.window_months,
        cast(case
            when indicators.indicator_id in ('entries', 'month10_share') then constants.entry_empty_months
            when indicators.indicator_id = 'return_share_12m' then constants.return_months
            when indicators.definition_id like '%rolling12%' then indicators.window_months - 1
            else indicators.window_months - 12
        end as integer) as months_before,
        cast(case
            when indicators.indicator_id in ('exits', 'exit_reason_share') then constants.exit_empty_months
            when indicators.indicator_id = 'month10_share' then constants.month10_window_months
            else 0
        end as integer) as months_after,
        indicators.direction,
        indicators.decimals,
        indicators.sort_order
    from indicators
    cross join country
    cross join constants
    inner join definitions
        on indicators.definition_id = definitions.definition_id
    window of_indicator as (partition by indicators.indicator_id)

)

select * from final
