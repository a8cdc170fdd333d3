"""The outcome of one check, whichever gate made it: the rows of the released table quality_results."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, replace

from orchestration.database import insert_rows, open_database
from orchestration.settings import Settings

# the files of build/quality
GATES = ("landing", "dbt", "release")

# the severity of a blocking demand that failed and that a person has accepted
ACCEPTED = "accepted"
# Results of these suites compare with the release before: they depend on history and not on what is released.
CHANGE_SUITE = "release_change"

COLUMNS = (
    "gate varchar, suite varchar, expectation varchar, table_name varchar, column_name varchar, severity varchar, "
    "is_passed boolean, observed varchar, checked_rows bigint"
)


@dataclass(frozen=True)
class QualityResult:
    """One expectation and how it went.

    `gate` is landing, release or dbt; `expectation` a Swedish sentence; `severity` blocking, warning or accepted; `observed` an
    aggregate and never a row of a person; `checked_rows` the rows looked at, None of a view.
    """

    gate: str
    suite: str
    expectation: str
    table_name: str
    column_name: str | None
    severity: str
    is_passed: bool
    observed: str
    checked_rows: int | None

    @property
    def is_accepted(self) -> bool:
        """Whether a person has let it pass."""
        return self.severity == ACCEPTED

    def row(self) -> tuple:
        return astuple(self)


def accept_changes(results: Iterable[QualityResult], because: str) -> list[QualityResult]:
    """The results of the release gate after a person has accepted what it would stop, with the reason."""
    return [
        replace(one, severity=ACCEPTED, observed=f"{one.observed}; godtaget: {because}")
        if not one.is_passed and one.severity == "blocking"
        else one
        for one in results
    ]


def blocking_failures(results: Iterable[QualityResult]) -> list[QualityResult]:
    """The results that stop a publication: failed and blocking."""
    return [result for result in results if result.severity == "blocking" and not result.is_passed]


def save_results(settings: Settings, gate: str, results: Iterable[QualityResult]) -> None:
    """Keep the results of one gate in build/quality until the release is made."""
    folder = settings.build / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1)
    (folder / f"{gate}.json").write_text(text, encoding="utf-8")


def load_results(settings: Settings) -> list[QualityResult]:
    """The latest results of every gate, in the order of GATES."""
    found = []
    for gate in GATES:
        path = settings.build / "quality" / f"{gate}.json"
        if path.exists():
            found += [QualityResult(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    return found


def load_into_warehouse(settings: Settings, results: list[QualityResult]) -> None:
    """Replace raw.quality_results, which the mart of that name shows."""
    with open_database(settings.warehouse) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(f"create or replace table raw.quality_results ({COLUMNS})")
        insert_rows(connection, "raw.quality_results", [one.row() for one in results])
