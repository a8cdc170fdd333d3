-- Month by month from the first of a spell: those still followed, and those whose aid ended after that month, by why.
with

spells as (

    select * from {{ ref('int_measure_spells') }}
    where months_followed > 0

),

exit_reasons as (

    select * from {{ ref('stg_register__exit_reasons') }}

),

reasons as (

    select * from {{ ref('exit_reasons') }}

),

first_stated as (

    select
        exit_reasons.person_id,
        exit_reasons.municipality_code,
        {{ month_index('exit_reasons.period_year', 'exit_reasons.month_number') }} as month_index,
        min(reasons.sort_order) as sort_order
    from exit_reasons
    inner join reasons
        on exit_reasons.exit_reason_code = reasons.exit_reason_code
    group by exit_reasons.person_id, exit_reasons.municipality_code, month_index

),

ends as (

    select
        spells.municipality_code,
        spells.first_kind,
        spells.months_followed,
        case when spells.is_ended then coalesce(reasons.exit_reason_code, 'uppgift_saknas') end as exit_reason
    from spells
    left join first_stated
        on
            spells.person_id = first_stated.person_id
            and spells.municipality_code = first_stated.municipality_code
            and spells.last_month_index = first_stated.month_index
    left join reasons
        on first_stated.sort_order = reasons.sort_order

),

spells_of_kinds as (

    select * from ends
    union all
    select
        municipality_code,
        'alla' as first_kind,
        months_followed,
        exit_reason
    from ends

),

months as (

    select
        groups.municipality_code,
        groups.first_kind,
        cast(numbers.number as integer) as months_since_start
    from (
        select
            municipality_code,
            first_kind,
            max(months_followed) as longest
        from spells_of_kinds
        group by municipality_code, first_kind
    ) as groups
    inner join {{ number_series(1, 36) }} as numbers
        on groups.longest >= numbers.number

),

at_risk as (

    select
        months.municipality_code,
        months.first_kind,
        months.months_since_start,
        count(*) as at_risk_count,
        count(
            case when months.months_since_start = spells_of_kinds.months_followed then spells_of_kinds.exit_reason end
        ) as all_ended_count
    from months
    inner join spells_of_kinds
        on
            months.municipality_code = spells_of_kinds.municipality_code
            and months.first_kind = spells_of_kinds.first_kind
            and months.months_since_start <= spells_of_kinds.months_followed
    group by months.municipality_code, months.first_kind, months.months_since_start

),

ended as (

    select
        municipality_code,
        first_kind,
        months_followed,
        exit_reason,
        count(*) as ended_count
    from spells_of_kinds
    where exit_reason is not null
    group by municipality_code, first_kind, months_followed, exit_reason

),

met as (

    select distinct
        municipality_code,
        first_kind,
        exit_reason
    from ended

),

by_reason as (

    select
        at_risk.municipality_code,
        at_risk.first_kind,
        met.exit_reason,
        at_risk.months_since_start,
        at_risk.at_risk_count,
        at_risk.all_ended_count,
        coalesce(ended.ended_count, 0) as ended_count
    from at_risk
    inner join met
        on at_risk.municipality_code = met.municipality_code and at_risk.first_kind = met.first_kind
    left join ended
        on
            met.municipality_code = ended.municipality_code
            and met.first_kind = ended.first_kind
            and met.exit_reason = ended.exit_reason
            and at_risk.months_since_start = ended.months_followed

),

final as (

    select * from by_reason
    union all
    select
        municipality_code,
        first_kind,
        'alla' as exit_reason,
        months_since_start,
        at_risk_count,
        all_ended_count,
        all_ended_count as ended_count
    from at_risk

)

select * from final
