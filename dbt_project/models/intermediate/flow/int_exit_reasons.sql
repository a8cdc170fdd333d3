-- Of several reasons in the last month (two households) the first in the list counts, so a stated reason before a blank.
with

spell_edges as (

    select * from {{ ref('int_spell_edges') }}
    where is_exit and age >= 18

),

stated_reasons as (

    select * from {{ ref('stg_register__exit_reasons') }}

),

exit_units as (

    select * from {{ ref('stg_register__exit_months_in_force') }}

),

reasons as (

    select * from {{ ref('exit_reasons') }}

),

first_stated as (

    select
        stated_reasons.person_id,
        stated_reasons.municipality_code,
        stated_reasons.period_year,
        stated_reasons.month_number,
        min(reasons.sort_order) as sort_order
    from stated_reasons
    inner join reasons
        on stated_reasons.exit_reason_code = reasons.exit_reason_code
    group by
        stated_reasons.person_id, stated_reasons.municipality_code, stated_reasons.period_year,
        stated_reasons.month_number

),

final as (

    select
        spell_edges.person_id,
        spell_edges.municipality_code,
        spell_edges.period_year,
        spell_edges.month_number,
        spell_edges.sex,
        coalesce(reasons.exit_reason_code, 'uppgift_saknas') as exit_reason,
        exit_units.delivery_id is not null as is_delivered
    from spell_edges
    left join exit_units
        on
            spell_edges.municipality_code = exit_units.municipality_code
            and spell_edges.period_year = exit_units.period_year
            and spell_edges.month_number = exit_units.month_number
    left join first_stated
        on
            spell_edges.person_id = first_stated.person_id
            and spell_edges.municipality_code = first_stated.municipality_code
            and spell_edges.period_year = first_stated.period_year
            and spell_edges.month_number = first_stated.month_number
    left join reasons
        on first_stated.sort_order = reasons.sort_order

)

select * from final
