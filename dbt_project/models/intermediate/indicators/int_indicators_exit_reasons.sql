with

exit_reason_cells as (

    select * from {{ ref('int_exit_reason_cells') }}

),

exit_reason_years as (

    select * from {{ ref('int_exit_reason_years') }}

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

reasons as (

    select * from {{ ref('exit_reasons') }}

),

sexes as (

    select cast(null as varchar) as sex
    union all
    select 'K' as sex
    union all
    select 'M' as sex

),

geography_years as (

    select
        member_years.geography_id,
        exit_reason_years.period_year,
        bool_or(exit_reason_years.is_reported) as is_reported
    from exit_reason_years
    inner join member_years
        on
            exit_reason_years.municipality_code = member_years.municipality_code
            and exit_reason_years.period_year = member_years.period_year
    group by member_years.geography_id, exit_reason_years.period_year

),

grid as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported,
        sexes.sex,
        reasons.exit_reason_code as exit_reason
    from geography_years
    cross join sexes
    cross join reasons

),

counted as (

    select
        grid.geography_id,
        grid.period_year,
        grid.is_reported,
        grid.sex,
        grid.exit_reason,
        coalesce(sum(exit_reason_cells.exits_count), 0) as exits_count
    from grid
    left join exit_reason_cells
        on
            grid.geography_id = exit_reason_cells.geography_id
            and grid.period_year = exit_reason_cells.period_year
            and grid.exit_reason = exit_reason_cells.exit_reason
            and coalesce(grid.sex, exit_reason_cells.sex) = exit_reason_cells.sex
    group by grid.geography_id, grid.period_year, grid.is_reported, grid.sex, grid.exit_reason

),

shares as (

    select
        *,
        sum(exits_count) over (partition by geography_id, period_year, sex) as all_exits_count
    from counted

),

final as (

    {{ indicator_rows('shares', [{
        'id': 'exit_reason_share',
        'numerator': 'exits_count',
        'denominator': 'all_exits_count',
        'is_reported': 'is_reported',
        'breakdown': "concat_ws(';', 'sex=' || sex, 'exit_reason=' || exit_reason)",
    }]) }}

)

select * from final
