-- Which municipalities stand behind a figure: those whose window is wholly delivered. An area is reported when at
-- least one of its municipalities is.
with

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

municipality_years as (

    select * from {{ ref('int_municipality_years') }}

),

existing as (

    select
        geography_id,
        period_year,
        cast(count(*) as integer) as municipalities_total
    from member_years
    group by geography_id, period_year

),

included as (

    select
        member_years.geography_id,
        member_years.geography_type,
        municipality_years.period_year,
        cast(sum(case when municipality_years.is_complete_1y then 1 else 0 end) as integer) as municipalities_included_1y,
        cast(sum(case when municipality_years.is_complete_3y then 1 else 0 end) as integer) as municipalities_included_3y,
        bit_or(municipality_years.delivered_bits) as delivered_bits,
        bit_or(municipality_years.paid_bits) as paid_bits,
        bit_or(cast(
            {{ whole_quarters('municipality_years.delivered_bits', 'municipality_years.delivered_bits') }} as bigint
        )) as delivered_quarter_bits,
        bit_or(cast({{ whole_quarters('municipality_years.paid_bits', 'municipality_years.paid_bits') }} as bigint))
            as paid_quarter_bits,
        max(case when municipality_years.is_paid_complete_1y then 1 else 0 end) = 1 as is_paid_reported_1y
    from municipality_years
    inner join member_years
        on
            municipality_years.municipality_code = member_years.municipality_code
            and municipality_years.period_year = member_years.period_year
    group by member_years.geography_id, member_years.geography_type, municipality_years.period_year

),

final as (

    select
        included.geography_id,
        included.geography_type,
        included.period_year,
        included.delivered_bits,
        included.paid_bits,
        included.delivered_quarter_bits,
        included.paid_quarter_bits,
        included.is_paid_reported_1y,
        included.municipalities_included_1y,
        included.municipalities_included_3y,
        existing.municipalities_total,
        included.municipalities_included_1y > 0 as is_reported_1y,
        included.municipalities_included_3y > 0 as is_reported_3y
    from included
    inner join existing
        on
            included.geography_id = existing.geography_id
            and included.period_year = existing.period_year

)

select * from final
