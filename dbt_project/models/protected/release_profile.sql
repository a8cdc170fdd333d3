-- The profile comes with the call: what follows the protection is made once for each profile, of the same counts.
with

protection_rules as (

    select * from {{ ref('protection_rules') }}

),

final as (

    select * from protection_rules
    where profile = '{{ var("profile", "internal") }}'

)

select * from final
