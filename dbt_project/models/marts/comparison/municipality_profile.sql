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
