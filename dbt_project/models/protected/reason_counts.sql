with

reason_counts as (

    select
        *,
        case when sex is null then 0 else 1 end
        + case when age_band is null then 0 else 1 end
        + case when origin is null then 0 else 1 end
        + case when children is null then 0 else 1 end
        + case when duration = 'all' then 0 else 1 end
        + 1 as dimensions_count
    from {{ ref('int_reason_counts') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

variants as (

    select definitions.definition_id
    from {{ ref('definitions') }} as definitions
    inner join {{ ref('left_out') }} as left_out
        on left_out.kind = 'crosses' and left_out.value = 'variants'
    inner join rules
        on left_out.profile = rules.profile
    where definitions.definition_status <> 'official'

),

left_out_bands as (

    select left_out.value
    from {{ ref('left_out') }} as left_out
    inner join rules
        on left_out.profile = rules.profile
    where left_out.kind = 'age_band'

),

final as (

    select
        counts.geography_id,
        counts.period_year,
        counts.is_reported_1y,
        counts.definition_id,
        counts.reason,
        counts.sex,
        counts.age_band,
        counts.origin,
        counts.children,
        counts.duration,
        cast({{ protected_count('counts.adults_count') }} as bigint) as adults_count,
        cast({{ protected_count('counts.adults_with_reason_count') }} as bigint) as adults_with_reason_count
    from reason_counts as counts
    cross join rules
    where
        -- a group without adults has no row, except those that are always there: a row would tell that it is not empty
        (
            counts.adults_count > rules.band_to
            or (
                counts.age_band is null and counts.origin is null and counts.children is null
                and counts.duration in ('all', 'longterm', 'not_longterm')
            )
        )
        and counts.dimensions_count <= coalesce(rules.most_dimensions, counts.dimensions_count)
        and (
            counts.dimensions_count = 1
            or counts.definition_id not in (select variants.definition_id from variants)
        )
        and (
            counts.age_band is null
            or counts.age_band not in (select left_out_bands.value from left_out_bands)
        )

)

select * from final
