-- The first reason of a decision in each household that the adult stands in; blank only where none of them has any.
with

person_months as (

    select
        *,
        {{ month_index('period_year', 'month_number') }} as month_index
    from {{ ref('stg_register__person_months') }}
    where role in ('RL', 'MS') and period_year - birth_year >= 18

),

chain_months as (

    select * from {{ ref('int_chain_months') }}

),

reason_categories as (

    select * from {{ ref('reason_categories') }}

),

stated as (

    select
        person_months.person_id,
        person_months.municipality_code,
        person_months.month_index,
        case
            when reason_categories.publication_category is not null then reason_categories.publication_category
            when person_months.reason_code is not null or person_months.reason_text is not null then 'okand_kod'
            else 'uppgift_saknas'
        end as publication_category
    from person_months
    inner join chain_months
        on
            person_months.municipality_code = chain_months.municipality_code
            and person_months.month_index = chain_months.month_index
    left join reason_categories
        on person_months.reason_code = reason_categories.reason_code

),

judged as (

    select
        *,
        bool_or(publication_category <> 'uppgift_saknas') over (
            partition by person_id, municipality_code, month_index
        ) as has_reason
    from stated

),

final as (

    select distinct
        person_id,
        municipality_code,
        month_index,
        publication_category
    from judged
    where publication_category <> 'uppgift_saknas' or not has_reason

)

select * from final
