with

figures as (

    select * from {{ ref('stg_socialstyrelsen__figures') }}
    where is_in_force

),

final as (

    select
        table_id,
        table_title,
        layout,
        sheet,
        file_row,
        measure,
        unit,
        indicator_id,
        definition_id,
        area_id,
        area_as_printed,
        area_type,
        geography_id,
        area_basis,
        period,
        breakdown,
        value,
        decimals,
        value_status,
        value_as_printed,
        footnote,
        table_note,
        coalesce(lower(footnote) like '%preliminär%', false) as is_preliminary,
        coalesce(lower(footnote) like '%skatta%' or lower(footnote) like '%estimera%', false) as is_estimated,
        is_left_out_later,
        cast(published_date as date) as published_date,
        article_number,
        snapshot_id,
        file_name,
        retrieved_at
    from figures

)

select * from final
