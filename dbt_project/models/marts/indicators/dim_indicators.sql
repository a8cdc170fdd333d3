with

final as (

    select * from {{ source('raw', 'indicators') }}

)

select * from final
