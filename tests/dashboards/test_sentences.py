"""Sentences made from data: what is shown, what is not and why, and how many years it has gone one way."""

from __future__ import annotations

from pathlib import Path

from dashboards import queries
from dashboards.components import sentences, words
from orchestration.release.report.figures import Cell, Figures, Measure
from orchestration.settings import Settings

NBSP = words.SPACE


def _figures(**cells: Cell) -> Figures:
    """Counts of 2019 by the name of their measure."""
    measures = {
        (name, "default", "total"): Measure(
            (name, "default", "total"), name, "", "", "persons", 0, {2019: cell}
        )
        for name, cell in cells.items()
    }
    return Figures({"band_to": 7}, {"geography_id": "1280"}, 2019, measures)


def test_a_hidden_count_is_at_most_seven_and_no_number_is_made_from_it() -> None:
    hidden = _figures(recipients=Cell(status="suppressed"))
    assert sentences.said(hidden, sentences.RECIPIENTS) == [
        f"Högst{NBSP}7 personer hade ekonomiskt bistånd 2019."
    ]


def test_what_could_not_have_come_is_not_called_unreported() -> None:
    ended = _figures(entries=Cell(40.0, "published"), exits=Cell(status="not_yet"))
    assert sentences.said(ended, sentences.FLOW) == [
        "40 personer var nya mottagare.",
        "Hur många som slutade 2019 kan inte räknas än: månaderna efter har inte varit.",
    ]
    nothing = sentences.said(_figures(entries=Cell(status="not_reported")), sentences.FLOW)
    assert nothing[0] == "Hur många som började få bistånd 2019 är ej rapporterat."


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
