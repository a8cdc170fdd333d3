-- From the reason of a month to that of the next month as applicant in the municipality, within the year and with at
-- most two empty months between. A month with several reasons has one here: stated before blank, then in the order of
-- publication.
with

person_reason_months as (

    select * from {{ ref('int_person_reason_months') }}
    where month_bits <> 0

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

ranked as (

    select
        person_reason_months.person_id,
        person_reason_months.municipality_code,
        person_reason_months.period_year,
        person_reason_months.publication_category,
        person_reason_months.month_bits,
        case
            when person_reason_months.publication_category = 'uppgift_saknas' then 99
            else publication_categories.sort_order
        end as reason_order
    from person_reason_months
    inner join publication_categories
        on person_reason_months.publication_category = publication_categories.publication_category

),

lines as (

    select
        person_id,
        municipality_code,
        period_year,
        publication_category,
        month_bits & ~coalesce(bit_or(month_bits) over (
            partition by person_id, municipality_code, period_year
            order by reason_order
            rows between unbounded preceding and 1 preceding
        ), 0) as month_bits,
        bit_or(month_bits) over (partition by person_id, municipality_code, period_year) as all_bits
    from ranked

),

steps as (

    select
        from_line.person_id,
        from_line.municipality_code,
        from_line.period_year,
        from_line.publication_category as from_reason,
        to_line.publication_category as to_reason,
        {{ shift_months('from_line.month_bits', 1) }} & to_line.month_bits as next_bits,
        {{ shift_months('from_line.month_bits', 2) }} & to_line.month_bits
        & ~{{ shift_months('from_line.all_bits', 1) }} as after_one_bits,
        {{ shift_months('from_line.month_bits', 3) }} & to_line.month_bits
        & ~{{ shift_months('from_line.all_bits', 1) }} & ~{{ shift_months('from_line.all_bits', 2) }} as after_two_bits
    from lines as from_line
    inner join lines as to_line
        on
            from_line.person_id = to_line.person_id
            and from_line.municipality_code = to_line.municipality_code
            and from_line.period_year = to_line.period_year

),

final as (

    select
        person_id,
        municipality_code,
        period_year,
        from_reason,
        to_reason,
        case
            when next_bits <> 0 then 0
            when after_one_bits <> 0 then 1
            else 2
        end as shortest_break_months
    from steps
    where next_bits <> 0 or after_one_bits <> 0 or after_two_bits <> 0

)

select * from final
