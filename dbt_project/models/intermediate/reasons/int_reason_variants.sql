-- Adults by every reason of the year, by sex; a reason nobody has is 0. uppgift_saknas counts under `any` only for those
-- who never stated a reason, and under `months` for each blank month.
with

reason_month_cells as (

    select * from {{ ref('int_reason_month_cells') }}

),

reason_cells as (

    select * from {{ ref('int_reason_cells') }}

),

geography_years as (

    select * from {{ ref('int_geography_years') }}

),

sexes as (

    select
        breakdown,
        sex
    from {{ ref('int_reason_dimensions') }}
    where is_by_sex_only

),

publication_categories as (

    select * from {{ ref('publication_categories') }}

),

by_category as (

    select
        geography_id,
        period_year,
        coalesce('sex=' || sex, 'total') as breakdown,
        publication_category,
        sum(any_adults_count) as any_adults_count,
        sum(month_adults_count) as month_adults_count,
        sum(person_months_count) as person_months_count
    from reason_month_cells
    group by grouping sets (
        (geography_id, period_year, publication_category),
        (geography_id, period_year, publication_category, sex)
    )

),

person_months as (

    select
        geography_id,
        period_year,
        breakdown,
        sum(person_months_count) as person_months_count
    from by_category
    group by geography_id, period_year, breakdown

),

persons as (

    select
        geography_id,
        period_year,
        coalesce('sex=' || sex, 'total') as breakdown,
        sum(adults_count) as adults_count,
        sum(stated_adults_count) as stated_adults_count,
        sum(changed_adults_count) as changed_adults_count,
        sum(never_stated_adults_count) as never_stated_adults_count,
        sum(sick_without_benefit_adults_count) as sick_without_benefit_adults_count
    from reason_cells
    group by grouping sets (
        (geography_id, period_year),
        (geography_id, period_year, sex)
    )

),

final as (

    select
        geography_years.geography_id,
        geography_years.period_year,
        geography_years.is_reported_1y,
        sexes.breakdown,
        sexes.sex,
        publication_categories.publication_category as reason,
        cast(coalesce(
            case
                when publication_categories.publication_category = 'uppgift_saknas' then persons.never_stated_adults_count
                else by_category.any_adults_count
            end, 0
        ) as bigint) as any_adults_count,
        cast(coalesce(by_category.month_adults_count, 0) as bigint) as month_adults_count,
        cast(coalesce(by_category.person_months_count, 0) as bigint) as person_months_count,
        cast(coalesce(person_months.person_months_count, 0) as bigint) as all_person_months_count,
        cast(coalesce(persons.adults_count, 0) as bigint) as adults_count,
        cast(coalesce(persons.stated_adults_count, 0) as bigint) as stated_adults_count,
        cast(coalesce(persons.changed_adults_count, 0) as bigint) as changed_adults_count,
        cast(coalesce(persons.sick_without_benefit_adults_count, 0) as bigint) as sick_without_benefit_adults_count
    from geography_years
    cross join sexes
    cross join publication_categories
    left join by_category
        on
            geography_years.geography_id = by_category.geography_id
            and geography_years.period_year = by_category.period_year
            and sexes.breakdown = by_category.breakdown
            and publication_categories.publication_category = by_category.publication_category
    left join person_months
        on
            geography_years.geography_id = person_months.geography_id
            and geography_years.period_year = person_months.period_year
            and sexes.breakdown = person_months.breakdown
    left join persons
        on
            geography_years.geography_id = persons.geography_id
            and geography_years.period_year = persons.period_year
            and sexes.breakdown = persons.breakdown

)

select * from final
