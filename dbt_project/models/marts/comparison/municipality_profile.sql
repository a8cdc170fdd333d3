with

indicator_values as (

    select * from {{ ref('indicator_values') }}

),

published_values as (

    select * from {{ ref('published_values') }}

),

yearly_equivalents as (

    select * from {{ ref('yearly_equivalents') }}

),

oj_indicators as (

    select * from {{ ref('oj_indicators') }}

),

dim_indicators as (

    select * from {{ ref('dim_indicators') }}

),

scb_figures as (

    select * from {{ ref('stg_scb__figures') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

municipalities as (

    select
        geography_id,
        geography_name
    from {{ ref('dim_geographies') }}
    where geography_type = 'municipality'

),

-- the register's own yearly totals
own as (

    select
        geography_id,
        period,
        indicator_id,
        definition_id,
        'register' as value_origin,
        value,
        unit,
        value_status,
        is_preliminary,
        source_id,
        cast(null as varchar) as measure_name
    from indicator_values
    where length(period) = 4 and breakdown = 'total'

),

-- what the register cannot give: costs, yearly equivalents, sorting key, conditions
published as (

    select
        geography_id,
        period,
        indicator_id,
        definition_id,
        published_table_id as value_origin,
        value,
        unit,
        value_status,
        false as is_preliminary,
        source_id,
        cast(null as varchar) as measure_name
    from published_values
    where
        length(period) = 4
        and breakdown = 'total'
        and indicator_id not in (select own.indicator_id from own)

),

-- what people live on instead, as whole years of support: every measure and age group of SCB's table
equivalents as (

    select
        geography_id,
        cast(period_year as varchar) as period,
        'yearly_equivalents' as indicator_id,
        content_code || ':' || age_group as definition_id,
        'scb' as value_origin,
        case when lower(content_name) like 'andel%' then value / 100 else value end as value,
        case when lower(content_name) like 'andel%' then 'share' else 'persons' end as unit,
        value_status,
        false as is_preliminary,
        'scb' as source_id,
        'Helårsekvivalenter, ' || content_name || ', ' || age_group || ' år' as measure_name
    from yearly_equivalents

),

-- money of other years in the prices of the last year that the index is known for
prices as (

    select
        period_year,
        value as price_index,
        first_value(value) over (order by period_year desc) as last_index,
        max(period_year) over () as last_year
    from scb_figures
    where dataset_id = 'price_index' and value is not null

),

money as (

    select * from own
    union all
    select * from published

),

fixed_prices as (

    select
        money.geography_id,
        money.period,
        money.indicator_id,
        money.definition_id || ':fixed_prices' as definition_id,
        money.value_origin,
        money.value * prices.last_index / prices.price_index as value,
        money.unit,
        money.value_status,
        money.is_preliminary,
        money.source_id,
        dim_indicators.indicator_name || ', ' || prices.last_year || ' års priser' as measure_name
    from money
    inner join prices
        on money.period = cast(prices.period_year as varchar)
    inner join dim_indicators
        on
            money.indicator_id = dim_indicators.indicator_id
            and money.definition_id = dim_indicators.definition_id
    where money.unit in ('sek', 'sek_per_household', 'sek_per_inhabitant')

),

-- families by type, and the people that SCB expects, by age and all together
scb_groups as (

    select
        area_id,
        period_year,
        'families' as indicator_id,
        group_code as definition_id,
        'Familjer med barn 0–17 år, ' || group_name as measure_name,
        'households' as unit,
        value
    from scb_figures
    where dataset_id = 'families'
    union all
    select
        figures.area_id,
        figures.period_year,
        'population_forecast' as indicator_id,
        'age=' || age_bands.age_band as definition_id,
        'Framskriven folkmängd, ' || age_bands.age_band_name as measure_name,
        'persons' as unit,
        figures.value
    from scb_figures as figures
    inner join age_bands
        on figures.age between age_bands.age_from and age_bands.age_to
    where figures.dataset_id = 'forecast'
    union all
    select
        area_id,
        period_year,
        'population_forecast' as indicator_id,
        'default' as definition_id,
        'Framskriven folkmängd' as measure_name,
        'persons' as unit,
        value
    from scb_figures
    where dataset_id = 'forecast'

),

scb_sums as (

    select
        area_id as geography_id,
        cast(period_year as varchar) as period,
        indicator_id,
        definition_id,
        'scb' as value_origin,
        -- a sum with a cell that SCB does not tell is not told
        case when count(value) = count(*) then sum(value) end as value,
        unit,
        case when count(value) = count(*) then 'published' else 'missing' end as value_status,
        indicator_id = 'population_forecast' as is_preliminary,
        'scb' as source_id,
        measure_name
    from scb_groups
    group by area_id, period_year, indicator_id, definition_id, unit, measure_name

),

-- Öppna jämförelser by the year that the answers are about, or by the edition where that is not said
dated_answers as (

    select
        *,
        coalesce(cast(data_year as varchar), 'edition:' || edition_year) as period
    from oj_indicators
    where geography_type = 'municipality'

),

-- of several editions, and of a printed and a counted figure, the newest
ranked_answers as (

    select
        *,
        row_number() over (
            partition by geography_id, period, indicator_id, version
            order by edition_year desc, value_origin asc
        ) as answer_rank
    from dated_answers

),

answers as (

    select
        geography_id,
        period,
        indicator_id,
        cast(version as varchar) as definition_id,
        'oppna_jamforelser' as value_origin,
        value,
        unit,
        value_status,
        false as is_preliminary,
        'oppna_jamforelser' as source_id,
        indicator_name as measure_name
    from ranked_answers
    where answer_rank = 1

),

together as (

    select * from own
    union all
    select * from published
    union all
    select * from equivalents
    union all
    select * from fixed_prices
    union all
    select * from scb_sums
    union all
    select * from answers

),

final as (

    select
        municipalities.geography_id,
        municipalities.geography_name,
        together.period,
        together.indicator_id,
        together.definition_id,
        together.value_origin,
        together.value,
        together.unit,
        together.value_status,
        together.is_preliminary,
        together.source_id,
        coalesce(together.measure_name, dim_indicators.indicator_name) as measure_name
    from together
    inner join municipalities
        on together.geography_id = municipalities.geography_id
    left join dim_indicators
        on
            together.indicator_id = dim_indicators.indicator_id
            and together.definition_id = dim_indicators.definition_id

)

select * from final
