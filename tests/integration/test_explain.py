"""A figure opened: what is said of it is what the release holds, and what is not there is refused with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.errors import PlainError
from orchestration.release.explain import Question, explain
from orchestration.release.store import Release, all_releases
from orchestration.settings import Settings
from tests.fixtures.asking import in_release
from tests.fixtures.commands import bistand
from tests.fixtures.random_register import MISSING


@pytest.fixture(scope="module")
def releases(public_home: Path) -> dict[str, Release]:
    return {one.profile: one for one in all_releases(Settings(home=public_home))}


def opened(release: Release, *question: str, others: list[Release] | None = None) -> dict[str, list[str]]:
    return dict(explain(release, Question(*question), others))


def test_a_share_is_its_numerator_by_its_denominator(own_home: Path, releases: dict[str, Release]) -> None:
    found = opened(releases["internal"], "longterm_adults_share_recipients", "1280", "2019")
    [(value, above, below)] = in_release(
        own_home,
        "select value, numerator, denominator from indicator_values where indicator_id = 'longterm_adults_share_recipients' "
        "and definition_id = 'longterm:person_wide' and geography_id = '1280' and period = '2019' and breakdown = 'total'",
    )
    assert found["Siffran"][0] == f"Malmö 2019: {100 * value:.1f} %".replace(".", ",")
    assert found["Uträkning"] == [
        f"Täljare: Vuxna med långvarigt bistånd = {above:.0f}",
        f"Nämnare: Vuxna biståndsmottagare under året = {below:.0f}",
    ]
    assert "skiljs inte åt" not in str(found)
    assert len(found["Månader med bistånd"]) == 3


def test_the_deliveries_behind_are_those_of_the_window(own_home: Path, releases: dict[str, Release]) -> None:
    found = opened(releases["internal"], "very_longterm_adults_share_recipients", "1280", "2018")
    assert [line.split(": ")[1] for line in found["Leveranser bakom"]] == [
        f"{year}-01 till {year}-12" for year in (2016, 2017, 2018)
    ]
    month = opened(releases["internal"], "recipients", "1280", "2019-05")
    assert [line.split(": ")[1] for line in month["Leveranser bakom"]] == ["2019-05"]


def test_what_is_missing_is_named(releases: dict[str, Release]) -> None:
    assert ("1231", 2017, 6) in MISSING
    found = opened(releases["internal"], "recipients", "1231", "2017")
    assert "ej rapporterat" in found["Siffran"][0]
    assert "Saknas: 2017-06." in found["Leveranser bakom"]


def test_the_public_profile_says_how_it_is_protected(releases: dict[str, Release]) -> None:
    found = opened(releases["public"], "longterm_children", "0980", "2016")
    assert "för få" in found["Siffran"][0]
    assert "antal 0–7 skiljs inte åt" in found["Siffran"][2]


def test_another_release_with_another_value_is_told(releases: dict[str, Release]) -> None:
    """The two profiles serve as two releases: what is rounded in the one is another value in the other."""
    others = [releases["internal"]]
    found = opened(releases["public"], "entries", "1280", "2018", others=others)
    assert found["I andra utgåvor"][0].startswith(f"{releases['internal'].release_id}: ")
    assert "I andra utgåvor" not in opened(releases["internal"], "entries", "1280", "2018", others=others)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("recipient", "1280", "2019"), "menade du recipients"),
        (("recipients", "9999", "2019"), "9999 finns inte i utgåvan"),
        (("recipients", "1280", "2031"), "tider som finns: 2016–2019"),
        (("recipients", "1280", "2019", "sex=kvinnor"), "närmast finns"),
        (("recipients", "1280", "2019", "total", "longterm:person_wide"), "välj default"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(
    question: tuple[str, ...], told: str, releases: dict[str, Release]
) -> None:
    with pytest.raises(PlainError, match=told):
        opened(releases["internal"], *question)


def test_the_command_says_the_same(own_home: Path) -> None:
    ended = bistand(own_home, "explain", "recipients", "--kommun", "1280", "--year", "2019")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[1].startswith("  Malmö 2019: ")
