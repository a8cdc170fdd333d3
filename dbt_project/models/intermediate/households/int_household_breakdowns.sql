-- The parts of a breakdown that a household type stands in: the type itself, the wider type that Kolada publishes, and
-- whether there are children.
{{ config(materialized='view') }}

with

household_types as (

    select * from {{ ref('household_types') }}

),

final as (

    select
        household_type,
        'household_type=' || household_type as breakdown
    from household_types
    union all
    select
        household_type,
        'household_type=' || wider_household_type as breakdown
    from household_types
    where wider_household_type is not null
    union all
    select
        household_type,
        case
            when has_children then 'children=med_barn'
            when not has_children then 'children=utan_barn'
            else 'children=uppgift_saknas'
        end as breakdown
    from household_types
    union all
    select
        household_type,
        'total' as breakdown
    from household_types

)

select * from final
