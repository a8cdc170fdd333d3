with

final as (

    select * from {{ source('raw', 'sources') }}

)

select * from final
