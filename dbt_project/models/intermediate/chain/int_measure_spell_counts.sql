-- By the reason that the spell began with (the first of the list, where there are two) and the first measure that began in
-- it.
with

spells as (

    select * from {{ ref('int_measure_spells') }}

),

adults as (

    select * from {{ ref('int_chain_adults') }}

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

reasons as (

    select
        spells.person_id,
        spells.municipality_code,
        spells.first_month_index,
        adults.publication_category,
        row_number() over (
            partition by spells.person_id, spells.municipality_code, spells.first_month_index
            order by publication_categories.sort_order
        ) as place
    from spells
    inner join adults
        on
            spells.person_id = adults.person_id
            and spells.municipality_code = adults.municipality_code
            and spells.first_month_index = adults.month_index
    inner join publication_categories
        on adults.publication_category = publication_categories.publication_category

),

described as (

    select
        spells.*,
        reasons.publication_category
    from spells
    inner join reasons
        on
            spells.person_id = reasons.person_id
            and spells.municipality_code = reasons.municipality_code
            and spells.first_month_index = reasons.first_month_index
            and reasons.place = 1

),

final as (

    {% for reason, kind, by in [
        ('publication_category', 'first_kind', ', publication_category, first_kind'),
        ('publication_category', "'alla'", ', publication_category'),
        ("'alla'", 'first_kind', ', first_kind'),
        ("'alla'", "'alla'", ''),
    ] %}
        select
            municipality_code,
            {{ reason }} as reason,
            {{ kind }} as first_kind,
            count(*) as spells_count,
            count(case when has_before then 1 end) as measure_before_count,
            count(case when has_during then 1 end) as measure_during_count,
            count(case when has_after then 1 end) as measure_after_count,
            count(case when is_ended then 1 end) as ended_count,
            count(case when is_return_known then 1 end) as return_known_count,
            count(case when is_return_known and has_returned then 1 end) as returned_count,
            sum(waiting_months) as waiting_months_sum,
            cast(median(waiting_months) as double) as waiting_months_median
        from described
        group by municipality_code{{ by }}
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
