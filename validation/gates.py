"""The two gates: what was delivered, before anything is built; what was built, before anyone reads it.

The only module that meets Great Expectations, whose import takes seconds: it stands inside the functions. Results are
BOOLEAN_ONLY, so that no value of a row gets into them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from orchestration.settings import Settings
from orchestration.sources.fetching.snapshots import has_snapshots
from orchestration.warehouse.quality import QualityResult, blocking_failures
from validation.frames import landing_frames, release_frames
from validation.suites import Expectation, Suite, landing_register, release

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["QualityResult", "blocking_failures", "run_landing_gate", "run_release_gate", "run_source_gate"]

_NAMED_ROWS = 3


def run_landing_gate(settings: Settings) -> list[QualityResult]:
    """Check the shape of the deliveries and the profile of each month in force."""
    frames = landing_frames(settings)
    if not len(frames["files"]) and has_snapshots(settings):
        # official figures alone: there is no register to check
        return []
    return _run("landing", landing_register.SUITES, frames)


def run_release_gate(settings: Settings) -> list[QualityResult]:
    """Check how the marts of the warehouse differ from the latest release of the same profile."""
    return _run("release", release.SUITES, release_frames(settings))


def run_source_gate(connector: str, tables: dict[str, pa.Table]) -> list[QualityResult]:
    """Check what one answer of an official source gave, before it comes into force.

    Tables that the source's suites do not name are not looked at; suites whose table did not come are left out.
    """
    suites = importlib.import_module(f"validation.suites.landing_{connector}").SUITES
    frames = {name: table.to_pandas() for name, table in tables.items()}
    return _run("landing", tuple(suite for suite in suites if suite.frame in frames), frames)


def _run(gate: str, suites: tuple[Suite, ...], frames: dict[str, pd.DataFrame]) -> list[QualityResult]:
    context = _quiet_context()
    results: list[QualityResult] = []
    for suite in suites:
        frame = frames[suite.frame]
        passed = _validate(context, suite, frame)
        for number, expectation in enumerate(suite.expectations):
            is_passed = passed.get(number, False)
            results.append(
                QualityResult(
                    gate=gate,
                    suite=suite.name,
                    expectation=expectation.title,
                    table_name=suite.table_name,
                    column_name=expectation.column,
                    severity=expectation.severity,
                    is_passed=is_passed,
                    observed=_observed(suite, expectation, frame),
                    checked_rows=len(frame),
                )
            )
    return results


def _quiet_context() -> Any:
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _validate(context: Any, suite: Suite, frame: pd.DataFrame) -> dict[int, bool]:
    """Whether each expectation holds, by its number in the suite; one that could not be checked has not passed."""
    import great_expectations as gx

    source = context.data_sources.add_pandas(suite.name)
    batch = source.add_dataframe_asset(suite.frame).add_batch_definition_whole_dataframe("all")
    expectations = gx.ExpectationSuite(name=suite.name)
    for number, expectation in enumerate(suite.expectations):
        arguments = dict(expectation.arguments)
        if expectation.column is not None:
            arguments["column"] = expectation.column
        kind = getattr(gx.expectations, expectation.kind)
        expectations.add_expectation(kind(**arguments, meta={"number": number}))
    outcome = batch.get_batch({"dataframe": frame}).validate(expectations, result_format="BOOLEAN_ONLY")
    return {one.expectation_config.meta["number"]: bool(one.success) for one in outcome.results}


def _observed(suite: Suite, expectation: Expectation, frame: pd.DataFrame) -> str:
    """How many rows lie outside, and the keys of the first: municipality and month, or a cell. Never a value."""
    if frame.empty:
        return "inga rader"
    outside = frame[_is_outside(expectation, frame)]
    if outside.empty:
        return "alla rader uppfyller kravet"
    named = [" ".join(str(row[key]) for key in suite.keys) for _, row in outside.head(_NAMED_ROWS).iterrows()]
    more = " …" if len(outside) > _NAMED_ROWS else ""
    return f"{len(outside)} av {len(frame)} rader avviker: {'; '.join(named)}{more}"


def _is_outside(expectation: Expectation, frame: pd.DataFrame) -> pd.Series:
    """True for the rows that break the demand. Only tells where; Great Expectations decides."""
    arguments = expectation.arguments
    nowhere = frame.index != frame.index
    if expectation.kind == "ExpectColumnPairValuesAToBeGreaterThanB":
        return (frame[arguments["column_A"]] < frame[arguments["column_B"]]).fillna(False)
    if expectation.kind == "ExpectCompoundColumnsToBeUnique":
        return frame.duplicated(arguments["column_list"])
    if expectation.column is None:
        return nowhere
    column = frame[expectation.column]
    if expectation.kind == "ExpectColumnValuesToNotBeNull":
        return column.isna()
    if expectation.kind == "ExpectColumnValuesToBeUnique":
        return column.duplicated()
    if expectation.kind == "ExpectColumnValuesToBeInSet":
        return column.notna() & ~column.isin(arguments["value_set"])
    if expectation.kind == "ExpectColumnValuesToMatchRegex":
        return column.notna() & ~column.astype(str).str.match(arguments["regex"])
    low, high = arguments["min_value"], arguments["max_value"]
    below = (column < low).fillna(False) if low is not None else nowhere
    above = (column > high).fillna(False) if high is not None else nowhere
    return below | above
