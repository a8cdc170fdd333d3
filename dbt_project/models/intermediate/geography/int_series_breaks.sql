-- Where the series of an area breaks because its land changed: a municipality that others were split off from, and the
-- two counties between which a municipality moved. One that was only renumbered within its county breaks nothing.
with

changes as (

    select * from {{ ref('municipality_code_changes') }}

),

municipalities as (

    select * from {{ ref('municipalities') }}

),

renumbered as (

    select * from changes
    where change_kind = 'renumbered'

),

moves as (

    select
        changes.first_year,
        before.county_code as from_county_code,
        after.county_code as to_county_code
    from changes
    inner join municipalities as before
        on changes.from_code = before.municipality_code
    inner join municipalities as after
        on changes.to_code = after.municipality_code
    where before.county_code <> after.county_code

),

breaks as (

    select
        coalesce(renumbered.to_code, changes.from_code) as geography_id,
        changes.first_year
    from changes
    left join renumbered
        on changes.from_code = renumbered.from_code
    where changes.change_kind = 'split_off'
    union all
    select
        'lan:' || from_county_code,
        first_year
    from moves
    union all
    select
        'lan:' || to_county_code,
        first_year
    from moves

),

final as (

    select distinct
        geography_id,
        first_year as break_year
    from breaks

)

select * from final
