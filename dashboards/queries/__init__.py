"""The pages' questions to the release: the only place with their SQL, one file a topic."""

from dashboards.queries.activity import (
    activity_dates,
    activity_municipalities,
    activity_quarters,
    directed_share,
    measure_months,
    target_group,
)
from dashboards.queries.catalogue import (
    areas,
    breakdowns,
    coverage,
    definitions,
    indicators,
    missing_months,
    source_datasets,
    sources,
)
from dashboards.queries.chain import (
    changes,
    measure_chains,
    measure_curves,
    measure_endings,
    measure_left,
    measure_needs,
)
from dashboards.queries.comparison import (
    compared_indicators,
    comparison,
    members,
    municipality_values,
    similar_values,
)
from dashboards.queries.deliveries import (
    delivery_files,
    delivery_months,
    quality_results,
    rule_hits,
)
from dashboards.queries.flow import (
    duration_curves,
    flow_months,
    reason_steps,
)
from dashboards.queries.follow_up import (
    conditions,
    targets,
)
from dashboards.queries.oppna_jamforelser import (
    oj_answers,
    oj_respondents,
)
from dashboards.queries.reasons import (
    exit_reasons,
    reason_definitions,
    reasons,
)
from dashboards.queries.reconciliation import (
    contradictions,
    fixed_prices,
    printed_values,
    reconciliation,
    reconciliation_summary,
)
from dashboards.queries.release import (
    NoRelease,
    Release,
    current_release,
    has_table,
    news,
    release_info,
    tables,
    whole_table,
)
from dashboards.queries.values import (
    broken_down,
    definition_differences,
    indicator_values,
    monthly_values,
    trends,
    yearly_values,
)
from dashboards.queries.variation import (
    variation_events,
    variation_months,
    variation_phases,
    variation_readings,
    variation_series,
    variation_signals,
)

__all__ = [
    "NoRelease",
    "Release",
    "activity_dates",
    "activity_municipalities",
    "activity_quarters",
    "areas",
    "breakdowns",
    "broken_down",
    "changes",
    "compared_indicators",
    "comparison",
    "conditions",
    "contradictions",
    "coverage",
    "current_release",
    "definition_differences",
    "definitions",
    "delivery_files",
    "delivery_months",
    "directed_share",
    "duration_curves",
    "exit_reasons",
    "fixed_prices",
    "flow_months",
    "has_table",
    "indicator_values",
    "indicators",
    "measure_chains",
    "measure_curves",
    "measure_endings",
    "measure_left",
    "measure_months",
    "measure_needs",
    "members",
    "missing_months",
    "monthly_values",
    "municipality_values",
    "news",
    "oj_answers",
    "oj_respondents",
    "printed_values",
    "quality_results",
    "reason_definitions",
    "reason_steps",
    "reasons",
    "reconciliation",
    "reconciliation_summary",
    "release_info",
    "rule_hits",
    "similar_values",
    "source_datasets",
    "sources",
    "tables",
    "target_group",
    "targets",
    "trends",
    "variation_events",
    "variation_months",
    "variation_phases",
    "variation_readings",
    "variation_series",
    "variation_signals",
    "whole_table",
    "yearly_values",
]
