with

readings as (

    select * from {{ source('raw', 'variation_readings') }}

),

final as (

    select
        chart_id,
        chart_name,
        reading_id,
        reading_kind,
        reading_name,
        reading_text,
        up_text,
        down_text,
        sort_order
    from readings

)

select * from final
