with

group_overlaps as (

    select * from {{ ref('int_group_overlaps') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        counts.geography_id,
        counts.municipality_code,
        counts.period,
        counts.breakdown,
        counts.measure,
        -- too few to be shown are left out of a sum
        {{ protected_count('counts.overlap_count') }} as overlap_count
    from group_overlaps as counts
    cross join rules

)

select * from final
where overlap_count is not null
