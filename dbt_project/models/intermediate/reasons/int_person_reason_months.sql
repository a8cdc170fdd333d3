-- Mapped to publication category first; a person in two households with the same category in a month counts it once.
-- The second reason of a decision counts for `any` only: month_bits is the first reason, any_month_bits both.
with

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

person_years as (

    select * from {{ ref('int_person_years') }}
    where age >= 18

),

-- read once for each reason: kept for both, the months of all persons would fill the memory
stated as (

    select
        person_id,
        municipality_code,
        period_year,
        month_number,
        reason_code,
        reason_text,
        true as is_first
    from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')
    union all
    select
        person_id,
        municipality_code,
        period_year,
        month_number,
        reason_code_2 as reason_code,
        null as reason_text,
        false as is_first
    from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS') and reason_code_2 is not null

),

mapped as (

    select
        stated.person_id,
        stated.municipality_code,
        stated.period_year,
        stated.month_number,
        stated.is_first,
        case
            when reason_categories.publication_category is not null then reason_categories.publication_category
            when stated.reason_code is not null or stated.reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as publication_category,
        coalesce(reason_categories.is_sick_without_benefit, false) as is_sick_without_benefit
    from stated
    left join reason_categories
        on stated.reason_code = reason_categories.reason_code

),

grouped as (

    select
        person_id,
        municipality_code,
        period_year,
        publication_category,
        bit_or(case when is_first then {{ month_bit('month_number') }} else 0 end) as month_bits,
        bit_or({{ month_bit('month_number') }}) as any_month_bits,
        bool_or(is_sick_without_benefit) as is_sick_without_benefit
    from mapped
    group by person_id, municipality_code, period_year, publication_category

),

-- what is left blank in one household and stated in another is not blank
without_blanks as (

    select
        person_id,
        municipality_code,
        period_year,
        publication_category,
        {{ stated_before_blank('municipality_code') }} as month_bits,
        any_month_bits,
        is_sick_without_benefit
    from grouped

),

final as (

    select
        grouped.person_id,
        grouped.municipality_code,
        grouped.period_year,
        grouped.publication_category,
        grouped.month_bits,
        grouped.any_month_bits,
        grouped.is_sick_without_benefit,
        person_years.sex,
        person_years.municipalities_count = 1 as is_additive
    from without_blanks as grouped
    inner join person_years
        on
            grouped.person_id = person_years.person_id
            and grouped.period_year = person_years.period_year
    where grouped.publication_category <> 'uppgift_saknas' or grouped.month_bits <> 0

)

select * from final
