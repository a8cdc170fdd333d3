-- A count of one month is nearly always in the band; those who have ended by a month are not, and a curve stands on them.
with

duration_counts as (

    select * from {{ ref('int_duration_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        counts.geography_id,
        counts.period_year,
        counts.definition_id,
        counts.month_since_entry,
        counts.is_reported,
        counts.municipalities_included,
        cast({{ protected_count('counts.at_risk_count') }} as bigint) as at_risk_count,
        -- where those left are in the band, those who are gone would tell how many they are
        case
            when counts.at_risk_count > rules.band_to then cast({{ protected_count('counts.ended_by_count') }} as bigint)
        end as ended_by_count,
        case
            when counts.at_risk_count > rules.band_to then cast({{ protected_count('counts.censored_by_count') }} as bigint)
        end as censored_by_count
    from duration_counts as counts
    cross join rules

)

select * from final
