-- Spells of municipalities whose beginnings of the whole year are known; a spell belongs to where it began.
with

spell_durations as (

    select * from {{ ref('int_spell_durations') }}

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where is_entry_reported and length(period) = 4

),

counts as (

    select
        spell_durations.municipality_code as geography_id,
        spell_durations.entry_year as period_year,
        spell_durations.definition_id,
        spell_durations.months_followed,
        true as is_additive,
        count(case when spell_durations.is_ended then 1 end) as ended_count,
        count(case when not spell_durations.is_ended then 1 end) as censored_count
    from spell_durations
    inner join flow_periods
        on
            spell_durations.municipality_code = flow_periods.municipality_code
            and spell_durations.entry_year = flow_periods.period_year
    group by
        spell_durations.municipality_code, spell_durations.entry_year, spell_durations.definition_id,
        spell_durations.months_followed

),

final as (

    {{ summed_upwards(
        'counts',
        ['period_year', 'definition_id', 'months_followed'],
        ['ended_count', 'censored_count']
    ) }}

)

select * from final
