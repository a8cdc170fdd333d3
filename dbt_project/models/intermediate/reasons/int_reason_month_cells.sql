-- Adults and person-months per category and sex, for the variants that count every reason of the year. uppgift_saknas
-- stands here by its months; who never stated a reason at all is in int_reason_cells.
with

reason_months as (

    select * from {{ ref('int_person_area_reason_months') }}

),

counts as (

    select
        geography_id,
        period_year,
        sex,
        publication_category,
        is_additive,
        count(*) as any_adults_count,
        count(case when month_bits > 0 then 1 end) as month_adults_count,
        sum({{ months_in('month_bits') }}) as person_months_count
    from reason_months
    group by geography_id, period_year, sex, publication_category, is_additive

),

final as (

    {{ summed_upwards(
        'counts',
        ['period_year', 'sex', 'publication_category'],
        ['any_adults_count', 'month_adults_count', 'person_months_count']
    ) }}

)

select * from final
