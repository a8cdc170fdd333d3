-- The newest that Kolada has said of each KPI. One that a later answer to the same question leaves out stays, marked.
with

kpis as (

    select * from {{ source('raw', 'kolada_kpis') }}

),

scopes as (

    select * from {{ source('raw', 'kolada_kpi_scopes') }}

),

last_asked as (

    select
        kpi_id,
        max(snapshot_number) as snapshot_number
    from scopes
    group by kpi_id

),

numbered as (

    select
        kpis.*,
        row_number() over (partition by kpis.kpi_id order by kpis.snapshot_number desc) as newest_first
    from kpis

),

final as (

    select
        numbered.kpi_id,
        numbered.title as kpi_title,
        numbered.description as kpi_description,
        numbered.is_divided_by_gender,
        numbered.municipality_type,
        numbered.operating_area,
        numbered.perspective,
        try_cast(numbered.prel_publication_date as date) as prel_publication_date,
        try_cast(numbered.publication_date as date) as publication_date,
        numbered.publ_period as publication_period,
        coalesce(last_asked.snapshot_number > numbered.snapshot_number, false) as is_vanished,
        numbered.snapshot_number
    from numbered
    left join last_asked
        on numbered.kpi_id = last_asked.kpi_id
    where numbered.newest_first = 1

)

select * from final
