-- Shares are counted from the municipalities' own answers, a district never being part of its municipality. What a
-- workbook prints for a county or the country stands beside, as printed.
with

answers as (

    select * from {{ ref('stg_oppna_jamforelser__answers') }}
    where indicator_id is not null

),

memberships as (

    select * from {{ ref('int_geography_memberships') }}

),

oj_source as (

    select caveat_text from {{ source('raw', 'sources') }}
    where source_id = 'oppna_jamforelser'

),

counted as (

    select
        'counted' as value_origin,
        answers.indicator_id,
        answers.version,
        answers.edition_year,
        answers.data_year,
        memberships.geography_id,
        memberships.geography_type,
        min(answers.indicator_name) as indicator_name,
        min(answers.coding) as coding,
        'share' as unit,
        count(case when answers.harmonised_code = 2 then 1 end) as numerator,
        count(answers.harmonised_code) as denominator,
        count(case when answers.harmonised_code = 1 then 1 end) as partly_count,
        count(*) - count(answers.harmonised_code) as not_answered_count,
        min(case when answers.value_status = 'published' then 'missing' else answers.value_status end)
            as status_without_answer
    from answers
    inner join memberships
        on
            answers.geography_id = memberships.municipality_code
            and answers.edition_year >= coalesce(memberships.first_year, answers.edition_year)
            and answers.edition_year <= coalesce(memberships.last_year, answers.edition_year)
    where answers.row_kind = 'answer' and answers.respondent_type = 'municipality' and answers.coding is not null
    group by
        answers.indicator_id, answers.version, answers.edition_year, answers.data_year,
        memberships.geography_id, memberships.geography_type

),

shares as (

    select
        value_origin,
        indicator_id,
        version,
        edition_year,
        data_year,
        geography_id,
        geography_type,
        indicator_name,
        coding,
        unit,
        cast(numerator as double) / nullif(denominator, 0) as value,
        numerator,
        denominator,
        partly_count,
        not_answered_count,
        case
            when denominator > 0 then 'published'
            when geography_type = 'municipality' then status_without_answer
            else 'missing'
        end as value_status
    from counted

),

printed as (

    select
        'printed' as value_origin,
        indicator_id,
        version,
        edition_year,
        data_year,
        geography_id,
        respondent_type as geography_type,
        indicator_name,
        coding,
        case when unit = 'percent' or coding is not null then 'share' else coalesce(unit, 'unknown') end as unit,
        case when unit = 'percent' then value / 100 else value end as value,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as bigint) as partly_count,
        cast(null as bigint) as not_answered_count,
        case when value is null and value_status = 'published' then 'missing' else value_status end as value_status
    from answers
    where
        row_kind = 'answer' and geography_id is not null
        and (coding is null or respondent_type <> 'municipality')

),

-- a table that prints how many of a group gave each answer
printed_counts as (

    select
        'printed' as value_origin,
        indicator_id,
        version,
        edition_year,
        data_year,
        respondent_id as geography_id,
        respondent_type as geography_type,
        min(indicator_name) as indicator_name,
        min(coding) as coding,
        'share' as unit,
        sum(case when harmonised_code = 2 then value else 0 end) / nullif(sum(value), 0) as value,
        cast(sum(case when harmonised_code = 2 then value else 0 end) as bigint) as numerator,
        cast(sum(value) as bigint) as denominator,
        cast(sum(case when harmonised_code = 1 then value else 0 end) as bigint) as partly_count,
        cast(null as bigint) as not_answered_count,
        case when sum(value) > 0 then 'published' else 'missing' end as value_status
    from answers
    where row_kind = 'count'
    group by indicator_id, version, edition_year, data_year, respondent_id, respondent_type

),

together as (

    select * from shares
    union all
    select * from printed
    union all
    select * from printed_counts

),

final as (

    select
        together.*,
        oj_source.caveat_text
    from together
    cross join oj_source

)

select * from final
