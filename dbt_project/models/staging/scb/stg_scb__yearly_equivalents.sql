-- The newest figure of each cell. SCB writes 0 for a municipality that has not reported economic assistance (footnote of
-- the table): that 0 is no figure.
with

equivalents as (

    select * from {{ source('raw', 'scb_yearly_equivalents') }}

),

numbered as (

    select
        equivalents.*,
        row_number() over (
            partition by area_id, month, sex_code, age_group, content_code
            order by snapshot_number desc
        ) as newest_first
    from equivalents

),

judged as (

    select
        numbered.*,
        case
            when value is null then 'missing'
            when value = 0 and lower(content_name) like '%ekonomiskt bistånd%' then 'not_reported'
            else 'published'
        end as value_status
    from numbered
    where newest_first = 1

),

final as (

    select
        area_id,
        replace(month, 'M', '-') as period,
        cast(left(month, 4) as integer) as period_year,
        sex_code,
        age_group,
        content_code,
        content_name,
        case when value_status = 'published' then value end as value,
        value_status,
        raw_status,
        snapshot_number
    from judged

)

select * from final
