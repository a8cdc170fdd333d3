-- Adults with aid, and with long-term aid, in the twelve months up to each month. Who had aid in one municipality only is
-- counted there and summed upwards; the few with several are followed month by month.
with

person_windows as (

    select * from {{ ref('int_rolling_person_windows') }}

),

rolling_windows as (

    select * from {{ ref('int_rolling_windows') }}
    where is_complete

),

member_years as (

    select * from {{ ref('int_geography_member_years') }}

),

rolling as (

    select min_months from {{ ref('definitions') }}
    where definition_id = 'longterm_rolling12:default'

),

year_counts as (

    select
        person_windows.municipality_code,
        person_windows.period_year,
        person_windows.sex,
    {% for month_number in range(1, 13) %}
        {%- set window_bits = rolling_window('person_windows.month_bits', month_number) %}
        count(case when {{ window_bits }} > 0 then 1 end) as adults_{{ month_number }},
        count(case when {{ months_in(window_bits) }} >= rolling.min_months then 1 end)
            as longterm_{{ month_number }}{{ "," if not loop.last }}
    {% endfor %}
    from person_windows
    cross join rolling
    where person_windows.is_additive
    group by person_windows.municipality_code, person_windows.period_year, person_windows.sex

),

additive as (

    {% for month_number in range(1, 13) %}
        select
            municipality_code,
            period_year,
            {{ month_number }} as month_number,
            sex,
            adults_{{ month_number }} as adults_count,
            longterm_{{ month_number }} as longterm_adults_count
        from year_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

),

moving as (

    {% for month_number in range(1, 13) %}
        select
            person_id,
            municipality_code,
            period_year,
            {{ month_number }} as month_number,
            sex,
            {{ rolling_window('month_bits', month_number) }} as month_bits
        from person_windows
        where not is_additive and {{ rolling_window('month_bits', month_number) }} > 0
        {{ "union all" if not loop.last }}
    {% endfor %}

),

-- the verdict of a person over all municipalities; the last one as in int_person_years
verdicts as (

    select
        moving.person_id,
        moving.period_year,
        moving.month_number,
        {{ months_in('bit_or(moving.month_bits)') }} >= max(rolling.min_months) as is_longterm,
        {{ value_at_highest(
            'moving.municipality_code',
            highest_month('moving.month_bits') ~ ' * 1000000 + ' ~ months_in('moving.month_bits')
            ~ ' * 10000 + (9999 - cast(moving.municipality_code as integer))'
        ) }} as last_municipality_code
    from moving
    cross join rolling
    group by moving.person_id, moving.period_year, moving.month_number

),

moving_areas as (

    select
        moving.person_id,
        member_years.geography_id,
        moving.period_year,
        moving.month_number,
        moving.sex,
        bool_or(verdicts.is_longterm and verdicts.last_municipality_code = moving.municipality_code) as is_longterm
    from moving
    inner join rolling_windows
        on
            moving.municipality_code = rolling_windows.municipality_code
            and moving.period_year = rolling_windows.period_year
            and moving.month_number = rolling_windows.month_number
    inner join verdicts
        on
            moving.person_id = verdicts.person_id
            and moving.period_year = verdicts.period_year
            and moving.month_number = verdicts.month_number
    inner join member_years
        on
            moving.municipality_code = member_years.municipality_code
            and moving.period_year = member_years.period_year
    group by
        moving.person_id, member_years.geography_id, moving.period_year, moving.month_number, moving.sex

),

counts as (

    select
        additive.municipality_code as geography_id,
        additive.period_year,
        additive.month_number,
        additive.sex,
        true as is_additive,
        additive.adults_count,
        additive.longterm_adults_count
    from additive
    inner join rolling_windows
        on
            additive.municipality_code = rolling_windows.municipality_code
            and additive.period_year = rolling_windows.period_year
            and additive.month_number = rolling_windows.month_number
    union all
    select
        geography_id,
        period_year,
        month_number,
        sex,
        false as is_additive,
        count(*) as adults_count,
        count(case when is_longterm then 1 end) as longterm_adults_count
    from moving_areas
    group by geography_id, period_year, month_number, sex

),

final as (

    {{ summed_upwards(
        'counts', ['period_year', 'month_number', 'sex'], ['adults_count', 'longterm_adults_count']
    ) }}

)

select * from final
