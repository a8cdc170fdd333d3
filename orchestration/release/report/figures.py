"""What a report asks the release: measures of an area over years, beside similar municipalities and all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import duckdb

from orchestration.release import wording
from orchestration.release.figure import records

Key = tuple[str, str, str]
SHOWN_YEARS = 5
_SERIES = """
select
    figures.indicator_id, figures.definition_id, figures.breakdown, indicators.indicator_name, indicators.definition_name,
    groups.breakdown_name, figures.unit, indicators.decimals, figures.period_year, figures.value, figures.value_status,
    figures.numerator, figures.denominator, figures.is_preliminary,
    figures.value - first_value(figures.value) over (
        partition by figures.indicator_id, figures.definition_id, figures.breakdown order by figures.period_year
        range between 1 preceding and 1 preceding
    ) as change
from indicator_values as figures
inner join dim_indicators as indicators using (indicator_id, definition_id)
left join breakdown_groups as groups using (breakdown)
left join dim_breakdowns as names on figures.breakdown = names.dimension_id || '=' || names.value_code
where
    figures.geography_id = $id and figures.period_kind = 'year'
    and figures.period_year between $year - $span and $year
    and (figures.indicator_id, figures.definition_id) in ({listed})
    and (not contains(figures.breakdown, ';') or list_contains($crosses, figures.breakdown))
order by indicators.sort_order, names.value_order nulls first, figures.breakdown, figures.period_year
"""
_BESIDE = """
select
    indicator_id, definition_id, breakdown, cast(period as integer) as period_year,
    similar_value, similar_status, similar_members_included, similar_members_total,
    country_value, country_status, country_members_included, country_members_total
from comparison
where geography_id = $id and cast(period as integer) between $year - $span and $year
"""


class Cell(NamedTuple):
    """A figure of one year. `change` is the step from the year before, null unless both are shown."""

    value: float | None = None
    status: str = "missing"
    numerator: float | None = None
    denominator: float | None = None
    change: float | None = None
    is_preliminary: bool = False


class Beside(NamedTuple):
    """The figure of a group of municipalities, from counts, and how many of its members stand behind it."""

    value: float | None
    status: str
    included: int
    total: int


@dataclass(frozen=True)
class Measure:
    """A measure of a group of people: the area's cells by year, and those of the groups it is compared with."""

    key: Key
    name: str
    definition: str
    part: str
    unit: str
    decimals: int
    cells: dict[int, Cell] = field(default_factory=dict)
    similar: dict[int, Beside] = field(default_factory=dict)
    everyone: dict[int, Beside] = field(default_factory=dict)

    def cell(self, year: int) -> Cell:
        """The year's figure; `missing` where the release has none."""
        return self.cells.get(year, Cell())


@dataclass(frozen=True)
class Figures:
    """What the release says of an area in a year and the four before it."""

    info: dict[str, Any]
    area: dict[str, Any]
    year: int
    measures: dict[Key, Measure]

    @property
    def place(self) -> str:
        """The area's name; one that not every municipality stands behind says how many do."""
        return str(self.area["shown_name"])

    @property
    def years(self) -> list[int]:
        """The years that the release has something of, the report's last."""
        return sorted({year for measure in self.measures.values() for year in measure.cells})

    def find(
        self, indicator_id: str, definition_id: str = "default", breakdown: str = "total"
    ) -> Measure | None:
        """The measure, or None where the release does not have it for the area."""
        return self.measures.get((indicator_id, definition_id, breakdown))

    def split(self, indicator_id: str, definition_id: str, dimension: str) -> list[Measure]:
        """The measure in each group of one dimension, in the order of the dimension."""
        start = f"{dimension}="
        return [
            measure
            for (indicator, definition, breakdown), measure in self.measures.items()
            if (indicator, definition) == (indicator_id, definition_id)
            and breakdown.startswith(start)
            and ";" not in breakdown
        ]

    def told(self, measure: Measure, cell: Cell | Beside) -> str:
        """The figure with its unit, or the word that says why there is none."""
        return wording.shown(cell.value, cell.status, measure.unit, measure.decimals, self.info["band_to"])


def ask(
    connection: duckdb.DuckDBPyConnection, area: dict[str, Any], year: int, info: dict[str, Any],
    wanted: Iterable[tuple[str, str]], crosses: Iterable[str] = (),
) -> Figures:  # fmt: skip
    """Every group of the measures `wanted` (indicator and definition), of SHOWN_YEARS years to `year`; of crosses of groups
    only those named."""
    asked = {"id": area["geography_id"], "year": year, "span": SHOWN_YEARS - 1}
    pairs = sorted(set(wanted))
    found = _measures(connection, pairs, asked | {"crosses": list(crosses)})
    for row in records(connection, _BESIDE, asked):
        measure = found.get((row["indicator_id"], row["definition_id"], row["breakdown"]))
        if measure is None:
            continue
        for name, kept in (("similar", measure.similar), ("country", measure.everyone)):
            if row[f"{name}_status"] is not None:
                kept[row["period_year"]] = Beside(
                    row[f"{name}_value"], row[f"{name}_status"],
                    row[f"{name}_members_included"] or 0, row[f"{name}_members_total"] or 0,
                )  # fmt: skip
    return Figures(info, area, year, found)


def _measures(
    connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]], asked: dict[str, Any]
) -> dict[Key, Measure]:
    names = {
        f"{kind}_{place}": text
        for place, pair in enumerate(pairs)
        for kind, text in zip("im", pair, strict=True)
    }
    listed = ", ".join(f"($i_{place}, $m_{place})" for place in range(len(pairs)))
    found: dict[Key, Measure] = {}
    for row in records(
        connection,
        _SERIES.format(listed=listed),
        asked | names,
    ):
        key = (row["indicator_id"], row["definition_id"], row["breakdown"])
        measure = found.setdefault(
            key,
            Measure(
                key, row["indicator_name"], row["definition_name"], row["breakdown_name"] or row["breakdown"],
                row["unit"], row["decimals"],
            ),
        )  # fmt: skip
        measure.cells[row["period_year"]] = Cell(
            row["value"],
            row["value_status"],
            row["numerator"],
            row["denominator"],
            row["change"],
            row["is_preliminary"],
        )
    return found
