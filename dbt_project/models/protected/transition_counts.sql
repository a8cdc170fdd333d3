with

transition_counts as (

    select * from {{ ref('int_transition_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        counts.geography_id,
        counts.period_year,
        counts.is_reported_1y,
        counts.definition_id,
        counts.from_reason,
        counts.to_reason,
        counts.from_sort_order,
        counts.to_sort_order,
        cast({{ protected_count('counts.adults_count') }} as bigint) as adults_count,
        cast({{ protected_count('counts.from_adults_count') }} as bigint) as from_adults_count
    from transition_counts as counts
    cross join rules

)

select * from final
