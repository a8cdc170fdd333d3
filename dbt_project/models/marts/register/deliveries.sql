with

delivery_units as (

    select * from {{ ref('stg_register__delivery_units') }}

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

units as (

    select
        delivery_id,
        municipality_code,
        period_month,
        unit_state,
        rule_id,
        delivery_kind,
        received_at,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        rows_warned,
        households_count,
        persons_count
    from delivery_units
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
        units.municipality_code,
        municipalities.municipality_name,
        substr(cast(units.period_month as varchar), 1, 7) as period,
        units.unit_state as state,
        units.delivery_id,
        units.delivery_kind,
        units.received_at,
        units.rule_id,
        units.rows_read,
        units.rows_loaded,
        units.rows_quarantined,
        units.rows_duplicate,
        units.rows_warned,
        units.households_count,
        units.persons_count
    from units
    left join municipalities
        on units.municipality_code = municipalities.municipality_code

)

select * from final
