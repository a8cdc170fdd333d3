-- Runs of delivered months: a window is whole when enough months in a row came before and after. The windows of flow
-- that stand on a month are judged here, once.
with

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

rules as (

    select * from {{ constants(
        ['entry_empty_months', 'exit_empty_months', 'return_months', 'month10_window_months']
    ) }} as rule_values

),

months as (

    select
        municipality_years.municipality_code,
        municipality_years.period_year,
        month_numbers.month_number,
        {{ month_index('municipality_years.period_year', 'month_numbers.month_number') }} as month_index,
        {{ has_month('municipality_years.delivered_bits', 'month_numbers.month_number') }} = 1 as is_delivered
    from municipality_years
    cross join {{ month_numbers() }} as month_numbers

),

runs as (

    select
        *,
        sum(case when is_delivered then 0 else 1 end) over (
            partition by municipality_code
            order by month_index
            rows between unbounded preceding and current row
        ) as holes_before
    from months

),

counted as (

    select
        municipality_code,
        period_year,
        month_number,
        month_index,
        is_delivered,
        case when is_delivered then cast(row_number() over from_first as integer) else 0 end as delivered_before,
        case when is_delivered then cast(row_number() over from_last as integer) else 0 end as delivered_after
    from runs
    window
        from_first as (partition by municipality_code, holes_before, is_delivered order by month_index),
        from_last as (partition by municipality_code, holes_before, is_delivered order by month_index desc)

),

final as (

    select
        counted.*,
        counted.delivered_before > rules.entry_empty_months as is_entry_reported,
        counted.delivered_after > rules.exit_empty_months as is_exit_reported,
        counted.delivered_before > rules.entry_empty_months
        and counted.delivered_after >= rules.month10_window_months as is_month10_reported,
        counted.delivered_after > rules.return_months as is_return_reported
    from counted
    cross join rules

)

select * from final
