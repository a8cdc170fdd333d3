-- What a measure is called are the sender's own words, and few are in it: only a profile that shows such words has it.
with

measure_months as (

    select * from {{ ref('int_measure_months') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

final as (

    select
        counts.municipality_code,
        counts.period_month,
        counts.measure_name,
        counts.count_source,
        cast({{ protected_count('counts.persons_count') }} as bigint) as persons_count
    from measure_months as counts
    cross join rules
    where rules.shows_sender_text

)

select * from final
