"""What the plain computation answers: keyed by (indicator, definition, geography, period, breakdown), and the answer
(status, numerator, denominator), as in `indicator_values`."""

from __future__ import annotations

Key = tuple[str, str, str, str, str]
PlainFigure = tuple[str, float | None, float | None]
NOT_REPORTED: PlainFigure = ("not_reported", None, None)


def ratio(numerator: float, denominator: float | None) -> PlainFigure:
    """A share, with its status when there is nothing to divide by."""
    if denominator is None:
        return ("missing", None, None)
    if denominator == 0:
        return ("not_applicable", None, None)
    return ("published", numerator, denominator)


def count(number: float) -> PlainFigure:
    return ("published", number, None)
