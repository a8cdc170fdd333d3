-- Kaplan-Meier: the share still on is multiplied down by the share of those at risk whose spell ends in the month. Where
-- those who have ended are too few to be shown, the curve has no point, and they all count in its first one.
with

duration_counts as (

    select * from {{ ref('duration_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

ended as (

    select
        *,
        coalesce(ended_by_count, 0) - coalesce(lag(ended_by_count) over from_entry, 0) as ended_count
    from duration_counts
    window from_entry as (partition by geography_id, period_year, definition_id order by month_since_entry)

),

survived as (

    select
        *,
        exp(sum(ln(nullif(1 - {{ protected_share('ended_count', 'at_risk_count') }}, 0))) over from_entry)
            as survived_share,
        max(case when ended_count > 0 and ended_count >= at_risk_count then 1 else 0 end) over from_entry as is_empty,
        max(at_risk_count) over (partition by geography_id, period_year, definition_id) as entered_count
    from ended
    window from_entry as (
        partition by geography_id, period_year, definition_id
        order by month_since_entry
        rows between unbounded preceding and current row
    )

),

judged as (

    select
        survived.*,
        case
            when not survived.is_reported then 'not_reported'
            when survived.entered_count is null then 'suppressed'
            when survived.ended_by_count is null or survived.at_risk_count is null then 'suppressed'
            when survived.at_risk_count > 0 and not {{ is_denominator_shown('survived.at_risk_count') }} then 'suppressed'
            when survived.at_risk_count > 0 or survived.is_empty = 1 then 'published'
            when survived.month_since_entry = 0 or survived.entered_count = 0 then 'not_applicable'
            else 'not_reported'
        end as value_status
    from survived
    cross join rules

),

final as (

    select
        judged.geography_id,
        geographies.geography_name,
        judged.municipalities_included,
        geography_years.municipalities_total,
        judged.definition_id,
        judged.period_year as entry_year,
        judged.month_since_entry,
        judged.value_status,
        case when judged.value_status in ('published', 'suppressed') then judged.at_risk_count end as at_risk_count,
        case when judged.value_status in ('published', 'suppressed') then judged.ended_by_count end as ended_by_count,
        case when judged.value_status in ('published', 'suppressed') then judged.censored_by_count end as censored_by_count,
        case
            when judged.value_status <> 'published' then null
            when judged.is_empty = 1 then 0
            else round(coalesce(judged.survived_share, 1), 9)
        end as survival_share
    from judged
    inner join geographies
        on judged.geography_id = geographies.geography_id
    left join geography_years
        on
            judged.geography_id = geography_years.geography_id
            and judged.period_year = geography_years.period_year

)

select * from final
