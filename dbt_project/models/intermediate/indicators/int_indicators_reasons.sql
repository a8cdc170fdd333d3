with

reason_breakdowns as (

    select * from {{ ref('int_reason_breakdowns') }}

),

final as (

    {{ indicator_rows('reason_breakdowns', [
        {
            'id': 'adults_with_reason',
            'numerator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
            'where': "definition_id = 'reason:most_frequent' and reason = 'uppgift_saknas'",
        },
        {
            'id': 'reason_share',
            'definition_column': 'definition_id',
            'numerator': 'adults_count',
            'denominator': 'all_adults_count',
            'is_reported': 'is_reported_1y',
            'breakdown': "concat_ws(';', nullif(breakdown, 'total'), 'reason=' || reason)",
        },
    ]) }}

)

select * from final
