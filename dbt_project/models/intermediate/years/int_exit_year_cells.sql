-- Ends of aid in the years of a municipality whose ends are all known. What comes after an end is seen in all
-- municipalities, as far as the one where aid ended has delivered.
{% set traits = ['sex', 'age_band', 'months_of_twelve', 'exit_reason', 'months_until_return', 'months_followed'] %}
with

spell_edges as (

    select * from {{ ref('int_spell_edges') }}
    where is_exit

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where length(period) = 4 and is_exit_reported

),

municipality_months as (

    select * from {{ ref('int_municipality_months') }}

),

exit_reasons as (

    select * from {{ ref('int_exit_reasons') }}
    where is_delivered

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where is_finest

),

rules as (

    select * from {{ constants(['return_months']) }} as rule_values

),

ends as (

    select
        spell_edges.municipality_code,
        spell_edges.period_year,
        spell_edges.sex,
        age_bands.age_band,
        spell_edges.months_of_twelve,
        exit_reasons.exit_reason,
        spell_edges.months_until_return,
        cast(least(municipality_months.delivered_after - 1, rules.return_months) as integer) as months_followed
    from spell_edges
    inner join flow_periods
        on
            spell_edges.municipality_code = flow_periods.municipality_code
            and spell_edges.period_year = flow_periods.period_year
    inner join municipality_months
        on
            spell_edges.municipality_code = municipality_months.municipality_code
            and spell_edges.month_index = municipality_months.month_index
    inner join age_bands
        on spell_edges.age between age_bands.age_from and age_bands.age_to
    left join exit_reasons
        on
            spell_edges.person_id = exit_reasons.person_id
            and spell_edges.period_year = exit_reasons.period_year
            and spell_edges.month_number = exit_reasons.month_number
    cross join rules

),

final as (

    select
        municipality_code,
        period_year,
        {{ traits | join(',\n        ') }},
        count(*) as ends_count
    from ends
    group by
        municipality_code,
        period_year,
        {{ traits | join(',\n        ') }}

)

select * from final
