-- Adults with each reason in each month of the register; a delivered month without any is a count of none.
with

months as (

    select
        geography_id,
        period,
        period_year,
        is_reported
    from {{ ref('int_indicators_monthly') }}
    where indicator_id = 'recipients' and period not like '%Q%'

),

reason_month_counts as (

    select * from {{ ref('int_reason_month_counts') }}

),

reasons as (

    select * from {{ ref('publication_categories') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        months.geography_id,
        months.period,
        months.is_reported,
        reasons.publication_category as reason,
        {{ protected_count('coalesce(counts.adults_count, 0)') }} as adults_count
    from months
    cross join reasons
    cross join rules
    left join reason_month_counts as counts
        on
            months.geography_id = counts.geography_id
            and months.period_year = counts.period_year
            and cast(right(months.period, 2) as integer) = counts.month_number
            and reasons.publication_category = counts.publication_category

)

select * from final
