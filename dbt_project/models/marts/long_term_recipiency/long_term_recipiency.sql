{% set shares = [
    ('longterm_person_wide', 'adult_recipients', 'longterm_adults_person_wide', 1),
    ('longterm_within_municipality', 'adult_recipients', 'longterm_adults_within_municipality', 1),
    ('very_longterm_interior', 'adult_recipients_3y', 'very_longterm_interior', 3),
    ('very_longterm_window', 'adult_recipients_3y', 'very_longterm_window', 3),
] %}

with

recipient_breakdowns as (

    select * from {{ ref('int_recipient_breakdowns') }}
    where coalesce(age_from, 18) >= 18

),

geographies as (

    select * from {{ ref('dim_geographies') }}

),

named as (

    select
        recipient_breakdowns.*,
        geographies.geography_name
    from recipient_breakdowns
    inner join geographies
        on recipient_breakdowns.geography_id = geographies.geography_id

),

final as (

    select
        geography_id,
        geography_name,
        period_year,
        breakdown,
        case when is_reported_1y then 'published' else 'not_reported' end as status_1y,
        case when is_reported_3y then 'published' else 'not_reported' end as status_3y,
        case when is_reported_1y then adult_recipients end as adult_recipients_count,
        case when is_reported_3y then adult_recipients_3y end as adult_recipients_3y_count,
        {% for name, denominator, numerator, window_years in shares %}
            case when is_reported_{{ window_years }}y then {{ numerator }} end as {{ name }}_count,
            case when is_reported_{{ window_years }}y then {{ numerator }} / nullif({{ denominator }}, 0) end
                as {{ name }}_share_recipients,
        {% endfor %}
        case when is_reported_1y then longterm_adults_person_wide / nullif(adult_population, 0) end
            as longterm_share_population,
        case when is_reported_1y then municipality_method_differs end as municipality_method_differs_count,
        case when is_reported_3y then break_rule_differs end as break_rule_differs_count,
        case when is_reported_3y then very_longterm_not_longterm end as very_longterm_not_longterm_count,
        case when is_reported_1y and age_band is null then child_recipients end as child_recipients_count,
        case when is_reported_1y and age_band is null then longterm_children_person_wide end as longterm_children_count,
        case when is_reported_1y and age_band is null then longterm_children_person_wide / nullif(child_population, 0) end
            as longterm_children_share_population
    from named

)

select * from final
