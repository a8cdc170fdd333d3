-- Adults with aid in the month by reason, and the kinds of measure they are in on any day of it. One with two reasons or in
-- two kinds stands in each, so rows may add up to more than all.
with

adults as (

    select * from {{ ref('int_chain_adults') }}

),

measures as (

    select * from {{ ref('int_measures') }}

),

in_measures as (

    select distinct
        adults.person_id,
        adults.municipality_code,
        adults.month_index,
        adults.publication_category,
        coalesce(measures.measure_kind, 'ingen_insats') as measure_kind
    from adults
    left join measures
        on
            adults.person_id = measures.person_id
            and adults.municipality_code = measures.municipality_code
            and adults.month_index >= measures.start_month_index
            and (measures.end_month_index is null or adults.month_index <= measures.end_month_index)

),

final as (

    {% for reason, kind, by in [
        ('publication_category', 'measure_kind', ', publication_category, measure_kind'),
        ('publication_category', "'alla'", ', publication_category'),
        ("'alla'", 'measure_kind', ', measure_kind'),
        ("'alla'", "'alla'", ''),
    ] %}
        select
            municipality_code,
            month_index,
            {{ reason }} as reason,
            {{ kind }} as measure_kind,
            count(distinct person_id) as adults_count
        from in_measures
        group by municipality_code, month_index{{ by }}
        {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
