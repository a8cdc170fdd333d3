-- No database before the names: a view lies in the file of the release, whatever it is attached as.
-- Every figure with its names, so that one line answers: from figures where geography_name = 'Avesta' and is_official.
select
    indicator_values.indicator_id,
    dim_indicators.indicator_name,
    indicator_values.definition_id,
    dim_indicators.definition_name,
    dim_indicators.is_official,
    indicator_values.geography_id,
    dim_geographies.geography_name,
    dim_geographies.geography_type,
    indicator_values.municipalities_included,
    indicator_values.municipalities_total,
    indicator_values.period,
    indicator_values.period_kind,
    indicator_values.period_start,
    indicator_values.period_year,
    indicator_values.period_month,
    indicator_values.breakdown,
    breakdown_groups.breakdown_name,
    breakdown_groups.dimensions,
    breakdown_groups.dimensions_count,
    breakdown_groups.is_partition,
    breakdown_groups.sex,
    breakdown_groups.age_band,
    breakdown_groups.origin,
    breakdown_groups.children,
    breakdown_groups.duration,
    breakdown_groups.district,
    breakdown_groups.household_type,
    breakdown_groups.national_group,
    breakdown_groups.gr_group,
    breakdown_groups.reason,
    breakdown_groups.exit_reason,
    breakdown_groups.age_month,
    breakdown_groups.young_child,
    breakdown_groups.registered_reason,
    breakdown_groups.benefit_group,
    indicator_values.value,
    indicator_values.unit,
    indicator_values.value_status,
    indicator_values.numerator,
    indicator_values.denominator,
    indicator_values.is_preliminary,
    indicator_values.is_rounded
from {{ ref('indicator_values').include(database=false) }} as indicator_values
inner join {{ ref('dim_indicators').include(database=false) }} as dim_indicators
    on
        indicator_values.indicator_id = dim_indicators.indicator_id
        and indicator_values.definition_id = dim_indicators.definition_id
inner join {{ ref('dim_geographies').include(database=false) }} as dim_geographies
    on indicator_values.geography_id = dim_geographies.geography_id
inner join {{ ref('breakdown_groups').include(database=false) }} as breakdown_groups
    on indicator_values.breakdown = breakdown_groups.breakdown
