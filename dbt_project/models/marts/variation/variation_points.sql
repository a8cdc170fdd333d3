with

series_signals as (

    select * from {{ ref('int_series_signals') }}

),

monthly_series as (

    select * from {{ ref('monthly_series') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

final as (

    select
        series_signals.indicator_id,
        series_signals.definition_id,
        series_signals.geography_id,
        geographies.geography_name,
        series_signals.period,
        series_signals.breakdown,
        monthly_series.municipalities_included,
        monthly_series.municipalities_total,
        series_signals.value,
        series_signals.value_status,
        series_signals.phase,
        series_signals.has_baseline and series_signals.is_basis as is_baseline,
        series_signals.centre,
        series_signals.lower_limit,
        series_signals.upper_limit,
        series_signals.median,
        case
            when series_signals.centre is not null then 'published'
            when
                bool_or(series_signals.value_status = 'suppressed' and series_signals.is_basis)
                    over (partition by series_signals.series_number, series_signals.phase)
                then 'suppressed'
            else 'too_few_months'
        end as limits_status,
        case
            when series_signals.value is not null and series_signals.centre is not null
                then concat_ws(
                    ',',
                    case when series_signals.is_outside then 'outside' end,
                    case when series_signals.is_mean_shift then 'shift_mean' end,
                    case when series_signals.is_median_shift then 'shift_median' end,
                    case when series_signals.is_trend then 'trend' end
                )
        end as signals
    from series_signals
    inner join monthly_series
        on
            series_signals.indicator_id = monthly_series.indicator_id
            and series_signals.definition_id = monthly_series.definition_id
            and series_signals.geography_id = monthly_series.geography_id
            and series_signals.period = monthly_series.period
            and series_signals.breakdown = monthly_series.breakdown
    inner join geographies
        on series_signals.geography_id = geographies.geography_id

)

select * from final
