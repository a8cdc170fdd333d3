"""A municipality beside its groups: every group figure against a plain count of persons, also with one member taken out.

The register of one's own has persons in several municipalities. Kolada's groups are given by hand: two that overlap.
"""

from __future__ import annotations

import shutil
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.conformance.answers import Key, PlainFigure
from orchestration.conformance.plain_register import PlainRegister, year_window
from orchestration.conformance.plain_values import PlainValues
from orchestration.conformance.terms import Membership, load_terms
from orchestration.database import open_database
from orchestration.settings import Settings, load_settings
from orchestration.warehouse.dbt_runner import AFTER_PROTECTION, build_models, run_dbt
from tests.fixtures.commands import OWN_KEY
from tests.fixtures.random_register import MUNICIPALITIES, YEARS, RandomRegister

SIMILAR = {"similar:0180": ["0184", "0980", "1280", "0115"], "similar:1231": ["0180", "0184", "1280"]}
NAMES = {"similar:0180": "Stockholm", "similar:1231": "Burlöv"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, own_home: Path) -> Settings:
    """The warehouse of one's own with two groups of similar municipalities added."""
    settings = Settings(home=tmp_path_factory.mktemp("comparison"))
    for folder in ("build", "register"):
        shutil.copytree(own_home / folder, settings.home / folder)
    with open_database(settings.warehouse) as connection:
        for group_id, members in SIMILAR.items():
            connection.executemany(
                "insert into raw.kolada_municipality_groups by name select ? as group_id, ? as group_title, "
                "? as member_id, ? as member_title, 1 as snapshot_number",
                [
                    (group_id, f"Liknande kommuner ekonomiskt bistånd, {NAMES[group_id]}, 2023", code, code)
                    for code in members
                ],
            )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BISTAND_PSEUDONYM_KEY", OWN_KEY)
        built = run_dbt(
            settings,
            ["run", "--select", "int_geography_memberships", "dim_geographies", "geography_members", "int_group_overlaps", "int_similar_group_counts"],
        )  # fmt: skip
    assert [node.message for node in built if not node.is_ok] == []
    return settings


