-- Beginnings of aid in the years of a municipality whose beginnings are all known. When the person had aid before is
-- looked for in all municipalities, as far back as there are deliveries.
{% set traits = ['sex', 'age_band', 'years_since_aid', 'years_known', 'has_reached_month10'] %}
with

spell_edges as (

    select * from {{ ref('int_spell_edges') }}
    where is_entry

),

flow_periods as (

    select * from {{ ref('int_flow_periods') }}
    where length(period) = 4 and is_entry_reported

),

municipality_months as (

    select * from {{ ref('int_municipality_months') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}
    where is_finest

),

-- the last month with aid in each year, and in the years before it
last_months as (

    select
        person_id,
        period_year,
        month_bits,
        max({{ month_index('period_year', highest_month('month_bits')) }}) over (
            partition by person_id order by period_year
            rows between unbounded preceding and 1 preceding
        ) as last_month_index
    from {{ ref('int_person_years') }}

),

beginnings as (

    select
        spell_edges.municipality_code,
        spell_edges.period_year,
        spell_edges.sex,
        age_bands.age_band,
        -- the twelve months before are empty, so the last month with aid lies in a year before
        cast(floor((spell_edges.month_index - last_months.last_month_index) / 12) as integer) as years_since_aid,
        cast(floor((municipality_months.delivered_before - 1) / 12) as integer) as years_known,
        case when municipality_months.is_month10_reported then spell_edges.has_reached_month10 end
            as has_reached_month10
    from spell_edges
    inner join flow_periods
        on
            spell_edges.municipality_code = flow_periods.municipality_code
            and spell_edges.period_year = flow_periods.period_year
    inner join municipality_months
        on
            spell_edges.municipality_code = municipality_months.municipality_code
            and spell_edges.month_index = municipality_months.month_index
    inner join last_months
        on
            spell_edges.person_id = last_months.person_id
            and spell_edges.period_year = last_months.period_year
    inner join age_bands
        on spell_edges.age between age_bands.age_from and age_bands.age_to

),

final as (

    select
        municipality_code,
        period_year,
        {{ traits | join(',\n        ') }},
        count(*) as beginnings_count
    from beginnings
    group by
        municipality_code,
        period_year,
        {{ traits | join(',\n        ') }}

)

select * from final
