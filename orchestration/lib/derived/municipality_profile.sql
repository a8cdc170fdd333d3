with municipalities as (
    select geography_id, geography_name from protected.dim_geographies where geography_type = 'municipality'
),

-- the register's own yearly totals
own as (
    select
        geography_id, period, indicator_id, definition_id, 'register' as value_origin, value, unit, value_status,
        is_preliminary, source_id
    from protected.indicator_values
    where length(period) = 4 and breakdown = 'total'
),

-- what the register cannot give: costs, yearly equivalents, sorting key, conditions
published as (
    select
        geography_id, period, indicator_id, definition_id, published_table_id as value_origin, value, unit, value_status,
        false as is_preliminary,
        case
            when starts_with(published_table_id, 'kolada:') then 'kolada'
            when starts_with(published_table_id, 'socialstyrelsen:') then 'socialstyrelsen'
            else 'gr_2021'
        end as source_id
    from protected.published_values
    where
        length(period) = 4 and breakdown = 'total'
        and indicator_id not in (select indicator_id from own)
),

-- Öppna jämförelser by the year that the answers are about, or by the edition where that is not said
dated_answers as (
    select *, coalesce(cast(data_year as varchar), 'edition:' || edition_year) as period
    from protected.oj_indicators
    where geography_type = 'municipality'
),

-- of several editions, and of a printed and a counted figure, the newest
answers as (
    select
        geography_id, period, indicator_id, cast(version as varchar) as definition_id,
        'oppna_jamforelser' as value_origin, value, unit, value_status, false as is_preliminary,
        'oppna_jamforelser' as source_id
    from dated_answers
    qualify row_number() over (
        partition by geography_id, period, indicator_id, version order by edition_year desc, value_origin
    ) = 1
)

select
    municipalities.geography_id, municipalities.geography_name, together.period, together.indicator_id,
    together.definition_id, together.value_origin, together.value, together.unit, together.value_status,
    together.is_preliminary, together.source_id
from (
    select * from own
    union all
    select * from published
    union all
    select * from answers
) as together
inner join municipalities using (geography_id)
