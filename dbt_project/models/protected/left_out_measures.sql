with

left_out as (

    select left_out.value
    from {{ ref('left_out') }} as left_out
    inner join {{ ref('release_profile') }} as rules
        on left_out.profile = rules.profile
    where left_out.kind = 'measure'

),

final as (

    select
    {% for measure in person_measures() %}
            coalesce(bool_or(value = '{{ measure }}'), false) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from left_out

)

select * from final
