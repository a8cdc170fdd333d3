-- Figures of months and quarters need only their own months to be delivered, so the running year shows at once.
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

year_parts as (

    select * from {{ year_parts() }} as parts

),

year_counts as (

    select
        geography_id,
        period_year,
        is_additive,
    {% for number in range(1, 17) %}
        sum(
            {{- has_month('month_bits', number) if number <= 12 else has_month('quarter_bits', number - 12) -}}
        ) as recipients_{{ number }}{{ "," if not loop.last }}
    {% endfor %}
    from person_area_years
    group by geography_id, period_year, is_additive

),

recipients as (

    {% for number in range(1, 17) %}
        select
            geography_id,
            period_year,
            {{ number }} as part_number,
            is_additive,
            recipients_{{ number }} as recipients_count
        from year_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

),

recipients_by_area as (

    {{ summed_upwards('recipients', ['period_year', 'part_number'], ['recipients_count']) }}

),

household_counts as (

    select
        household_years.municipality_code,
        household_years.period_year,
        year_parts.part_number,
        year_parts.part_bits,
        count(*) as households_count
    from household_years
    inner join year_parts
        on (household_years.month_bits & year_parts.part_bits) <> 0
    group by
        household_years.municipality_code, household_years.period_year, year_parts.part_number, year_parts.part_bits

),

paid_parts as (

    select
        municipality_code,
        period_year,
        month_number as part_number,
        paid_sek
    from paid_months
    union all
    select
        municipality_code,
        period_year,
        cast(12 + floor((month_number + 2) / 3) as integer) as part_number,
        sum(paid_sek) as paid_sek
    from paid_months
    group by municipality_code, period_year, cast(12 + floor((month_number + 2) / 3) as integer)

),

households_by_area as (

    select
        member_years.geography_id,
        household_counts.period_year,
        household_counts.part_number,
        cast(sum(household_counts.households_count) as bigint) as households_count,
        -- only of municipalities that have told the money of every month of it
        cast(sum(
            case
                when (municipality_years.paid_bits & household_counts.part_bits) = household_counts.part_bits
                    then paid_parts.paid_sek
                else 0
            end
        ) as decimal(18, 2)) as paid_sek
    from household_counts
    inner join municipality_years
        on
            household_counts.municipality_code = municipality_years.municipality_code
            and household_counts.period_year = municipality_years.period_year
            and (municipality_years.delivered_bits & household_counts.part_bits) = household_counts.part_bits
    left join paid_parts
        on
            household_counts.municipality_code = paid_parts.municipality_code
            and household_counts.period_year = paid_parts.period_year
            and household_counts.part_number = paid_parts.part_number
    inner join member_years
        on
            household_counts.municipality_code = member_years.municipality_code
            and household_counts.period_year = member_years.period_year
    group by member_years.geography_id, household_counts.period_year, household_counts.part_number

),

final as (

    select
        recipients_by_area.geography_id,
        recipients_by_area.period_year,
        cast(recipients_by_area.part_number as integer) as part_number,
        recipients_by_area.recipients_count,
        coalesce(households_by_area.households_count, 0) as households_count,
        coalesce(households_by_area.paid_sek, 0) as paid_sek
    from recipients_by_area
    left join households_by_area
        on
            recipients_by_area.geography_id = households_by_area.geography_id
            and recipients_by_area.period_year = households_by_area.period_year
            and recipients_by_area.part_number = households_by_area.part_number

)

select * from final
