-- A child of the register is a BARN row; how old, by the month.
with

children as (

    select
        household_id,
        municipality_code,
        period_year,
        month_number,
        {{ month_index('period_year', 'month_number') }} as month_index,
        person_id,
        {{ age_at_month(month_index('period_year', 'month_number'), 'birth_year', 'birth_month') }} as age
    from {{ ref('stg_register__person_months') }}
    where
        role = 'BARN'
        and period_month >= {{ activity_date('target_group_from') }}

),

rules as (

    select * from {{ constants(['cap_child_age']) }} as rule_values

),

final as (

    select
        children.household_id,
        children.municipality_code,
        children.period_year,
        children.month_number,
        children.month_index,
        min(children.age) as youngest_age,
        count(distinct case when children.age < rules.cap_child_age then children.person_id end) as children_count
    from children
    cross join rules
    group by
        children.household_id, children.municipality_code, children.period_year, children.month_number,
        children.month_index

)

select * from final
