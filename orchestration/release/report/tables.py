"""Tables of figures: a number or the word in its place, never an empty cell."""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.release.report.blocks import Table, Told
from orchestration.release.report.figures import Beside, Cell, Figures, Measure


def told(figures: Figures, measure: Measure, cell: Cell | Beside) -> Told:
    """The figure, or the word in its place."""
    return Told(figures.told(measure, cell), cell.status != "published")


def years(figures: Figures, caption: str, measures: Sequence[Measure]) -> Table:
    """A measure, or a group of one measure, to a row; a year to a column."""
    shown = figures.years
    is_split = len(measures) > 1 and len({measure.key[:2] for measure in measures}) == 1
    rows = [
        (_name(measure, is_split), [told(figures, measure, measure.cell(year)) for year in shown])
        for measure in measures
    ]
    return Table(caption, ["Grupp" if is_split else "Mått", *map(str, shown)], rows)


def _name(measure: Measure, is_split: bool) -> str:
    """The group where the measure stands above the table, otherwise the measure and its group."""
    if measure.key[2] == "total":
        return "Alla" if is_split else measure.name
    return measure.part if is_split else f"{measure.name}: {measure.part}"
