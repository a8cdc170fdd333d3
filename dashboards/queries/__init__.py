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
    indicators,
    missing_months,
    source_datasets,
    sources,
)
from dashboards.queries.comparison import (
    compared_indicators,
    comparison,
    municipality_values,
)
from dashboards.queries.deliveries import (
    delivery_files,
    delivery_months,
    quality_results,
    rule_hits,
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
    printed_values,
    reconciliation,
    reconciliation_summary,
)
from dashboards.queries.release import (
    NoRelease,
    Release,
    current_release,
    release_info,
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
    "compared_indicators",
    "comparison",
    "contradictions",
    "coverage",
    "current_release",
    "definition_differences",
    "delivery_files",
    "delivery_months",
    "directed_share",
    "exit_reasons",
    "indicator_values",
    "indicators",
    "measure_months",
    "missing_months",
    "monthly_values",
    "municipality_values",
    "oj_answers",
    "oj_respondents",
    "printed_values",
    "quality_results",
    "reason_definitions",
    "reasons",
    "reconciliation",
    "reconciliation_summary",
    "release_info",
    "rule_hits",
    "source_datasets",
    "sources",
    "target_group",
    "trends",
    "variation_events",
    "variation_months",
    "variation_phases",
    "variation_readings",
    "variation_series",
    "variation_signals",
    "yearly_values",
]
