-- Our figure beside the published one. They agree when ours, unrounded, lies within the tolerance of the publisher (half
-- a unit of the last printed decimal). A difference gets the first known cause that explains it. Riket and means are not
-- comparable until every municipality has delivered.
{% set published_by = "case when published_table_id like 'kolada:%' then 'kolada'"
    ~ " when published_table_id like 'socialstyrelsen:%' then 'socialstyrelsen' else 'printed' end" %}

with

published_values as (

    select
        *,
        {{ published_by }} as published_by
    from {{ ref('published_values') }}

),

geography_coverage as (

    select * from {{ ref('geography_coverage') }}
    where window_years = 1

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

tolerances as (

    select * from {{ ref('reconciliation_tolerances') }}

),

known_differences as (

    select * from {{ ref('known_differences') }}

),

-- a municipality that reported in part to the publisher in the year
dropouts as (

    select distinct
        {{ published_by }} as published_by,
        geography_id,
        period
    from {{ ref('published_series_flags') }}
    where flag_kind = 'fall'

),

-- all our figures are read twice: kept for both, they would fill the memory
own_indicators as (

    select distinct
        indicator_id,
        definition_id
    from {{ ref('indicator_values') }}

),

published_cells as (

    select distinct
        indicator_id,
        definition_id,
        geography_id,
        period,
        breakdown
    from published_values

),

-- few of all our figures have a published one beside them
own_values as (

    select indicator_values.*
    from {{ ref('indicator_values') }} as indicator_values
    inner join published_cells
        on
            indicator_values.indicator_id = published_cells.indicator_id
            and indicator_values.definition_id = published_cells.definition_id
            and indicator_values.geography_id = published_cells.geography_id
            and indicator_values.period = published_cells.period
            and indicator_values.breakdown = published_cells.breakdown

),

contradicted as (

    select distinct
        table_a,
        indicator_id,
        definition_id,
        geography_id,
        period,
        breakdown,
        contradiction_kind
    from {{ ref('published_contradictions') }}
    where contradiction_kind = 'impossible_share'

),

known_causes as (

    select * from {{ ref('known_causes') }}

),

definitions as (

    select * from {{ ref('definitions') }}

),

rules as (

    select * from {{ ref('release_profile') }}

),

register as (

    select count(distinct municipality_code) as municipalities_count
    from {{ ref('stg_register__months_in_force') }}

),

paired as (

    select
        published_values.indicator_id,
        published_values.definition_id,
        published_values.geography_id,
        coalesce(geographies.geography_name, published_values.area_name) as geography_name,
        published_values.period,
        published_values.breakdown,
        published_values.published_table_id,
        published_values.value as published_value,
        published_values.value_as_printed,
        published_values.value_status as published_status,
        published_values.unit,
        own_values.value as own_value,
        coalesce(own_values.value_status, 'not_reported') as own_status,
        coalesce(own_values.is_preliminary, false) as is_preliminary,
        coalesce(own_values.is_rounded, false)
        or (own_values.unit = 'sek_per_household' and coalesce(rules.money_base > 0, false)) as is_rounded,
        case
            when own_values.unit = 'share' then rules.rounding_base / own_values.denominator
            when own_values.unit in ('persons', 'households') then rules.rounding_base / 2.0
            when own_values.unit = 'sek_per_household' then rules.money_base / 2.0 / own_values.denominator
        end as most_rounding,
        contradicted.contradiction_kind,
        known_differences.known_cause as stated_cause,
        -- one municipality alone sees nobody's months elsewhere
        register.municipalities_count = 1 and coalesce(definitions.municipality_method = 'person_wide', false) as is_alone,
        dropouts.geography_id is not null as is_dropout,
        tolerances.rounding_units * power(10, -published_values.decimals)
        + tolerances.relative_share * abs(coalesce(published_values.value, 0)) as tolerance,
        published_values.is_approximate
        or (
            published_values.area_type <> 'municipality'
            and coalesce(geography_coverage.municipalities_included < geography_coverage.municipalities_total, true)
        ) as is_not_comparable
    from published_values
    cross join register
    cross join rules
    inner join own_indicators
        on
            published_values.indicator_id = own_indicators.indicator_id
            and published_values.definition_id = own_indicators.definition_id
    left join own_values
        on
            published_values.indicator_id = own_values.indicator_id
            and published_values.definition_id = own_values.definition_id
            and published_values.geography_id = own_values.geography_id
            and published_values.period = own_values.period
            and published_values.breakdown = own_values.breakdown
    left join geography_coverage
        on
            published_values.geography_id = geography_coverage.geography_id
            and published_values.period = cast(geography_coverage.period_year as varchar)
    inner join tolerances
        on published_values.published_by = tolerances.published_by
    left join known_differences
        on
            published_values.definition_id = coalesce(known_differences.definition_id, published_values.definition_id)
            and published_values.geography_id = coalesce(known_differences.geography_id, published_values.geography_id)
            and published_values.period >= coalesce(known_differences.first_year, published_values.period)
            and published_values.period <= coalesce(known_differences.last_year, published_values.period)
    left join dropouts
        on
            published_values.geography_id = dropouts.geography_id
            and published_values.period = dropouts.period
            and published_values.published_by = dropouts.published_by
    left join definitions
        on published_values.definition_id = definitions.definition_id
    left join geographies
        on published_values.geography_id = geographies.geography_id
    left join contradicted
        on
            published_values.published_table_id = contradicted.table_a
            and published_values.indicator_id = contradicted.indicator_id
            and published_values.definition_id = contradicted.definition_id
            and published_values.geography_id = contradicted.geography_id
            and published_values.period = contradicted.period
            and published_values.breakdown = contradicted.breakdown

),

judged as (

    select
        *,
        case
            when is_not_comparable then 'not_comparable'
            when published_value is null and own_value is null then 'both_missing'
            when published_value is null then 'published_missing'
            when own_value is null then 'own_missing'
            when abs(own_value - published_value) <= tolerance + 1e-11 then 'agrees'
            else 'differs'
        end as verdict
    from paired

),

explained as (

    select
        indicator_id,
        definition_id,
        geography_id,
        geography_name,
        period,
        breakdown,
        published_table_id,
        published_value,
        value_as_printed,
        published_status,
        unit,
        own_value,
        own_status,
        own_value - published_value as difference,
        tolerance,
        verdict,
        case
            when contradiction_kind is not null then contradiction_kind
            when verdict = 'published_missing' and published_status = 'suppressed' then 'suppressed'
            when verdict <> 'differs' then null
            when stated_cause is not null then stated_cause
            when is_rounded and abs(own_value - published_value) <= coalesce(tolerance + most_rounding, published_value)
                then 'protection'
            when is_alone then 'unseen_municipalities'
            when is_dropout then 'dropout'
            when is_preliminary then 'preliminary'
            when abs(own_value - published_value) <= 2 * tolerance + 1e-11 then 'rounding'
        end as known_cause
    from judged

),

final as (

    select
        explained.indicator_id,
        explained.definition_id,
        explained.geography_id,
        explained.geography_name,
        explained.period,
        explained.breakdown,
        explained.published_table_id,
        explained.published_value,
        explained.value_as_printed,
        explained.published_status,
        explained.unit,
        explained.own_value,
        explained.own_status,
        explained.difference,
        explained.tolerance,
        explained.verdict,
        explained.known_cause,
        known_causes.cause_name
    from explained
    left join known_causes
        on explained.known_cause = known_causes.known_cause

)

select * from final
