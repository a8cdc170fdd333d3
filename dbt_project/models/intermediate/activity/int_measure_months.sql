-- Persons in each measure on any day of a month, from its first to the register's last; and what was counted by hand, which
-- is never added to them.
with

measures as (

    select * from {{ ref('stg_register__measures') }}
    where start_date is not null

),

hand_counts as (

    select * from {{ ref('stg_register__hand_counts') }}

),

known_months as (

    select period_month from {{ ref('stg_register__months_in_force') }}
    union
    select period_month from {{ ref('stg_register__optional_months_in_force') }}

),

final as (

    select
        measures.municipality_code,
        known_months.period_month,
        measures.measure_name,
        'register' as count_source,
        count(distinct measures.person_id) as persons_count
    from measures
    inner join known_months
        on
            measures.start_date < known_months.period_month + interval 1 month
            and (measures.end_date is null or measures.end_date >= known_months.period_month)
    group by measures.municipality_code, known_months.period_month, measures.measure_name
    union all
    select
        municipality_code,
        period_month,
        measure_name,
        'by_hand' as count_source,
        persons_count
    from hand_counts

)

select * from final
