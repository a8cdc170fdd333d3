-- Each spell is laid out from its first month, five years ahead, and ends before the first run of empty months that is
-- longer than the break allowed. An end can be seen only while every municipality where the person has had aid since then
-- delivers, so the spell is followed (months_judged) to the last month whose end could have been seen.
{% set months_ahead = 60 %}
with

spell_edges as (

    select * from {{ ref('int_spell_edges') }}
    where is_entry

),

person_municipality_years as (

    select * from {{ ref('int_person_municipality_years') }}

),

municipality_months as (

    select * from {{ ref('int_municipality_months') }}

),

spell_definitions as (

    select
        definition_id,
        max_break_months
    from {{ ref('definitions') }}
    where definition_id like 'spell:%'

),

rules as (

    select * from {{ constants(['curve_months']) }} as rule_values

),

-- one row per spell, municipality and year: the months with aid there since the spell began, its first month first
ahead as (

    select
        spell_edges.person_id,
        spell_edges.municipality_code as entry_municipality_code,
        spell_edges.period_year as entry_year,
        spell_edges.month_index as entry_month_index,
        person_municipality_years.municipality_code,
        person_municipality_years.period_year,
        {{ months_since(
            'person_municipality_years.month_bits',
            'person_municipality_years.period_year - spell_edges.period_year',
            'spell_edges.month_number'
        ) }} as ahead_bits
    from spell_edges
    inner join person_municipality_years
        on
            spell_edges.person_id = person_municipality_years.person_id
            and spell_edges.period_year <= person_municipality_years.period_year
            and spell_edges.period_year + {{ months_ahead // 12 }} > person_municipality_years.period_year

),

-- the spell over all municipalities, and the last month that all of them have delivered since the person came there
known as (

    select
        ahead.person_id,
        ahead.entry_municipality_code,
        ahead.entry_year,
        ahead.entry_month_index,
        bit_or(ahead.ahead_bits) as spell_bits,
        min(municipality_months.month_index + municipality_months.delivered_after - 1) as last_known_month_index
    from ahead
    inner join municipality_months
        on
            ahead.municipality_code = municipality_months.municipality_code
            and ahead.entry_month_index + {{ lowest_month('ahead.ahead_bits') }} - 1 = municipality_months.month_index
    where ahead.ahead_bits <> 0
    group by ahead.person_id, ahead.entry_municipality_code, ahead.entry_year, ahead.entry_month_index

),

lengths as (

    select
        known.person_id,
        known.entry_municipality_code as municipality_code,
        known.entry_year,
        known.entry_month_index,
        spell_definitions.definition_id,
        {{ months_before_break('known.spell_bits', 'spell_definitions.max_break_months + 1', months_ahead) }}
            as months_count,
        greatest(
            least(
                known.last_known_month_index - known.entry_month_index - spell_definitions.max_break_months,
                rules.curve_months
            ),
            0
        ) as months_judged
    from known
    cross join spell_definitions
    cross join rules

),

final as (

    select
        person_id,
        municipality_code,
        entry_year,
        entry_month_index,
        definition_id,
        months_count between 1 and months_judged as is_ended,
        case when months_count between 1 and months_judged then months_count else months_judged end as months_followed
    from lengths

)

select * from final
