"""Sentences made from data: what is shown, what is not and why, and how many years it has gone one way."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboards import queries
from dashboards.components import sentences, words
from orchestration.settings import Settings

NBSP = words.SPACE


def _years(*values: float | None) -> pd.DataFrame:
    """The years of one measure from 2015 on; None for one that is not reported."""
    return pd.DataFrame(
        {
            "period_year": range(2015, 2015 + len(values)),
            "value": values,
            "value_status": ["not_reported" if value is None else "published" for value in values],
        }
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.30, 0.217, 0.25, 0.29), f"har stigit två år i rad, från 21,7{NBSP}% 2016"),
        ((0.30, 0.25), f"har sjunkit sedan året före, från 30,0{NBSP}% 2015"),
        ((0.25, 0.2504), "är oförändrad mot 2015"),
        ((0.30, None, 0.25), ""),
        ((0.20, None, 0.25, 0.26), f"har stigit sedan året före, från 25,0{NBSP}% 2017"),
    ],
)
def test_a_run_of_years_is_counted_on_what_is_shown(values: tuple, said: str) -> None:
    assert sentences.run_of_years(_years(*values), "share", 1) == said


def _row(indicator_id: str, value: float | None, status: str = "published", **others: float) -> dict:
    return {
        "indicator_id": indicator_id, "definition_id": "default", "period_year": 2019, "value": value, "value_status": status,
        "numerator": value, "denominator": None, "change": None, **others,
    }  # fmt: skip


def test_a_hidden_count_is_at_most_seven_and_no_number_is_made_from_it() -> None:
    values = pd.DataFrame(
        [_row("recipients", None, "suppressed"), _row("child_recipients", None, "suppressed")]
    )
    assert sentences.recipients(values, 2019) == (
        f"Hur många som hade ekonomiskt bistånd 2019 visas inte (högst{NBSP}7)."
    )
    assert f"visas inte (högst{NBSP}7)" in sentences.children(values, 2019)


def test_what_could_not_have_come_is_not_called_unreported() -> None:
    values = pd.DataFrame([_row("entries", 40.0), _row("exits", None, "not_yet")])
    said = sentences.flow(values, 2019)
    assert said == (
        "<b>40</b> personer började få bistånd 2019, och hur många som slutade kan inte räknas än: månaderna efter har inte varit."
    )
    assert "ej rapporterat" in sentences.flow(pd.DataFrame([_row("entries", None, "not_reported")]), 2019)


def test_the_last_months_have_not_been_and_the_first_need_what_was_before(home: Path) -> None:
    release = queries.current_release(Settings(home=home))
    exits = queries.monthly_values(release, "1280", "exits", "default").set_index("period")["value_status"]
    assert list(exits["2019-10":"2019-12"]) == ["not_yet"] * 3
    assert exits["2019-09"] != "not_yet"
    entries = queries.monthly_values(release, "1280", "entries", "default").set_index("period")[
        "value_status"
    ]
    assert set(entries["2016-01":"2016-12"]) == {"before_register"}
    assert "before_register" not in set(entries["2017-01":])


def test_a_year_with_a_month_that_should_have_come_is_still_not_reported(home: Path) -> None:
    release = queries.current_release(Settings(home=home))
    values = queries.yearly_values(release, "1231")
    of = values[(values["indicator_id"] == "recipients") & (values["period_year"] == 2017)]
    assert list(of["value_status"]) == ["not_reported"]


def test_the_sentences_of_a_municipality_say_what_the_release_says(home: Path) -> None:
    release = queries.current_release(Settings(home=home))
    values = queries.yearly_values(release, "1280")
    row = values[
        (values["indicator_id"] == "longterm_adults_share_recipients")
        & (values["definition_id"] == "longterm:person_wide")
        & (values["period_year"] == 2019)
    ].iloc[0]
    said = sentences.longterm(values, 2019)
    assert said.startswith(
        f"Av {words.number(row['denominator'])} vuxna hade <b>{words.number(row['numerator'])} "
        f"({words.figure(row['value'], 'share', 1)})</b> bistånd länge"
    )
