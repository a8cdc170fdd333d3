"""What a suite is: plain data. Great Expectations itself is met only in validation/gates.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Expectation:
    """One demand on one frame. `kind` is the class name in Great Expectations, `title` a Swedish sentence."""

    title: str
    kind: str
    column: str | None = None
    severity: Literal["blocking", "warning"] = "blocking"
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """Demands on one frame of `validation.frames`; `keys` are the columns that name a row to the reader."""

    name: str
    frame: str
    table_name: str
    keys: tuple[str, ...]
    expectations: tuple[Expectation, ...]


def between(title: str, column: str, low: float | None, high: float | None, **more: Any) -> Expectation:
    """The column lies within the bounds where it is not null."""
    severity = more.pop("severity", "blocking")
    arguments = {"min_value": low, "max_value": high, **more}
    return Expectation(title, "ExpectColumnValuesToBeBetween", column, severity, arguments)


def one_of(title: str, column: str, values: tuple[str, ...]) -> Expectation:
    """The column holds one of the values."""
    return Expectation(title, "ExpectColumnValuesToBeInSet", column, "blocking", {"value_set": list(values)})


def never_null(title: str, column: str) -> Expectation:
    """The column is filled in every row."""
    return Expectation(title, "ExpectColumnValuesToNotBeNull", column)


def like(title: str, column: str, regex: str) -> Expectation:
    """The column has the form of the regular expression where it is not null."""
    return Expectation(title, "ExpectColumnValuesToMatchRegex", column, "blocking", {"regex": regex})


def unique(title: str, *columns: str) -> Expectation:
    """The columns together name one row."""
    if len(columns) == 1:
        return Expectation(title, "ExpectColumnValuesToBeUnique", columns[0])
    return Expectation(
        title, "ExpectCompoundColumnsToBeUnique", None, "blocking", {"column_list": list(columns)}
    )


def at_least(title: str, larger: str, smaller: str) -> Expectation:
    """One column is at least the other, row by row."""
    arguments = {
        "column_A": larger,
        "column_B": smaller,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }
    return Expectation(title, "ExpectColumnPairValuesAToBeGreaterThanB", None, "blocking", arguments)


def has_rows(title: str) -> Expectation:
    """There is something to check."""
    return Expectation(title, "ExpectTableRowCountToBeBetween", None, "blocking", {"min_value": 1})
