-- A change that is counted in persons is no measure of a small municipality beside a large one: the spread is of shares.
with

windows as (

    select * from {{ ref('int_change_windows') }}

),

sums as (

    select * from {{ ref('int_change_sums') }}

),

indicators as (

    select * from {{ ref('dim_indicators') }}

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

rules as (

    select * from {{ constants(['change_others']) }} as rule_values

),

own_windows as (

    select distinct
        geography_id,
        indicator_id,
        definition_id,
        first_month_index,
        months_count
    from windows

),

others as (

    select
        own_windows.geography_id,
        own_windows.indicator_id,
        own_windows.definition_id,
        own_windows.first_month_index,
        count(sums.change_share) as others_count,
        quantile_cont(sums.change_share, 0.25) as p25,
        quantile_cont(sums.change_share, 0.50) as median,
        quantile_cont(sums.change_share, 0.75) as p75
    from own_windows
    inner join sums
        on
            own_windows.indicator_id = sums.indicator_id
            and own_windows.definition_id = sums.definition_id
            and own_windows.first_month_index = sums.first_month_index
            and own_windows.months_count = sums.months_count
            and own_windows.geography_id <> sums.geography_id
    group by
        own_windows.geography_id, own_windows.indicator_id, own_windows.definition_id, own_windows.first_month_index

),

final as (

    select
        windows.geography_id,
        geographies.geography_name,
        windows.event_date,
        windows.title,
        windows.kind_name,
        windows.starts_phase,
        windows.indicator_id,
        windows.definition_id,
        indicators.unit,
        windows.months_count,
        case when windows.months_count > 0 then {{ period_of_index('windows.first_month_index') }} end as first_period,
        case
            when windows.months_count > 0
                then {{ period_of_index('(windows.first_month_index + windows.months_count - 1)') }}
        end as last_period,
        sums.before_value,
        sums.after_value,
        sums.after_value - sums.before_value as difference,
        coalesce(sums.value_status, 'not_reported') as value_status,
        sums.change_share,
        coalesce(sums.change_share_status, 'not_reported') as change_share_status,
        coalesce(others.others_count, 0) as others_count,
        case when others.others_count >= rules.change_others then others.p25 end as others_p25,
        case when others.others_count >= rules.change_others then others.median end as others_median,
        case when others.others_count >= rules.change_others then others.p75 end as others_p75,
        case
            when windows.months_count = 0 then 'not_reported'
            when others.others_count >= rules.change_others then 'published'
            else 'too_few_municipalities'
        end as others_status
    from windows
    cross join rules
    inner join indicators
        on windows.indicator_id = indicators.indicator_id and windows.definition_id = indicators.definition_id
    inner join geographies
        on windows.geography_id = geographies.geography_id
    left join sums
        on
            windows.geography_id = sums.geography_id
            and windows.indicator_id = sums.indicator_id
            and windows.definition_id = sums.definition_id
            and windows.first_month_index = sums.first_month_index
            and windows.months_count = sums.months_count
    left join others
        on
            windows.geography_id = others.geography_id
            and windows.indicator_id = others.indicator_id
            and windows.definition_id = others.definition_id
            and windows.first_month_index = others.first_month_index

)

select * from final
