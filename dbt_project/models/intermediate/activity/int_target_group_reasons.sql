-- The first reason of a decision in each household that the adult stands in; blank only where none of them has any.
with

support_months as (

    select * from {{ ref('int_support_months') }}

),

person_months as (

    select
        *,
        {{ month_index('period_year', 'month_number') }} as month_index
    from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')

),

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

exemptions as (

    select * from {{ ref('activity_exemptions') }}

),

retirement_ages as (

    select
        from_year,
        retirement_age,
        lead(from_year, 1, 9999) over (order by from_year) as before_year
    from {{ ref('retirement_ages') }}

),

windows as (

    select * from {{ ref('int_activity_windows') }}
    where is_three_reported

),

children as (

    select * from {{ ref('int_household_children') }}

),

rules as (

    select * from {{ constants([
        'activity_months', 'activity_adult_age', 'activity_school_age', 'parental_leave_child_age', 'young_child_age'
    ]) }} as rule_values

),

adults as (

    select
        support_months.*,
        windows.period_year,
        windows.month_number,
        {{ age_at_month('support_months.month_index', 'support_months.birth_year', 'support_months.birth_month') }} as age
    from support_months
    inner join windows
        on
            support_months.municipality_code = windows.municipality_code
            and support_months.month_index = windows.month_index
    where support_months.is_applicant

),

target_group as (

    select
        adults.*,
        adults.age >= retirement_ages.retirement_age as is_past_retirement,
        count(*) over (partition by adults.person_id, adults.month_index) = 1 as is_additive
    from adults
    cross join rules
    inner join retirement_ages
        on
            adults.period_year >= retirement_ages.from_year
            and adults.period_year < retirement_ages.before_year
    where adults.age >= rules.activity_adult_age and adults.months_in_row >= rules.activity_months

),

stated as (

    select
        adults.*,
        case
            when reason_categories.publication_category is not null then reason_categories.publication_category
            when person_months.reason_code is not null or person_months.reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as publication_category,
        coalesce(
            case exemptions.exemption_rule
                when 'always' then true
                when 'under_21' then adults.age < rules.activity_school_age
                when 'child_under_1' then children.youngest_age < rules.parental_leave_child_age
            end,
            false
        ) as is_exempt,
        coalesce(children.youngest_age < rules.young_child_age, false) as has_young_child
    from target_group as adults
    cross join rules
    inner join person_months
        on
            adults.person_id = person_months.person_id
            and adults.municipality_code = person_months.municipality_code
            and adults.month_index = person_months.month_index
    left join reason_categories
        on person_months.reason_code = reason_categories.reason_code
    left join exemptions
        on person_months.reason_code = exemptions.reason_code
    left join children
        on
            person_months.municipality_code = children.municipality_code
            and person_months.household_id = children.household_id
            and person_months.month_index = children.month_index

),

-- what one household shows holds for the person; what is left blank in one and stated in another is not blank
judged as (

    select
        *,
        bool_or(is_exempt) over (partition by person_id, municipality_code, month_index) as is_person_exempt,
        bool_or(has_young_child) over (partition by person_id, municipality_code, month_index) as is_near_young_child,
        bool_or(publication_category <> 'uppgift_saknas') over (
            partition by person_id, municipality_code, month_index
        ) as has_reason
    from stated

),

final as (

    select
        person_id,
        municipality_code,
        period_year,
        month_number,
        month_index,
        sex,
        birth_year,
        age,
        months_in_row,
        publication_category,
        is_past_retirement or is_person_exempt as is_exempt,
        is_near_young_child as has_young_child,
        is_additive
    from judged
    where publication_category <> 'uppgift_saknas' or not has_reason
    group by
        person_id, municipality_code, period_year, month_number, month_index, sex, birth_year, age, months_in_row,
        publication_category, is_past_retirement, is_person_exempt, is_near_young_child, is_additive

)

select * from final
