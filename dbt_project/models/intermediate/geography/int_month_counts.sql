-- Monthly figures need only the month itself to be delivered, so the running year shows at once.
with

person_area_years as (

    select * from {{ ref('int_person_area_years') }}

),

household_years as (

    select * from {{ ref('int_household_years') }}

),

paid_months as (

    select * from {{ ref('int_paid_months') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

year_counts as (

    select
        geography_id,
        period_year,
        is_additive,
    {% for month_number in range(1, 13) %}
        sum({{ has_month('month_bits', month_number) }}) as recipients_{{ month_number }}{{ "," if not loop.last }}
    {% endfor %}
    from person_area_years
    group by geography_id, period_year, is_additive

),

recipients as (

    {% for month_number in range(1, 13) %}
        select
            geography_id,
            period_year,
            {{ month_number }} as month_number,
            is_additive,
            recipients_{{ month_number }} as recipients_count
        from year_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

),

recipients_by_area as (

    {{ summed_upwards('recipients', ['period_year', 'month_number'], ['recipients_count']) }}

),

household_counts as (

    select
        municipality_code,
        period_year,
    {% for month_number in range(1, 13) %}
        sum({{ has_month('month_bits', month_number) }}) as households_{{ month_number }}{{ "," if not loop.last }}
    {% endfor %}
    from household_years
    group by municipality_code, period_year

),

households as (

    {% for month_number in range(1, 13) %}
        select
            municipality_code,
            period_year,
            {{ month_number }} as month_number,
            households_{{ month_number }} as households_count
        from household_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

),

households_by_area as (

    select
        member_years.geography_id,
        households.period_year,
        households.month_number,
        cast(sum(households.households_count) as bigint) as households_count,
        -- only of municipalities that have told the month's money
        cast(sum(
            case
                when {{ has_month('municipality_years.paid_bits', 'households.month_number') }} = 1
                    then paid_months.paid_sek
                else 0
            end
        ) as decimal(18, 2)) as paid_sek
    from households
    inner join municipality_years
        on
            households.municipality_code = municipality_years.municipality_code
            and households.period_year = municipality_years.period_year
    left join paid_months
        on
            households.municipality_code = paid_months.municipality_code
            and households.period_year = paid_months.period_year
            and households.month_number = paid_months.month_number
    inner join member_years
        on
            households.municipality_code = member_years.municipality_code
            and households.period_year = member_years.period_year
    group by member_years.geography_id, households.period_year, households.month_number

),

final as (

    select
        recipients_by_area.geography_id,
        recipients_by_area.period_year,
        cast(recipients_by_area.month_number as integer) as month_number,
        recipients_by_area.recipients_count,
        coalesce(households_by_area.households_count, 0) as households_count,
        coalesce(households_by_area.paid_sek, 0) as paid_sek
    from recipients_by_area
    left join households_by_area
        on
            recipients_by_area.geography_id = households_by_area.geography_id
            and recipients_by_area.period_year = households_by_area.period_year
            and recipients_by_area.month_number = households_by_area.month_number

)

select * from final
