-- A count in the band never leaves the protection, whatever table it stands in.
with

rules as (

    select * from {{ ref('release_profile') }}

),

shown as (

    select
        'indicator_values' as table_name,
        value as shown_count
    from {{ ref('indicator_values') }}
    where unit in ('persons', 'households')
    union all
    select
        'indicator_values' as table_name,
        numerator as shown_count
    from {{ ref('indicator_values') }}
    where unit in ('share', 'persons', 'households')
    union all
    select
        'indicator_values' as table_name,
        denominator as shown_count
    from {{ ref('indicator_values') }}
    union all
    select
        'long_term_recipiency' as table_name,
        unnest([
            adult_recipients_count, adult_recipients_3y_count, longterm_person_wide_count,
            longterm_within_municipality_count, very_longterm_interior_count, very_longterm_window_count,
            municipality_method_differs_count, break_rule_differs_count, very_longterm_not_longterm_count,
            child_recipients_count, longterm_children_count
        ]) as shown_count
    from {{ ref('long_term_recipiency') }}
    union all
    select
        'reason_for_need' as table_name,
        unnest([adults_count, adults_with_reason_count]) as shown_count
    from {{ ref('reason_for_need') }}
    union all
    select
        'duration_curves' as table_name,
        unnest([at_risk_count, ended_by_count, censored_by_count]) as shown_count
    from {{ ref('duration_curves') }}
    union all
    select
        'reason_transitions' as table_name,
        unnest([adults_count, from_adults_count]) as shown_count
    from {{ ref('reason_transitions') }}
    union all
    select
        'monthly_series' as table_name,
        value as shown_count
    from {{ ref('monthly_series') }}
    where unit in ('persons', 'households')
    union all
    select
        'activity_quarters' as table_name,
        unnest([
            activity_directed_4a_count, activity_directed_4d_count, activity_in_force_4a_count,
            activity_in_force_4d_count, support_refused_or_reduced_count, support_refused_count, support_reduced_count
        ]) as shown_count
    from {{ ref('activity_quarters') }}
    union all
    select
        'deliveries' as table_name,
        unnest([
            rows_read, rows_loaded, rows_quarantined, rows_duplicate, rows_warned, households_count, persons_count
        ]) as shown_count
    from {{ ref('deliveries') }}

)

select
    shown.table_name,
    shown.shown_count
from shown
cross join rules
where shown.shown_count between 0 and rules.band_to
