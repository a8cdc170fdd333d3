-- A spell is in one municipality: months with aid as an adult, with fewer empty months between them than an end takes. Only
-- spells that are seen to begin, after as many delivered months without aid, and only while the municipality delivers
-- without a hole: one whose end cannot be seen is followed to the last month whose end could have been.
with

adults as (

    select distinct
        person_id,
        municipality_code,
        month_index
    from {{ ref('int_chain_adults') }}

),

chain_months as (

    select * from {{ ref('int_chain_months') }}

),

measures as (

    select * from {{ ref('int_measures') }}

),

rules as (

    select * from {{ constants(['exit_empty_months', 'return_months']) }} as rule_values

),

steps as (

    select
        adults.*,
        chain_months.run_last_index,
        case
            when adults.month_index - lag(adults.month_index) over (
                partition by adults.person_id, adults.municipality_code, chain_months.run_last_index
                order by adults.month_index
            ) <= rules.exit_empty_months then 0
            else 1
        end as is_start
    from adults
    cross join rules
    inner join chain_months
        on
            adults.municipality_code = chain_months.municipality_code
            and adults.month_index = chain_months.month_index

),

numbered as (

    select
        *,
        sum(is_start) over (
            partition by person_id, municipality_code
            order by month_index
            rows between unbounded preceding and current row
        ) as spell_number
    from steps

),

spells as (

    select
        person_id,
        municipality_code,
        spell_number,
        run_last_index,
        min(month_index) as first_month_index,
        max(month_index) as last_month_index
    from numbered
    group by person_id, municipality_code, spell_number, run_last_index

),

followed as (

    select
        spells.*,
        rules.return_months,
        spells.last_month_index + rules.exit_empty_months <= spells.run_last_index as is_ended,
        spells.run_last_index - rules.exit_empty_months as last_judged_index,
        lead(spells.first_month_index) over (
            partition by spells.person_id, spells.municipality_code, spells.run_last_index
            order by spells.first_month_index
        ) as next_first_index
    from spells
    cross join rules

),

known as (

    select followed.*
    from followed
    cross join rules
    inner join chain_months
        on
            followed.municipality_code = chain_months.municipality_code
            and followed.first_month_index = chain_months.month_index
            and rules.exit_empty_months < chain_months.delivered_before
    -- the months before are of the chain too, so that a measure in them is known
    inner join chain_months as before_it
        on
            followed.municipality_code = before_it.municipality_code
            and rules.exit_empty_months = followed.first_month_index - before_it.month_index

),

-- the measures of each spell; `place` 1 is the first that began in it
placed as (

    select
        known.person_id,
        known.municipality_code,
        known.first_month_index,
        measures.measure_kind,
        measures.start_month_index,
        measures.start_month_index < known.first_month_index as is_before,
        measures.start_month_index between known.first_month_index and known.last_month_index as is_during,
        known.is_ended
        and measures.start_month_index > known.last_month_index
        and measures.start_month_index < coalesce(known.next_first_index, known.run_last_index + 1) as is_after,
        row_number() over (
            partition by
                known.person_id,
                known.municipality_code,
                known.first_month_index,
                measures.start_month_index between known.first_month_index and known.last_month_index
            order by measures.start_date asc, measures.measure_kind asc, measures.delivery_id asc, measures.file_row asc
        ) as place
    from known
    inner join measures
        on
            known.person_id = measures.person_id
            and known.municipality_code = measures.municipality_code

),

told as (

    select
        person_id,
        municipality_code,
        first_month_index,
        bool_or(is_before) as has_before,
        bool_or(is_during) as has_during,
        bool_or(is_after) as has_after,
        max(case when is_during and place = 1 then measure_kind end) as first_kind,
        max(case when is_during and place = 1 then start_month_index - first_month_index end) as waiting_months
    from placed
    group by person_id, municipality_code, first_month_index

),

final as (

    select
        known.person_id,
        known.municipality_code,
        known.first_month_index,
        known.last_month_index,
        known.is_ended,
        case
            when known.is_ended then known.last_month_index
            else greatest(known.last_judged_index, known.first_month_index - 1)
        end - known.first_month_index + 1 as months_followed,
        coalesce(told.has_before, false) as has_before,
        coalesce(told.has_during, false) as has_during,
        coalesce(told.has_after, false) as has_after,
        coalesce(told.first_kind, 'ingen_insats') as first_kind,
        told.waiting_months,
        -- whether twelve months after the end can be seen, and whether aid came again in them
        known.is_ended and known.last_month_index + known.return_months <= known.run_last_index as is_return_known,
        known.is_ended
        and coalesce(known.next_first_index - known.last_month_index <= known.return_months, false) as has_returned
    from known
    left join told
        on
            known.person_id = told.person_id
            and known.municipality_code = told.municipality_code
            and known.first_month_index = told.first_month_index

)

select * from final
