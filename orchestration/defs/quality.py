"""The two gates of Great Expectations, as blocking checks between the layers."""

from collections.abc import Callable, Iterator

import dagster as dg

from orchestration.pipeline import PipelineRun
from orchestration.progress import report
from orchestration.settings import Settings
from orchestration.warehouse.quality import QualityResult, accept_changes, blocking_failures, save_results

LANDING_CHECK = dg.AssetCheckSpec(
    "landing_gate",
    asset=["vault", "delivery_months"],
    blocking=True,
    description="Leveransernas form och profil, innan något byggs av dem.",
)
RELEASE_CHECK = dg.AssetCheckSpec(
    "release_gate",
    asset=["marts", "indicator_values"],
    blocking=True,
    description="Hur mycket utgåvan skiljer sig från den förra, innan den publiceras.",
    additional_deps=[
        ["marts", "long_term_recipiency"],
        ["marts", "reason_for_need"],
        ["marts", "reconciliation"],
    ],
)


@dg.multi_asset_check(specs=[LANDING_CHECK])
def landing_gate(run: dg.ResourceParam[PipelineRun]) -> Iterator[dg.AssetCheckResult]:
    """Great Expectations on the profile of what was delivered."""
    from validation.gates import run_landing_gate

    yield _checked(run, "landing", LANDING_CHECK, run_landing_gate)


@dg.multi_asset_check(specs=[RELEASE_CHECK])
def release_gate(run: dg.ResourceParam[PipelineRun]) -> Iterator[dg.AssetCheckResult]:
    """Great Expectations on how far what is about to be published differs from the release before."""
    from validation.gates import run_release_gate

    yield _checked(run, "release", RELEASE_CHECK, run_release_gate)


class Stopped(dg.Failure):
    """A check found something wrong with the data, which is another thing than a step that could not be done."""


def ask_gate(
    settings: Settings, gate: str, run_gate: Callable[[Settings], list[QualityResult]]
) -> list[QualityResult]:
    """The results of a gate, told and kept for quality_results; what a person has accepted stops nothing."""
    report(f"Great Expectations: prövar {'leveranserna' if gate == 'landing' else 'utgåvan'}")
    results = run_gate(settings)
    if gate == "release" and settings.accepted_because:
        results = accept_changes(results, settings.accepted_because)
    save_results(settings, gate, results)
    failed = [result for result in results if not result.is_passed]
    stopping = blocking_failures(results)
    for result in failed:
        word = "STOPP" if result in stopping else "godtaget" if result.is_accepted else "varning"
        report(f"  {word}: {result.expectation} ({result.table_name}: {result.observed})")
    report(f"  {len(results) - len(failed)} av {len(results)} prov godkända")
    return results


def _checked(
    run: PipelineRun,
    gate: str,
    spec: dg.AssetCheckSpec,
    run_gate: Callable[[Settings], list[QualityResult]],
) -> dg.AssetCheckResult:
    results = ask_gate(run.settings, gate, run_gate)
    failed = [result for result in results if not result.is_passed]
    stopping = blocking_failures(results)
    run.done.append(spec.name)
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not stopping,
        metadata={
            "checks": len(results),
            "failed_blocking": len(stopping),
            "failed_warning": len(failed) - len(stopping),
            "failed": dg.MetadataValue.md("\n".join(f"- {result.expectation}" for result in failed) or "–"),
        },
    )
