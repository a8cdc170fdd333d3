-- Socialstyrelsen's figures in force that one of our indicators corresponds to, in our unit.
with

figures as (

    select * from {{ ref('stg_socialstyrelsen__figures') }}
    where is_in_force and indicator_id is not null

),

-- a table may print the same thing in two columns, as kronor and as thousands: the finer one is taken
numbered as (

    select
        figures.*,
        case unit when 'tkr' then 3 when 'million_sek' then 6 else 0 end as power_of_ten,
        row_number() over (
            partition by table_id, indicator_id, definition_id, geography_id, period, breakdown
            order by case unit when 'tkr' then 3 when 'million_sek' then 6 else 0 end, measure, file_row
        ) as finest_first
    from figures

),

final as (

    select
        'socialstyrelsen:' || table_id as published_table_id,
        cast(null as integer) as file_line,
        indicator_id,
        definition_id,
        geography_id,
        area_as_printed as area_name,
        area_type,
        period,
        breakdown,
        value * power(10, power_of_ten) as value,
        value_as_printed,
        cast(decimals - power_of_ten as integer) as decimals,
        case when power_of_ten > 0 then 'sek' else unit end as unit,
        value_status,
        'socialstyrelsen' as source_id,
        table_title as printed_in,
        'printed' as certainty,
        false as is_approximate
    from numbered
    where finest_first = 1

)

select * from final
