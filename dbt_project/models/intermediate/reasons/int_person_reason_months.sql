-- Mapped to publication category first; a person in two households with the same category in a month counts it once.
with

person_months as (

    select * from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS')

),

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

person_years as (

    select * from {{ ref('int_person_years') }}
    where age >= 18

),

mapped as (

    select
        person_months.person_id,
        person_months.municipality_code,
        person_months.period_year,
        person_months.month_number,
        case
            when reason_categories.publication_category is not null then reason_categories.publication_category
            when person_months.reason_code is not null or person_months.reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as publication_category
    from person_months
    left join reason_categories
        on person_months.reason_code = reason_categories.reason_code

),

grouped as (

    select
        person_id,
        municipality_code,
        period_year,
        publication_category,
        bit_or({{ month_bit('month_number') }}) as month_bits
    from mapped
    group by person_id, municipality_code, period_year, publication_category

),

final as (

    select
        grouped.person_id,
        grouped.municipality_code,
        grouped.period_year,
        grouped.publication_category,
        grouped.month_bits
    from grouped
    inner join person_years
        on
            grouped.person_id = person_years.person_id
            and grouped.period_year = person_years.period_year

)

select * from final
