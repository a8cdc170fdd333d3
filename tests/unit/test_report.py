"""What a report says: sentences read off the figures as they are shown, pictures that stand alone, questions in a closed file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.release import pictures
from orchestration.release.report import charts, sentences
from orchestration.release.report.figures import Beside, Cell, Figures, Measure
from orchestration.release.report.questions import QuestionsError, read_questions

LONG = ("longterm_adults_share_recipients", "longterm:person_wide", "total")


def figures(*measures: Measure) -> Figures:
    return Figures(
        {"band_to": 7, "profile": "public", "as_of": date(2020, 1, 1)},
        {"geography_id": "1490", "geography_name": "Borås", "geography_type": "municipality", "shown_name": "Borås"},
        2019,
        {measure.key: measure for measure in measures},
    )  # fmt: skip


def measure(key: tuple[str, str, str], unit: str, cells: dict[int, float | str], **groups: Beside) -> Measure:
    found = {
        year: Cell(status=value) if isinstance(value, str) else Cell(value, "published")
        for year, value in cells.items()
    }
    sides = {name: {2019: beside} for name, beside in groups.items()}
    return Measure(key, "Mått", "", "Alla", unit, 1 if unit == "share" else 0, found, **sides)


def share(cells: dict[int, float | str], **groups: Beside) -> Measure:
    return measure(LONG, "share", cells, **groups)


def test_years_in_a_row_are_counted_back_to_the_year_it_began() -> None:
    rising = share({2016: 0.30, 2017: 0.217, 2018: 0.25, 2019: 0.29})
    assert sentences.way(figures(rising), rising, "Andelen") == (
        "Andelen har stigit två år i rad, från 21,7\u00a0% år 2017. "
    )


def test_a_step_that_the_shown_figures_do_not_show_is_no_change() -> None:
    still = share({2018: 0.2901, 2019: 0.2899})
    assert sentences.way(figures(still), still, "Andelen") == "Andelen är oförändrad sedan 2018. "


@pytest.mark.parametrize("before", ["not_reported", "suppressed", "missing"])
def test_nothing_is_said_of_a_direction_from_a_year_without_a_figure(before: str) -> None:
    alone = share({2017: 0.2, 2018: before, 2019: 0.29})
    assert sentences.way(figures(alone), alone, "Andelen") == ""


def test_a_small_count_is_said_as_at_most_and_never_as_nought() -> None:
    adults = measure(("adult_recipients", "default", "total"), "persons", {2019: 40})
    long = measure(("longterm_adults", "longterm:person_wide", "total"), "persons", {2019: "suppressed"})
    told = sentences.longterm(figures(adults, long, share({2019: "suppressed"})))
    assert told == "Av 40 vuxna hade högst\u00a07 bistånd länge, minst tio av årets månader."


@pytest.mark.parametrize("status", ["not_reported", "missing", "not_applicable"])
def test_what_has_no_figure_has_no_sentence(status: str) -> None:
    nobody = measure(("recipients", "default", "total"), "persons", {2018: 5, 2019: status})
    assert sentences.most_important(figures(nobody)) == []


def test_a_share_is_laid_beside_similar_municipalities_when_enough_of_them_are_behind_it() -> None:
    everyone = Beside(0.40, "published", 27, 290)
    enough = share({2019: 0.29}, similar=Beside(0.35, "published", 3, 7), everyone=everyone)
    assert sentences.compared(figures(enough), enough, "Den") == (
        "Den är lägre än i liknande kommuner (3 av 7): 35,0\u00a0%. "
    )
    few = share({2019: 0.29}, similar=Beside(0.35, "published", 2, 7), everyone=everyone)
    assert (
        sentences.compared(figures(few), few, "Den")
        == "Den är lägre än i 27\u00a0kommuner tillsammans: 40,0\u00a0%. "
    )


def test_the_country_is_named_only_when_every_municipality_is_behind_the_figure() -> None:
    assert sentences.everyone(Beside(0.4, "published", 290, 290)) == "riket"
    assert sentences.everyone(Beside(0.4, "published", 27, 290)) == "27\u00a0kommuner tillsammans"


def test_a_year_without_a_figure_has_its_word_in_the_picture() -> None:
    line = charts.Line(
        "Borås", {2017: (None, "ej rapporterat"), 2018: (0.2, "20,0\u00a0%"), 2019: (0.3, "30,0\u00a0%")}
    )
    drawn = pictures.svg(charts.lines([line], "share", 300, 160))
    assert ">ej<" in drawn
    assert ">rapporterat<" in drawn
    assert "30,0" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/", "")


def test_a_picture_alone_says_its_title_and_source_and_is_of_the_light_theme() -> None:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [{"a": "x", "b": 1}]},
        "mark": {"type": "bar", "color": "light-dark(#1f5a8c,rgb(1, 2, 3))"},
        "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": {"field": "a", "type": "nominal"}},
    }
    signed = pictures.signed(spec, "Hur många?", "Källa: registret, 2020-01-01")
    drawn = pictures.svg(signed)
    assert ">Hur många?<" in drawn
    assert ">Källa: registret, 2020-01-01<" in drawn
    assert "#1f5a8c" in drawn
    assert "light-dark" not in drawn
    assert pictures.png(signed).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("questions:\n  - question: Hur?\n    matt: recipients\n", "fråga 1, nyckeln matt är okänd"),
        ("questions:\n  - indicator: recipients\n", "fråga 1, nyckeln question saknas"),
        ("questions: []\n", "nyckeln questions är tom"),
        ("fragor: 1\n", "nyckeln fragor är okänd"),
        ("questions:\n  - question: a\n   indicator: b\n", "den är inte rätt YAML på rad 3"),
        ("- a\n", "den är tom eller ingen lista av nycklar"),
        (
            "questions:\n  - question: Hur?\n    indicator: recipients\n    comments: {i fjol: Bra}\n",
            "fråga 1, nyckeln comments.i fjol har ett otillåtet värde",
        ),
    ],
)
def test_a_file_of_questions_that_cannot_be_used_says_where_and_what(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "fragor.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionsError, match=r"^Frågorna i fragor\.yml kan inte användas: ") as found:
        read_questions(path)
    assert told in str(found.value)