def _compute(settings: Settings, profile: str) -> None:
    """What is computed after the protection, in a profile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BISTAND_PSEUDONYM_KEY", OWN_KEY)
        built = build_models(replace(settings, profile=profile), select=AFTER_PROTECTION)
    assert [node.message for node in built if not node.is_ok] == []


@pytest.fixture(scope="module")
def groups(warehouse: Settings) -> dict[tuple, dict]:
    _compute(warehouse, "internal")
    with open_database(warehouse.warehouse) as connection:
        rows = connection.execute("select * from marts.comparison_groups").fetchall()
        names = [column[0] for column in connection.description]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    key = ("indicator_id", "definition_id", "geography_id", "period", "breakdown")
    return {tuple(row[name] for name in key): row for row in found}


GROUPS = {"0000": [], "lan:01": [], "lan:12": [], "skr:A1": [], "skr:A2": [], **SIMILAR}
# what is compared, with the years of its window
COMPARED = {
    ("recipients", "default"): 1,
    ("child_recipients", "default"): 1,
    ("longterm_adults_share_recipients", "longterm:person_wide"): 1,
    ("longterm_adults_share_recipients", "longterm:within_municipality"): 1,
    ("very_longterm_adults_share_recipients", "very_longterm:interior"): 3,
}


@pytest.fixture(scope="module")
def register(own_register: RandomRegister) -> PlainRegister:
    """Every group an area, and every group without each of its members (`rest:<group>:<code>`)."""
    known = load_terms(load_settings()).areas
    areas = {code: [Membership(code, 0, 9999)] for code in MUNICIPALITIES}
    for group, similar in GROUPS.items():
        members = similar or [code for code in MUNICIPALITIES if group in {one.area for one in known[code]}]
        for code in set(members) & set(areas):
            areas[code].append(Membership(group, 0, 9999))
            for other in set(members) - {code}:
                areas[code].append(Membership(f"rest:{group}:{other}", 0, 9999))
    return PlainRegister(own_register.rows, own_register.delivered, areas)


@pytest.fixture(scope="module")
def plain(register: PlainRegister) -> dict[Key, PlainFigure]:
    return PlainValues(register, load_terms(load_settings()), {}).answers(register.geographies)


def _complete(register: PlainRegister, area: str, year: int, years: int) -> set[str]:
    return register.complete(area, year_window(year, years))


@pytest.mark.parametrize("area", GROUPS)
@pytest.mark.parametrize("year", YEARS)
def test_a_group_counts_each_person_once(
    area: str, year: int, register: PlainRegister, plain: dict[Key, PlainFigure], groups: dict
) -> None:
    for breakdown in ("total", "sex=K", "sex=M"):
        for (indicator, definition), years in COMPARED.items():
            key = (indicator, definition, area, str(year), breakdown)
            found = groups[key]
            shown = (found["value_status"], found["numerator"], found["denominator"])
            assert shown == pytest.approx(plain[key]), key
            if found["value_status"] != "not_reported":
                assert found["members_included"] == len(_complete(register, area, year, years))


@pytest.mark.parametrize("area", GROUPS)
@pytest.mark.parametrize("year", YEARS)
def test_a_group_without_its_largest_member_is_counted_anew(
    area: str, year: int, register: PlainRegister, plain: dict[Key, PlainFigure], groups: dict
) -> None:
    compared = 0
    for (indicator, definition), years in COMPARED.items():
        found = groups[indicator, definition, area, str(year), "total"]
        if found["without_largest_status"] != "published":
            continue
        largest = max(
            _complete(register, area, year, years),
            key=lambda code: (plain["recipients", "default", code, str(year), "total"][1], -int(code)),
        )
        assert found["largest_member_id"] == largest
        key = (indicator, definition, f"rest:{area}:{largest}", str(year), "total")
        _, numerator, denominator = plain[key]
        wanted = numerator / denominator if denominator is not None else numerator
        assert found["without_largest_value"] == pytest.approx(wanted), (indicator, definition)
        compared += 1
    assert compared or len(_complete(register, area, year, 1)) < 2


def test_the_unweighted_mean_is_that_of_the_shown_municipalities(
    groups: dict, register: PlainRegister, plain: dict[Key, PlainFigure]
) -> None:
    indicator = ("longterm_adults_share_recipients", "longterm:person_wide")
    found = groups[*indicator, "0000", "2019", "total"]
    shares = []
    for code in _complete(register, "0000", 2019, 1):
        _, numerator, denominator = plain[*indicator, code, "2019", "total"]
        shares.append(numerator / denominator)
    assert found["unweighted_mean"] == pytest.approx(statistics.mean(shares))
    assert found["median"] == pytest.approx(statistics.median(shares))
    assert found["members_shown"] == len(shares)


def test_a_missing_member_is_named(groups: dict) -> None:
    found = groups["recipients", "default", "similar:0180", "2018", "total"]
    assert (found["members_total"], found["members_included"]) == (4, 2)
    assert found["missing_members"] == "Vallentuna, Gotland"
    assert found["value_status"] == "published"


def test_where_no_group_figure_can_be_summed_it_says_so(groups: dict) -> None:
    found = groups["reason_share", "reason:most_frequent", "similar:0180", "2019", "reason=arbetslos"]
    assert (found["value"], found["value_status"]) == (None, "not_applicable")


def test_the_public_profile_protects_a_similar_group_as_a_municipality(
    warehouse: Settings, groups: dict
) -> None:
    """Its own counts, summed before they are protected; what is left without the largest member is no small count."""
    exact = {key: row for key, row in groups.items() if row["geography_type"] == "similar"}
    _compute(warehouse, "public")
    with open_database(warehouse.warehouse, read_only=True) as connection:
        shown = connection.execute(
            "select indicator_id, definition_id, geography_id, period, breakdown, value, value_status, without_largest_value "
            "from marts.comparison_groups where geography_type = 'similar' and unit = 'persons'"
        ).fetchall()
        rows = connection.execute(
            "select count(*), count(distinct (indicator_id, definition_id, geography_id, period, breakdown)) "
            "from marts.comparison"
        ).fetchone()
    for *key, value, status, without_largest in shown:
        count = exact[tuple(key)]["value"]
        if status == "suppressed":
            assert count <= 7, key
        elif status == "published":
            assert value == 5 * ((count + 2) // 5), key
        assert without_largest is None or without_largest > 7, key
    assert {"suppressed", "published"} <= {status for *_, status, _ in shown}
    assert rows[0] == rows[1] > 0
