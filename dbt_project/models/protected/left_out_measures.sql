with

left_out as (

    select
        left_out.kind,
        left_out.value
    from {{ ref('left_out') }} as left_out
    inner join {{ ref('release_profile') }} as rules
        on left_out.profile = rules.profile

),

breakdowns as (

    select unnest([false, true]) as is_crossed

),

final as (

    select
        breakdowns.is_crossed,
    {% for measure in person_measures() %}
        coalesce(bool_or(left_out.value = '{{ measure }}'), false) as {{ measure }}{{ "," if not loop.last }}
    {% endfor %}
    from breakdowns
    left join left_out
        on left_out.kind = 'measure' or (left_out.kind = 'crossed_measure' and breakdowns.is_crossed)
    group by breakdowns.is_crossed

)

select * from final
