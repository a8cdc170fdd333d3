-- Every member of every group, with its figure as it is shown or the status that says why there is none.
with

indicator_values as (

    select * from {{ ref('indicator_values') }}

),

geography_members as (

    select * from {{ ref('geography_members') }}

),

official_definitions as (

    select definition_id from {{ ref('definitions') }}
    where definition_status = 'official'

),

compared as (

    select * from indicator_values
    where
        length(period) = 4
        and (
            breakdown in ('total', 'sex=K', 'sex=M')
            or (
                starts_with(breakdown, 'reason=')
                and definition_id in (select official_definitions.definition_id from official_definitions)
            )
        )

),

figures as (

    select distinct
        indicator_id,
        definition_id,
        period,
        breakdown,
        unit
    from compared

),

recipients as (

    select * from compared
    where indicator_id = 'recipients' and breakdown = 'total'

),

final as (

    select
        geography_members.geography_id,
        geography_members.geography_name,
        geography_members.geography_type,
        geography_members.municipality_code,
        geography_members.municipality_name,
        figures.indicator_id,
        figures.definition_id,
        figures.period,
        figures.breakdown,
        figures.unit,
        compared.value,
        compared.numerator,
        compared.denominator,
        coalesce(compared.value_status, 'not_reported') as value_status,
        recipients.value as recipients
    from figures
    inner join geography_members
        on
            cast(figures.period as integer)
            between coalesce(geography_members.first_year, 0) and coalesce(geography_members.last_year, 9999)
    left join compared
        on
            geography_members.municipality_code = compared.geography_id
            and figures.indicator_id = compared.indicator_id
            and figures.definition_id = compared.definition_id
            and figures.period = compared.period
            and figures.breakdown = compared.breakdown
    left join recipients
        on
            geography_members.municipality_code = recipients.geography_id
            and figures.period = recipients.period

)

select * from final
