-- Every beginning and end belongs to one municipality, so counts of areas are sums of their municipalities'.
{% set measures = flow_measures() %}

with

spell_edges as (

    select * from {{ ref('int_spell_edges') }}

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where is_finest

),

rules as (

    select * from {{ constants(['return_last_exit_month']) }} as rule_values

),

months as (

    select
        municipality_code,
        period_year,
        month_number,
        sex,
        age,
        count(case when is_entry then 1 end) as entries,
        count(case when is_exit then 1 end) as exits,
        count(case when has_reached_month10 then 1 end) as reached
    from spell_edges
    group by municipality_code, period_year, month_number, sex, age

),

-- a person is followed from the first end of the half-year: who ended twice has come back in between
first_ends as (

    select
        spell_edges.person_id,
        spell_edges.period_year + 1 as period_year,
        min(spell_edges.month_number) as month_number
    from spell_edges
    cross join rules
    where spell_edges.is_exit and spell_edges.month_number <= rules.return_last_exit_month
    group by spell_edges.person_id, spell_edges.period_year

),

followed as (

    select
        spell_edges.municipality_code,
        first_ends.period_year,
        spell_edges.sex,
        spell_edges.age + 1 as age,
        count(*) as ended_adults,
        count(case when spell_edges.has_returned then 1 end) as returned_adults
    from first_ends
    inner join spell_edges
        on
            first_ends.person_id = spell_edges.person_id
            and first_ends.period_year = spell_edges.period_year + 1
            and first_ends.month_number = spell_edges.month_number
    -- adults at the end of the measure's year
    where spell_edges.age + 1 >= 18
    group by spell_edges.municipality_code, first_ends.period_year, spell_edges.sex, spell_edges.age

),

periods as (

    {% for period in [
        month_period('period_year', 'month_number'),
        quarter_period('period_year', 'cast(floor((month_number + 2) / 3) as integer)'),
        "cast(period_year as varchar)",
    ] %}
        select
            municipality_code,
            period_year,
            {{ period }} as period,
            sex,
            age,
            entries,
            exits,
            reached,
            0 as ended_adults,
            0 as returned_adults
        from months
        union all
    {% endfor %}
    select
        municipality_code,
        period_year,
        cast(period_year as varchar) as period,
        sex,
        age,
        0 as entries,
        0 as exits,
        0 as reached,
        ended_adults,
        returned_adults
    from followed

),

counts as (

    select
        periods.municipality_code as geography_id,
        periods.period_year,
        periods.period,
        periods.sex,
        age_bands.age_band,
        true as is_additive,
    {% for measure, counted in measures.items() %}
        sum(case when flow_periods.{{ counted[1] }} then periods.{{ counted[0] }} else 0 end) as {{ measure }}
        {{- "," if not loop.last }}
    {% endfor %}
    from periods
    inner join flow_periods
        on
            periods.municipality_code = flow_periods.municipality_code
            and periods.period = flow_periods.period
    inner join age_bands
        on periods.age between age_bands.age_from and age_bands.age_to
    group by periods.municipality_code, periods.period_year, periods.period, periods.sex, age_bands.age_band

),

final as (

    {{ summed_upwards('counts', ['period_year', 'period', 'sex', 'age_band'], measures | list) }}

)

select * from final
