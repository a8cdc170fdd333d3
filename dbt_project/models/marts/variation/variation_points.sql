-- A series with a small count hides its limits as a whole: one value can be worked out from a mean of the others.
with

series_signals as (

    select * from {{ ref('int_series_signals') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

signalled as (

    select
        *,
        min(nullif(disclosure_count, 0)) over (partition by series_number)
            as series_disclosure_count
    from series_signals

),

final as (

    select
        signalled.indicator_id,
        signalled.definition_id,
        signalled.geography_id,
        geographies.geography_name,
        signalled.period,
        signalled.breakdown,
        signalled.value,
        signalled.value_status,
        signalled.phase,
        signalled.has_baseline and signalled.is_basis as is_baseline,
        signalled.centre,
        signalled.lower_limit,
        signalled.upper_limit,
        signalled.median,
        case when signalled.centre is null then 'too_few_months' else 'published' end as limits_status,
        case
            when signalled.value is not null and signalled.centre is not null
                then concat_ws(
                    ',',
                    case when signalled.is_outside then 'outside' end,
                    case when signalled.is_mean_shift then 'shift_mean' end,
                    case when signalled.is_median_shift then 'shift_median' end,
                    case when signalled.is_trend then 'trend' end
                )
        end as signals,
        cast(signalled.series_disclosure_count as bigint) as disclosure_count
    from signalled
    inner join geographies
        on signalled.geography_id = geographies.geography_id

)

select * from final
