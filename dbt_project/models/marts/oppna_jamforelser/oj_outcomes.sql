-- How the register's own shares lie among the municipalities that gave each answer in Öppna jämförelser, in the year that
-- the answers are about (the edition's where that is not said). It compares those that answered, in the order of the
-- answers and never of the outcomes: a difference between them is no effect of the routine, and the caveat says so.
with

answers as (

    select * from {{ ref('stg_oppna_jamforelser__answers') }}
    where
        row_kind = 'answer' and respondent_type = 'municipality' and indicator_id is not null and coding is not null

),

outcome_indicators as (

    select * from {{ ref('oj_outcome_indicators') }}

),

indicator_values as (

    select * from {{ ref('indicator_values') }}
    where breakdown = 'total' and length(period) = 4

),

oj_source as (

    select caveat_text from {{ source('raw', 'sources') }}
    where source_id = 'oppna_jamforelser'

),

grouped_answers as (

    select
        indicator_id,
        indicator_name,
        version,
        edition_year,
        data_year,
        geography_id,
        coalesce(harmonised_code, -1) as answer_code,
        case
            when harmonised_code = 2 then 'yes'
            when harmonised_code = 1 then 'partly'
            when harmonised_code = 0 then 'no'
            else 'no_answer'
        end as answer_group,
        cast(coalesce(data_year, edition_year) as varchar) as period
    from answers

),

paired as (

    select
        grouped_answers.*,
        outcome_indicators.indicator_id as outcome_indicator_id,
        outcome_indicators.definition_id as outcome_definition_id,
        case when indicator_values.value_status = 'published' then indicator_values.value end as outcome_value
    from grouped_answers
    cross join outcome_indicators
    left join indicator_values
        on
            grouped_answers.geography_id = indicator_values.geography_id
            and grouped_answers.period = indicator_values.period
            and outcome_indicators.indicator_id = indicator_values.indicator_id
            and outcome_indicators.definition_id = indicator_values.definition_id

),

counted as (

    select
        indicator_id,
        min(indicator_name) as indicator_name,
        version,
        edition_year,
        data_year,
        period,
        answer_group,
        cast(nullif(answer_code, -1) as integer) as harmonised_code,
        outcome_indicator_id,
        outcome_definition_id,
        cast(count(*) as integer) as municipalities_count,
        cast(count(outcome_value) as integer) as municipalities_with_outcome_count,
        cast(median(outcome_value) as double) as median_value,
        min(outcome_value) as lowest_value,
        max(outcome_value) as highest_value
    from paired
    group by
        indicator_id, version, edition_year, data_year, period, answer_group, answer_code, outcome_indicator_id,
        outcome_definition_id

),

final as (

    select
        counted.*,
        case when counted.municipalities_with_outcome_count > 0 then 'published' else 'missing' end as value_status,
        'Skillnader mellan dem som svarat olika är ingen effekt av rutinen: kommunerna skiljer sig åt i annat också. '
        || oj_source.caveat_text as caveat_text
    from counted
    cross join oj_source

)

select * from final
