-- Why a value is not reported: the months of its window that have not been delivered. Municipalities that have never
-- delivered anything are not among them; geography_coverage counts those too.
with

units as (

    select
        municipality_code,
        {{ month_index('period_year', 'month_number') }} as month_index
    from {{ ref('stg_register__months_in_force') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

year_range as (

    select
        min(period_year) as first_year,
        max(period_year) as last_year
    from municipality_years

),

-- a window of the first year reaches back before the register
calendar as (

    select
        cast(all_years.range_year as integer) as period_year,
        month_numbers.month_number,
        {{ month_period('all_years.range_year', 'month_numbers.month_number') }} as period,
        {{ month_index('cast(all_years.range_year as integer)', 'month_numbers.month_number') }} as month_index
    from {{ year_series() }} as all_years
    cross join {{ month_numbers() }} as month_numbers
    cross join year_range
    where all_years.range_year between year_range.first_year - 2 and year_range.last_year

),

month_range as (

    select
        min(month_index) as first_month_index,
        max(month_index) as last_month_index
    from units

),

month_windows as (

    select 1 as window_months
    union all
    select 12 as window_months

),

year_windows as (

    select 12 as window_months
    union all
    select 36 as window_months

),

-- the periods that have values: months from the first delivered to the last, and years
windows as (

    select
        calendar.period,
        calendar.period_year,
        calendar.month_index as last_month_index,
        window_lengths.window_months
    from calendar
    cross join month_windows as window_lengths
    cross join month_range
    where calendar.month_index between month_range.first_month_index and month_range.last_month_index
    union all
    select
        cast(calendar.period_year as varchar) as period,
        calendar.period_year,
        calendar.month_index as last_month_index,
        window_lengths.window_months
    from calendar
    cross join year_range
    cross join year_windows as window_lengths
    where calendar.month_number = 12 and calendar.period_year >= year_range.first_year

),

municipalities as (

    select distinct municipality_code from municipality_years

),

not_delivered as (

    select
        municipalities.municipality_code,
        calendar.month_index
    from municipalities
    cross join calendar
    left join units
        on
            municipalities.municipality_code = units.municipality_code
            and calendar.month_index = units.month_index
    where units.month_index is null

),

missing as (

    select
        not_delivered.municipality_code,
        windows.period,
        windows.window_months,
        windows.period_year,
        not_delivered.month_index,
        not_delivered.month_index - row_number() over (
            partition by not_delivered.municipality_code, windows.period, windows.window_months
            order by not_delivered.month_index
        ) as run_number
    from not_delivered
    inner join windows
        on
            not_delivered.month_index <= windows.last_month_index
            and not_delivered.month_index > windows.last_month_index - windows.window_months

),

runs as (

    select
        missing.municipality_code,
        missing.period,
        missing.window_months,
        missing.period_year,
        count(*) as months_count,
        min(missing.month_index) as first_month_index,
        min(calendar.period) as first_month,
        max(calendar.period) as last_month
    from missing
    inner join calendar
        on missing.month_index = calendar.month_index
    group by
        missing.municipality_code, missing.period, missing.window_months, missing.period_year, missing.run_number

),

by_municipality as (

    select
        municipality_code,
        period,
        window_months,
        period_year,
        sum(months_count) as months_count,
        string_agg(
            case when months_count = 1 then first_month else first_month || '–' || last_month end, ', '
            order by first_month_index
        ) as missing_months
    from runs
    group by municipality_code, period, window_months, period_year

),

first_months as (

    select
        units.municipality_code,
        min(calendar.period) as first_month
    from units
    inner join calendar
        on units.month_index = calendar.month_index
    group by units.municipality_code

),

members as (

    select
        member_years.geography_id,
        member_years.period_year,
        count(*) as municipalities_count,
        min(first_months.first_month) as register_begins_month
    from municipalities
    inner join member_years
        on municipalities.municipality_code = member_years.municipality_code
    left join first_months
        on municipalities.municipality_code = first_months.municipality_code
    group by member_years.geography_id, member_years.period_year

),

final as (

    select
        member_years.geography_id,
        by_municipality.period,
        by_municipality.window_months,
        count(*) < max(members.municipalities_count) as is_reported,
        cast(count(*) as integer) as municipalities_missing,
        cast(sum(by_municipality.months_count) as integer) as municipality_months_missing,
        case when member_years.geography_type = 'municipality' then max(by_municipality.missing_months) end
            as missing_months,
        case
            when member_years.geography_type <> 'municipality'
                then string_agg(geographies.geography_name, ', ' order by geographies.geography_name)
        end as missing_municipalities,
        max(members.register_begins_month) as register_begins_month
    from by_municipality
    inner join member_years
        on
            by_municipality.municipality_code = member_years.municipality_code
            and by_municipality.period_year = member_years.period_year
    inner join geographies
        on by_municipality.municipality_code = geographies.geography_id
    inner join members
        on
            member_years.geography_id = members.geography_id
            and member_years.period_year = members.period_year
    group by
        member_years.geography_id,
        member_years.geography_type,
        by_municipality.period,
        by_municipality.window_months

)

select * from final
