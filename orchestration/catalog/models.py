"""The shapes of the files in data/catalog. A field that is not named here is refused."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal[
    "persons",
    "households",
    "share",
    "sek",
    "sek_per_household",
    "sek_per_inhabitant",
    "months",
    "ratio",
    "group",
    "respondents",
]
PrintedUnit = Literal[
    "percent",
    "persons",
    "households",
    "tkr",
    "sek_per_household",
    "sek_per_inhabitant",
    "months",
    "ratio",
    "group",
    "respondents",
]

EntryT = TypeVar("EntryT", bound="Entry")


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Route(Entry):
    """One address of a service, tried in the order given; the environment variable points it elsewhere."""

    url: str
    variable: str
    api: str = ""


class Limits(Entry):
    """What a service bears: at most `calls` per `seconds`; longer waits than `longest_wait_seconds` are not waited."""

    calls: int = Field(ge=1)
    seconds: float = Field(gt=0)
    timeout_seconds: float = Field(default=30, gt=0)
    longest_answer_seconds: float = Field(default=300, gt=0)
    attempts: int = Field(default=5, ge=1)
    longest_wait_seconds: float = Field(default=120, gt=0)
    max_megabytes: int = Field(default=200, ge=1)


class Dataset(Entry):
    """What is asked of a service as one whole; `asks` holds what only its connector understands (tables, years).

    `calendar` holds the days of the year (month-day) when something new usually comes out, the last day of a month as 31.

    `is_by_hand` is what no address is known for: files are saved from the source and added. What is fetched must have at
    least `least_share` of the rows fetched before. `apis` are the forms of the service that know it; empty is all of them.
    """

    dataset_id: str
    name: str
    cadence: str
    fresh_days: int = Field(ge=1)
    calendar: list[Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]] = Field(
        min_length=1
    )
    asks: dict[str, Any] = {}
    is_by_hand: bool = False
    apis: list[str] = []
    least_share: float = Field(default=0.5, ge=0, le=1)


class Service(Entry):
    """How a source is reached. `connector` names the module in orchestration/sources."""

    connector: str
    citation: str
    routes: list[Route]
    limits: Limits
    datasets: list[Dataset] = Field(min_length=1)


class Source(Entry):
    source_id: str
    name: str
    publisher: str
    licence: str
    text: str
    caveats: list[str]
    is_synthetic: bool
    service: Service | None = None


class DefinitionText(Entry):
    """What a definition adds to every indicator that uses it; `text` may hold thresholds as {min_months}. `numerator`
    and `denominator` stand in place of the indicator's.

    `published_break_years` are where the published series breaks; ours is counted in one way. `unseen_months` is the
    caveat that stands beside the figure while some municipality does not deliver.
    """

    text: str | None
    numerator: str | None = None
    denominator: str | None = None
    since_year: int | None = None
    published_break_years: list[str] = []
    caveats: list[str] = []
    unseen_months: str | None = None


class Indicator(Entry):
    indicator_id: str
    name: str
    topic: str
    unit: Unit
    decimals: int = Field(ge=0, le=3)
    direction: Literal["rise_unwanted", "neutral"]
    kolada_id: str | None
    definition: str
    numerator: str | None
    denominator: str | None
    caveats: list[str]
    definitions: list[str] = Field(min_length=1)
    is_published_only: bool = False


class Event(Entry):
    """Something that stands on the time axis; without municipality it concerns every area."""

    date: datetime.date
    municipality_code: str | None
    title: str
    kind: str
    starts_phase: bool


class Baseline(Entry):
    """The months whose limits are kept for a measure; months are their first days."""

    municipality_code: str | None
    indicator_id: str
    first_month: datetime.date
    last_month: datetime.date


class Condition(Entry):
    """What a municipality tells of its work: a number, or one of `choices`."""

    condition_id: str
    name: str
    unit: Literal["number", "days", "share"] | None = None
    choices: list[str] = []
    is_survey: bool = False
    is_count: bool = False
    status: Literal["assumed", "printed"]


class Events(Entry):
    kinds: dict[str, str]
    events: list[Event]
    baselines: list[Baseline]
    conditions: list[Condition]


class VariationReading(Entry):
    """Something to read in a curve; `up` and `down` follow the number of months of a signal."""

    reading_id: str
    kind: Literal["part", "signal", "caution", "no_limits"]
    charts: list[str] = Field(min_length=1)
    name: str
    text: str
    up: str | None = None
    down: str | None = None


class Variation(Entry):
    charts: dict[str, str]
    readings: list[VariationReading]


class PublishedFigure(Entry):
    """What one column, or one value of the table's selector column, counts."""

    indicator_id: str
    definition_id: str = "default"
    breakdown: str = "total"
    unit: PrintedUnit
    decimals: int = Field(ge=0, le=3)
    selector: str | None = None
    value_column: str = "value"
    printed_column: str = "value_as_printed"
    year: int | None = None


class PublishedTable(Entry):
    """One transcribed file. `source_id` stands only where it is not that of the whole catalogue file."""

    table_id: str
    title: str
    counts_what: str
    file: str
    caveats: list[str]
    source_id: str | None = None
    selector_column: str | None = None
    not_loaded_columns: list[str] = []
    figures: list[PublishedFigure] = Field(min_length=1)


class PrintedWords(Entry):
    """The words that may stand beside a printed number; any other word is refused.

    `approximate` make the number a rounded or bounding one, `plain` change nothing, `only` stand where no number is
    printed at all and give the status of such a cell.
    """

    approximate: list[str]
    plain: list[str]
    only: dict[str, str]


class PublishedTables(Entry):
    source_id: str
    area_types: dict[
        str,
        Literal["municipality", "district", "county", "country", "group", "unweighted_mean"],
    ]
    words: PrintedWords
    tables: list[PublishedTable]


class ReleasedTable(Entry):
    table: str
    in_schema: Literal["marts", "meta"] = "marts"
    key: list[str] = Field(min_length=1)
    refers_to: list[str] = []
    value_column: str | None = None
    status_column: str | None = None


class ReleaseRules(Entry):
    publisher: str
    licence: str
    keep_days: int = Field(ge=1)
    keep_at_least: int = Field(ge=1)
    total_change_min: float = Field(gt=0, lt=1)
    total_change_max: float = Field(gt=1)
    tables: list[ReleasedTable]
    views: list[str] = []

    @property
    def names(self) -> set[str]:
        """Every table and view of a release."""
        return {one.table for one in self.tables} | set(self.views)
