"""A figure opened: what is said of it is what the release holds, and what is not there is refused with the nearest."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import PlainError
from orchestration.release.explain import explain
from orchestration.release.figure import Question
from orchestration.release.files import DATABASE, MANIFEST, read_manifest, write_manifest
from orchestration.release.store import Release, all_releases
from orchestration.release.workbook import write_workbook
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
    assert found["Siffran"][0] == f"Malmö 2019: {100 * value:.1f}\u00a0%".replace(".", ",")
    assert found["Uträkning"] == [
        f"Täljare: Vuxna med långvarigt bistånd = {above:.0f}",
        f"Nämnare: Vuxna biståndsmottagare under året = {below:.0f}",
    ]
    assert "skiljs inte åt" not in str(found)
    assert "officiella: Långvarigt bistånd, månader i alla kommuner" in found["Definition"][2]
    *bands, said = found["Månader med bistånd"]
    assert len(bands) == 3
    months = dict(
        map(int, one.split(": ")) for one in said.removesuffix(".").partition("månader: ")[2].split(", ")
    )
    assert sum(months.values()) == below
    # a person with ten months in all is long-term where the last month was, and counted by months wherever aid was had
    assert bands[-1] == f"10–12 månader: {sum(months[month] for month in (10, 11, 12))} vuxna"


def test_the_deliveries_behind_are_those_of_the_window(own_home: Path, releases: dict[str, Release]) -> None:
    found = opened(releases["internal"], "very_longterm_adults_share_recipients", "1280", "2018")
    assert [line.split(": ")[1].split(",")[0] for line in found["Leveranser bakom"]] == [
        f"januari–december {year}" for year in (2016, 2017, 2018)
    ]
    month = opened(releases["internal"], "recipients", "1280", "2019-05")
    assert [line.split(": ")[1] for line in month["Leveranser bakom"]] == ["maj 2019, 1280_2019.csv"]
    assert "csv" not in str(opened(releases["public"], "recipients", "1280", "2019-05"))


def test_what_is_missing_is_named(releases: dict[str, Release]) -> None:
    assert ("1231", 2017, 6) in MISSING
    found = opened(releases["internal"], "recipients", "1231", "2017")
    assert "ej rapporterat" in found["Siffran"][0]
    assert "januari–december 2017 (11 av månaderna)" in found["Leveranser bakom"][0]
    assert "Saknas: 2017-06." in found["Leveranser bakom"]


def test_the_public_profile_says_how_it_is_protected(releases: dict[str, Release]) -> None:
    found = opened(releases["public"], "longterm_children", "0980", "2016")
    assert found["Siffran"][0] == "Gotland 2016: högst\u00a07"
    assert "Antal från 0 till 7 skiljs inte åt" in found["Siffran"][3]
    assert found["Uträkning"] == ["Täljare: Barn med långvarigt bistånd = högst\u00a07"]


def test_another_release_with_another_value_is_told(releases: dict[str, Release]) -> None:
    """The two profiles serve as two releases: what is rounded in the one is another value in the other."""
    others = [releases["internal"]]
    found = opened(releases["public"], "entries", "1280", "2018", others=others)
    assert found["I andra utgåvor"][0].startswith(f"{releases['internal'].release_id}: ")
    found = opened(releases["internal"], "entries", "1280", "2018", others=others)
    assert found["I andra utgåvor"] == ["Samma i 1 annan utgåva som finns här."]


def test_a_release_that_cannot_be_read_is_named_and_stops_nothing(releases: dict[str, Release]) -> None:
    gone = replace(releases["public"], folder=releases["public"].folder / "borttagen")
    found = opened(releases["internal"], "recipients", "1280", "2019", others=[gone])
    assert found["I andra utgåvor"] == [f"{gone.release_id}: går inte att läsa"]


def test_a_release_of_an_earlier_version_is_refused_in_one_sentence(
    releases: dict[str, Release], tmp_path: Path
) -> None:
    release = replace(releases["internal"], folder=tmp_path / "utgåva")
    shutil.copytree(releases["internal"].folder, release.folder)
    manifest = read_manifest(release.folder) or {}
    (release.folder / MANIFEST).chmod(0o600)
    write_manifest(release.folder, manifest | {"schema_version": 2})
    with pytest.raises(PlainError, match="gjord av en tidigare version"):
        opened(release, "recipients", "1280", "2019")
    with pytest.raises(PlainError, match="gjord av en tidigare version"):
        write_workbook(release, "1280", tmp_path / "bok.xlsx")


def test_a_share_of_the_population_names_the_population(releases: dict[str, Release]) -> None:
    [register, population] = opened(releases["public"], "recipients_share_population", "1280", "2019")[
        "Källor"
    ]
    assert register.startswith("Kommunernas leveranser")
    assert population.startswith("Nämnaren: Folkmängd efter kommun")


def test_names_say_the_same_as_ids(releases: dict[str, Release]) -> None:
    assert opened(releases["public"], "Biståndsmottagare", "malmö", "2019") == opened(
        releases["public"], "recipients", "1280", "2019"
    )


def test_what_came_but_is_not_in_force_is_told_apart(releases: dict[str, Release], tmp_path: Path) -> None:
    """A month that waits, rows that were set aside, a border that moved: said of the figure they touch."""
    release = replace(releases["internal"], folder=tmp_path / "utgåva")
    shutil.copytree(releases["internal"].folder, release.folder)
    path = release.folder / DATABASE
    path.chmod(0o600)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update meta.deliveries set state = 'held' where municipality_code = '1280' and period = '2019-11'"
        )
        connection.execute(
            "update marts.dim_geographies set break_years = '1977' where geography_id = '1280'"
        )
        connection.execute(
            "insert into meta.delivery_rule_hits select delivery_id, '1280', '2019-03', 'R05', 'error', 3 "
            "from meta.deliveries where municipality_code = '1280' and period = '2019-03'"
        )
    found = opened(release, "recipients", "1280", "2019")
    assert "januari–december 2019 (11 av månaderna)" in found["Leveranser bakom"][0]
    assert found["Leveranser bakom"][1] == "Räknas inte:"
    assert "väntar på beslut: november 2019" in found["Leveranser bakom"][2]
    assert found["Rader som inte räknats"] == [
        "R05 Hushållet har mer än en registerledare samma månad: 3 rader."
    ]
    assert found["Brott i serien"] == [
        "Kommunens gränser ändrades 1977.",
        "2018-01-15: Nytt arbetssätt (förändring i arbetet).",
    ]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("recipient", "1280", "2019"), "menade du recipients"),
        (
            ("recipients", "9999", "2019"),
            "9999 finns inte i utgåvan; skriv ett id eller namn som står i tabellen dim_geographies",
        ),
        (
            ("xyz", "1280", "2019"),
            "xyz finns inte i utgåvan; skriv ett id eller namn som står i tabellen dim_indicators",
        ),
        (("recipients", "1280", "2019-13"), "2019-13 går inte att läsa"),
        (("recipients", "Malmo", "2019"), r"menade du 1280 \(Malmö\)"),
        (("recipients", "1280", "2019-5"), "2019-5 går inte att läsa"),
        (("recipients_share_population", "1280", "2019-05"), "ange ett år"),
        (("recipients", "2584", "2019"), "Kiruna har inte levererat; några som har det är"),
        (("net_cost_per_inhabitant", "1280", "2019"), "ingen egen siffra"),
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
    both = bistand(
        own_home, "explain", "recipients", "--kommun", "1280", "--year", "2019", "--period", "2019-05"
    )
    assert both.returncode != 0
    assert "en av dem" in both.stderr
