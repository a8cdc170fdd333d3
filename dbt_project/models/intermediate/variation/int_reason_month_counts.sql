-- Adults with a reason in the month, in each area once; an adult with two reasons in the month counts under both, and under
-- uppgift_saknas only without any.
with

person_reason_months as (

    select * from {{ ref('int_person_reason_months') }}
    where month_bits <> 0

),

person_years as (

    select * from {{ ref('int_person_years') }}

),

in_municipality as (

    select
        person_reason_months.person_id,
        person_reason_months.municipality_code as geography_id,
        person_reason_months.period_year,
        person_reason_months.publication_category,
        person_reason_months.month_bits,
        person_years.municipalities_count = 1 as is_additive
    from person_reason_months
    inner join person_years
        on
            person_reason_months.person_id = person_years.person_id
            and person_reason_months.period_year = person_years.period_year

),

in_larger_area as (

    {{ in_larger_areas('in_municipality', ['publication_category'], {'month_bits': 'bit_or(month_bits)'}) }}

),

larger_without_blanks as (

    select
        person_id,
        geography_id,
        period_year,
        publication_category,
        {{ stated_before_blank('geography_id') }} as month_bits,
        is_additive
    from in_larger_area

),

persons as (

    select * from in_municipality
    union all
    select * from larger_without_blanks

),

year_counts as (

    select
        geography_id,
        period_year,
        publication_category,
        is_additive,
    {% for month_number in range(1, 13) %}
        sum({{ has_month('month_bits', month_number) }}) as adults_{{ month_number }}{{ "," if not loop.last }}
    {% endfor %}
    from persons
    group by geography_id, period_year, publication_category, is_additive

),

counts as (

    {% for month_number in range(1, 13) %}
        select
            geography_id,
            period_year,
            {{ month_number }} as month_number,
            publication_category,
            is_additive,
            adults_{{ month_number }} as adults_count
        from year_counts
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    {{ summed_upwards('counts', ['period_year', 'month_number', 'publication_category'], ['adults_count']) }}

)

select * from final
