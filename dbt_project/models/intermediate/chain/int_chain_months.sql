-- From the first month that the municipality delivered measures for: before it nobody knows who had one. `run_last_index` is
-- the last month that it has delivered without a hole since.
with

municipality_months as (

    select * from {{ ref('int_municipality_months') }}
    where is_delivered

),

optional_months as (

    select * from {{ ref('stg_register__optional_months_in_force') }}
    where kind = 'measures'

),

begun as (

    select
        municipality_code,
        min({{ month_index('period_year', 'month_number') }}) as first_month_index
    from optional_months
    group by municipality_code

),

final as (

    select
        municipality_months.municipality_code,
        municipality_months.period_year,
        municipality_months.month_number,
        municipality_months.month_index,
        municipality_months.delivered_before,
        municipality_months.month_index + municipality_months.delivered_after - 1 as run_last_index
    from municipality_months
    inner join begun
        on
            municipality_months.municipality_code = begun.municipality_code
            and municipality_months.month_index >= begun.first_month_index

)

select * from final
