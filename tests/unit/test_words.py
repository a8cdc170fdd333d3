"""The words of the pages: why there is no figure, and words that claim nothing."""

from __future__ import annotations

import pytest

from dashboards.components.words import STATUS_EXPLANATIONS, STATUS_WORDS, not_computable

BEGINS = "2015-04"


@pytest.mark.parametrize(
    ("missing_months", "expected"),
    [
        ("2017-07", "Kan inte räknas: juli 2017 är inte levererad."),
        ("2017-07–2017-08", "Kan inte räknas: juli–augusti 2017 är inte levererade."),
        ("2013-01–2015-03", "Kan inte räknas: registret börjar i april 2015 för kommunen."),
        (
            "2013-01–2015-03, 2015-07",
            "Kan inte räknas: registret börjar i april 2015 för kommunen, och juli 2015 är inte levererad.",
        ),
    ],
)
def test_a_month_before_the_register_is_not_called_undelivered(missing_months: str, expected: str) -> None:
    assert not_computable(missing_months, None, BEGINS, "2013-01") == expected


def test_an_area_says_that_the_register_begins_before_it_names_municipalities() -> None:
    assert not_computable(None, "Malmö, Lund", BEGINS, "2013-01") == (
        "Kan inte räknas: registret börjar i april 2015."
    )
    assert "(Malmö, Lund)" in not_computable(None, "Malmö, Lund", BEGINS, "2016-01")


def test_a_computed_value_is_not_called_published() -> None:
    assert "public" not in STATUS_WORDS["published"]
    assert "före registret" in STATUS_EXPLANATIONS["before_register"]
