with

target_group_reasons as (

    select * from {{ ref('int_target_group_reasons') }}

),

windows as (

    select * from {{ ref('int_activity_windows') }}

),

rules as (

    select * from {{ constants(['six_months']) }} as rule_values

),

final as (

    select distinct
        target_group_reasons.person_id,
        target_group_reasons.municipality_code,
        target_group_reasons.period_year,
        target_group_reasons.month_number,
        target_group_reasons.month_index,
        target_group_reasons.sex,
        target_group_reasons.birth_year,
        target_group_reasons.age,
        target_group_reasons.is_exempt,
        target_group_reasons.has_young_child,
        target_group_reasons.months_in_row >= rules.six_months and windows.is_six_reported as is_six_months,
        target_group_reasons.is_additive
    from target_group_reasons
    cross join rules
    inner join windows
        on
            target_group_reasons.municipality_code = windows.municipality_code
            and target_group_reasons.month_index = windows.month_index

)

select * from final
