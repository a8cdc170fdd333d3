-- The base is the adults who had six months in a row at the last month that gives the right. One who is left has no aid
-- anywhere in the register that month.
with

target_group_months as (

    select * from {{ ref('int_target_group_months') }}

),

windows as (

    select * from {{ ref('int_activity_windows') }}

),

aid_months as (

    select distinct
        person_id,
        {{ month_index('period_year', 'month_number') }} as month_index
    from {{ ref('stg_register__person_months') }}
    where period_month > {{ activity_date('job_premium_base_last') }}

),

base as (

    select
        person_id,
        municipality_code,
        sex,
        count(*) over (partition by person_id) = 1 as is_additive
    from target_group_months
    where is_six_months and month_index = {{ activity_month('job_premium_base_last') }}

),

final as (

    select
        base.person_id,
        base.municipality_code,
        windows.period_year,
        windows.month_number,
        base.sex,
        aid_months.person_id is null as is_left,
        base.is_additive
    from base
    inner join windows
        on base.municipality_code = windows.municipality_code
    left join aid_months
        on base.person_id = aid_months.person_id and windows.month_index = aid_months.month_index
    where windows.is_base_reported and windows.month_index > {{ activity_month('job_premium_base_last') }}

)

select * from final
