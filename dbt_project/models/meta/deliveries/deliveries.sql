with

delivery_months as (

    select * from {{ ref('delivery_month_counts') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

register_state as (

    select * from {{ ref('int_register_state') }}

),

municipalities as (

    select
        municipality_code,
        min(municipality_name) as municipality_name
    from {{ ref('municipalities') }}
    group by municipality_code

),

month_numbers as (

    select cast(range_year - 1984 as integer) as month_number
    from {{ year_series() }}
    where range_year between 1985 and 1996

),

missing_months as (

    select
        municipality_years.municipality_code,
        make_date(municipality_years.period_year, month_numbers.month_number, 1) as period_month
    from municipality_years
    cross join month_numbers
    where {{ has_month('municipality_years.delivered_bits', 'month_numbers.month_number') }} = 0

),

missing as (

    select
        cast(null as integer) as delivery_id,
        missing_months.municipality_code,
        missing_months.period_month
    from missing_months
    cross join register_state
    where missing_months.period_month between register_state.first_month and register_state.last_month

),

months as (

    select
        delivery_id,
        municipality_code,
        period_month,
        state,
        rule_id,
        kind as delivery_kind,
        received_at,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        rows_warned,
        households_count,
        persons_count
    from delivery_months
    union all
    select
        delivery_id,
        municipality_code,
        period_month,
        'missing',
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null
    from missing

),

final as (

    select
        months.municipality_code,
        municipalities.municipality_name,
        substr(cast(months.period_month as varchar), 1, 7) as period,
        months.state,
        months.delivery_id,
        months.delivery_kind,
        months.received_at,
        months.rule_id,
        months.rows_read,
        months.rows_loaded,
        months.rows_quarantined,
        months.rows_duplicate,
        months.rows_warned,
        months.households_count,
        months.persons_count
    from months
    left join municipalities
        on months.municipality_code = municipalities.municipality_code

)

select * from final
