-- The share that has ended for a reason by each month, where other reasons compete and those no longer followed leave the
-- rest (Aalen–Johansen): each month's share of those still there, times the share that was still there before it, added up.
with

counts as (

    select * from {{ ref('measure_exit_counts') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

exit_reasons as (

    select * from {{ ref('exit_reasons') }}

),

measure_kind_names as (

    select distinct
        measure_kind,
        measure_kind_name
    from {{ ref('measure_kinds') }}

),

hazards as (

    select
        *,
        cast(all_ended_count as double) / at_risk_count as all_share,
        cast(ended_count as double) / at_risk_count as own_share
    from counts

),

-- a month in which all of those left ended leaves nobody for the months after it, so there are none
remaining as (

    select
        *,
        coalesce(exp(sum(ln(nullif(1 - all_share, 0))) over (
            partition by municipality_code, first_kind, exit_reason
            order by months_since_start
            rows between unbounded preceding and 1 preceding
        )), 1) as remaining_share
    from hazards

),

final as (

    select
        remaining.municipality_code as geography_id,
        geographies.geography_name,
        remaining.first_kind as measure_kind,
        {{ measure_kind_name('remaining.first_kind') }} as measure_kind_name,
        remaining.exit_reason,
        coalesce(exit_reasons.exit_reason_name, 'Alla') as exit_reason_name,
        remaining.months_since_start,
        remaining.at_risk_count,
        remaining.ended_count,
        sum(remaining.remaining_share * remaining.own_share) over (
            partition by remaining.municipality_code, remaining.first_kind, remaining.exit_reason
            order by remaining.months_since_start
            rows between unbounded preceding and current row
        ) as ended_share,
        remaining.remaining_share * (1 - remaining.all_share) as remaining_share
    from remaining
    inner join geographies
        on remaining.municipality_code = geographies.geography_id
    left join exit_reasons
        on remaining.exit_reason = exit_reasons.exit_reason_code
    left join measure_kind_names
        on remaining.first_kind = measure_kind_names.measure_kind

)

select * from final
