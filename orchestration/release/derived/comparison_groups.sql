with indicator_values as (
    select * from protected.indicator_values
    where
        length(period) = 4
        and (
            breakdown in ('total', 'sex=K', 'sex=M')
            or (
                starts_with(breakdown, 'reason=')
                and definition_id in (
                    select definition_id from warehouse.reference.definitions where definition_status = 'official'
                )
            )
        )
),

periods as (
    select distinct period from indicator_values
),

members as (
    select geography_members.*, periods.period
    from protected.geography_members as geography_members
    inner join periods
        on cast(periods.period as integer)
            between coalesce(geography_members.first_year, 0) and coalesce(geography_members.last_year, 9999)
),

figures as (
    select distinct indicator_id, definition_id, period, breakdown, unit from indicator_values
),

-- every member of every group, with its figure or the status that says why there is none
member_values as (
    select
        members.geography_id, members.geography_name, members.geography_type, members.municipality_code,
        members.municipality_name, figures.*,
        indicator_values.value, indicator_values.numerator, indicator_values.denominator,
        coalesce(indicator_values.value_status, 'not_reported') as value_status,
        recipients.value as recipients
    from figures
    inner join members using (period)
    left join indicator_values
        on
            members.municipality_code = indicator_values.geography_id
            and figures.indicator_id = indicator_values.indicator_id
            and figures.definition_id = indicator_values.definition_id
            and figures.period = indicator_values.period
            and figures.breakdown = indicator_values.breakdown
    left join indicator_values as recipients
        on
            members.municipality_code = recipients.geography_id
            and recipients.indicator_id = 'recipients'
            and recipients.breakdown = 'total'
            and figures.period = recipients.period
),

-- mean and spread are taken over the figures that are shown, so they give no hidden one back
spread as (
    select
        geography_id, geography_name, geography_type, indicator_id, definition_id, period, breakdown, unit,
        cast(count(*) as integer) as members_total,
        cast(count(*) filter (where value_status <> 'not_reported') as integer) as members_included,
        cast(count(value) as integer) as members_shown,
        string_agg(municipality_name, ', ' order by municipality_code)
            filter (where value_status = 'not_reported') as missing_members,
        bool_or(value_status = 'suppressed') as has_hidden,
        bool_or(value_status = 'missing') as has_missing,
        -- summed as decimals: kronor in another order must not give another last digit
        cast(sum(cast(numerator as decimal(18, 2))) as double) as numerator,
        cast(sum(cast(denominator as decimal(18, 2))) as double) as denominator,
        avg(value order by municipality_code) as unweighted_mean,
        quantile_cont(value, 0.10) as p10,
        quantile_cont(value, 0.25) as p25,
        quantile_cont(value, 0.50) as median,
        quantile_cont(value, 0.75) as p75,
        quantile_cont(value, 0.90) as p90,
        arg_max(municipality_code, recipients * 10000 + (9999 - cast(municipality_code as integer)))
            filter (where value is not null) as largest_member_id
    from member_values
    group by all
),

group_counts as (
    select * from warehouse.reference.group_counts
),

group_overlaps as (
    select * from warehouse.intermediate.int_group_overlaps
),

-- counts of a group that has no row of its own: the members' sum less those counted in several of them. One hidden
-- member hides the group, for the group less the others would give it back.
summed as (
    select
        spread.*,
        spread.numerator - coalesce(numerators.overlap_count, 0) as group_numerator,
        spread.denominator - coalesce(denominators.overlap_count, 0) as group_denominator,
        case
            when spread.members_included = 0 then 'not_reported'
            when group_counts.indicator_id is null then 'not_applicable'
            when spread.has_hidden then 'suppressed'
            when spread.has_missing then 'missing'
            when spread.members_shown = 0 then 'not_applicable'
            else 'published'
        end as group_status
    from spread
    left join group_counts using (indicator_id, definition_id)
    left join group_overlaps as numerators
        on
            spread.geography_id = numerators.geography_id and numerators.municipality_code is null
            and spread.period = numerators.period and spread.breakdown = numerators.breakdown
            and group_counts.numerator_overlap = numerators.measure
    left join group_overlaps as denominators
        on
            spread.geography_id = denominators.geography_id and denominators.municipality_code is null
            and spread.period = denominators.period and spread.breakdown = denominators.breakdown
            and group_counts.denominator_overlap = denominators.measure
),

valued as (
    select
        summed.* exclude (numerator, denominator),
        coalesce(own.value_status, case when geography_type = 'similar' then group_status else 'not_reported' end)
            as value_status,
        case when own.geography_id is not null then own.numerator when geography_type = 'similar' then group_numerator
        end as numerator,
        case
            when own.geography_id is not null then own.denominator
            when geography_type = 'similar' then group_denominator
        end as denominator
    from summed
    left join indicator_values as own using (geography_id, indicator_id, definition_id, period, breakdown)
),

-- the group without its largest member, the one with most recipients: shown when both are
without_largest as (
    select
        valued.*,
        largest.municipality_name as largest_member_name,
        valued.numerator - largest.numerator + coalesce(numerators.overlap_count, 0) as rest_numerator,
        valued.denominator - largest.denominator + coalesce(denominators.overlap_count, 0) as rest_denominator,
        case
            when valued.value_status <> 'published' then valued.value_status
            when group_counts.indicator_id is null or valued.members_included < 2 or largest.value is null
                then 'not_applicable'
            else 'published'
        end as rest_status
    from valued
    left join member_values as largest
        on
            valued.geography_id = largest.geography_id and valued.largest_member_id = largest.municipality_code
            and valued.indicator_id = largest.indicator_id and valued.definition_id = largest.definition_id
            and valued.period = largest.period and valued.breakdown = largest.breakdown
    left join group_counts
        on valued.indicator_id = group_counts.indicator_id and valued.definition_id = group_counts.definition_id
    left join group_overlaps as numerators
        on
            valued.geography_id = numerators.geography_id
            and valued.largest_member_id = numerators.municipality_code
            and valued.period = numerators.period and valued.breakdown = numerators.breakdown
            and group_counts.numerator_overlap = numerators.measure
    left join group_overlaps as denominators
        on
            valued.geography_id = denominators.geography_id
            and valued.largest_member_id = denominators.municipality_code
            and valued.period = denominators.period and valued.breakdown = denominators.breakdown
            and group_counts.denominator_overlap = denominators.measure
),

judged as (
    select
        *,
        case
            when rest_status <> 'published' then rest_status
            when unit <> 'sek' and rest_numerator > 0 and rest_numerator < $smallest_published_count then 'suppressed'
            when rest_denominator > 0 and rest_denominator < $smallest_published_count then 'suppressed'
            when rest_denominator = 0 then 'not_applicable'
            else 'published'
        end as without_largest_status
    from without_largest
)

select
    geography_id, geography_name, geography_type, indicator_id, definition_id, period, breakdown, unit,
    case when value_status = 'published' then coalesce(numerator / nullif(denominator, 0), numerator) end as value,
    case when value_status = 'published' then numerator end as numerator,
    case when value_status = 'published' then denominator end as denominator,
    value_status,
    members_total, members_included, members_shown, missing_members,
    unweighted_mean, p10, p25, median, p75, p90,
    largest_member_id, largest_member_name,
    case
        when without_largest_status = 'published'
            then coalesce(rest_numerator / nullif(rest_denominator, 0), rest_numerator)
    end as without_largest_value,
    without_largest_status
from judged
