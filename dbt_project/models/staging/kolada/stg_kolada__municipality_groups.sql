-- Groups as they stand in the newest snapshot: ids change with the model year, so a group is known by its title.
with

members as (

    select * from {{ source('raw', 'kolada_municipality_groups') }}

),

newest as (

    select
        group_title,
        max(snapshot_number) as snapshot_number
    from members
    group by group_title

),

in_force as (

    select members.*
    from members
    inner join newest
        on
            members.group_title = newest.group_title
            and members.snapshot_number = newest.snapshot_number

),

final as (

    select
        group_id,
        group_title,
        case
            when group_title like 'Liknande kommuner ekonomiskt bistånd,%' then 'similar_economic_assistance'
            when group_title like 'Liknande kommuner IFO,%' then 'similar_social_services'
            when group_title like 'Liknande kommuner socioekonomi,%' then 'similar_socioeconomy'
            when group_title like 'Liknande kommuner%' then 'similar_other'
            when group_title like '%läns kommuner%' then 'county'
            when group_title like '%(SKR)%' or group_title like 'SKR%' then 'skr'
            else 'other'
        end as group_kind,
        case when group_title like 'Liknande kommuner%' then trim(split_part(group_title, ',', 2)) end
            as focus_municipality_name,
        case when group_title like 'Liknande kommuner%' then try_cast(trim(split_part(group_title, ',', 3)) as integer) end
            as model_year,
        member_id as member_code,
        member_title as member_name,
        snapshot_number
    from in_force

)

select * from final
