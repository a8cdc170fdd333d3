"""What an outsider can compute back from a release, drawn small: each release here hides one thing in one way."""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.database import open_database
from orchestration.release.attack import (
    DisclosiveReleaseError,
    attack_release,
    cells,
    read_knowledge,
    refuse_disclosive,
)
from orchestration.release.attack.bounds import System, propagate
from orchestration.release.attack.derived import derive
from orchestration.release.attack.solver import solve
from tests.fixtures.drawn_release import RULE, count, write_release

YEARS = [str(year) for year in range(1990, 2018)]


def both_sexes(
    total: float | None, women: float | None, men: float | None, year: str, **others: object
) -> list[dict[str, object]]:
    named = {"total": total, "sex=K": women, "sex=M": men}
    return [count("0180", year, breakdown, value, **others) for breakdown, value in named.items()]


def shown_years(**others: object) -> list[dict[str, object]]:
    """Years in which everything is shown: women and men are all."""
    return [row for year in YEARS for row in both_sexes(90, 43, 47, year, **others)]


def test_all_less_the_men_are_the_women(tmp_path):
    folder = write_release(tmp_path / "release", shown_years() + both_sexes(45, None, 43, "2018"))
    attack = attack_release(folder)
    assert (attack.found, attack.hidden) == (1, 1)
    assert [row.one_subtraction for row in attack.rows] == [1]


def test_a_release_that_gives_a_count_away_is_refused_in_one_sentence(tmp_path):
    folder = write_release(tmp_path / "release", shown_years() + both_sexes(45, None, 43, "2018"))
    with pytest.raises(DisclosiveReleaseError, match=r"1 dolda antal går att räkna fram .* indicator_values"):
        refuse_disclosive(attack_release(folder))


def test_rounded_counts_and_a_band_tell_nothing_exact(tmp_path):
    folder = write_release(
        tmp_path / "release",
        [row for year in YEARS for row in both_sexes(90, 45, 45, year)] + both_sexes(45, None, 45, "2018"),
        RULE,
    )
    attack = attack_release(folder)
    assert (attack.found, attack.hidden) == (0, 1)
    refuse_disclosive(attack)


def test_two_hidden_parts_of_a_whole_fourteen_are_seven_each(tmp_path):
    rounded = [row for year in YEARS for row in both_sexes(90, 45, 45, year, is_rounded=True)]
    folder = write_release(
        tmp_path / "release", rounded + both_sexes(14, None, None, "2018", is_rounded=False), RULE
    )
    assert attack_release(folder).found == 2


def test_two_hidden_parts_of_a_rounded_fifteen_are_six_or_seven(tmp_path):
    rounded = [row for year in YEARS for row in both_sexes(90, 45, 45, year)]
    attack = attack_release(
        write_release(tmp_path / "release", rounded + both_sexes(15, None, None, "2018"), RULE)
    )
    assert (attack.found, sum(row.narrowed for row in attack.rows)) == (0, 2)


def test_a_band_of_ages_less_the_ages_within_it(tmp_path):
    def ages(year: str, young: float | None) -> list[dict[str, object]]:
        shown = {"age=18-24": 30, "age=18-19": young, "age=20-24": 28, "age=25-29": 20, "age=18-29": 50}
        return [count("0180", year, band, value) for band, value in shown.items()]

    folder = write_release(
        tmp_path / "release", [row for year in YEARS for row in ages(year, 2)] + ages("2018", None)
    )
    attack = attack_release(folder)
    assert (attack.found, attack.hidden) == (1, 1)


def test_an_area_less_its_other_municipality(tmp_path):
    def area(year: str, small: float | None) -> list[dict[str, object]]:
        shown = {"lan:01": 42, "0180": 40, "0181": small}
        return [
            count(place, year, "total", value, indicator_id="households") for place, value in shown.items()
        ]

    members = [
        {
            "geography_id": "lan:01",
            "geography_type": "county",
            "municipality_code": code,
            "first_year": None,
            "last_year": None,
        }
        for code in ("0180", "0181")
    ]
    folder = write_release(
        tmp_path / "release",
        [row for year in YEARS for row in area(year, 2)] + area("2018", None),
        geography_members=members,
    )
    assert attack_release(folder).found == 1


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("{year}", [f"{{year}}-Q{quarter}" for quarter in (1, 2, 3, 4)]),
        ("{year}-Q3", [f"{{year}}-{month}" for month in ("07", "08", "09")]),
    ],
)
def test_what_began_in_a_period_less_its_other_parts(tmp_path, whole, parts):
    def began(year: str, last: float | None) -> list[dict[str, object]]:
        known = {whole: 10 * len(parts) - 8} | dict.fromkeys(parts[:-1], 10) | {parts[-1]: last}
        return [
            count("0180", period.format(year=year), "total", value, indicator_id="entries")
            for period, value in known.items()
        ]

    folder = write_release(
        tmp_path / "release", [row for year in YEARS for row in began(year, 2)] + began("2018", None)
    )
    attack = attack_release(folder)
    assert (attack.found, attack.hidden) == (1, 1)


def test_a_share_with_all_its_decimals_is_a_fraction(tmp_path):
    share = {
        "indicator_id": "longterm_adults_share_recipients",
        "definition_id": "longterm:person_wide",
        "unit": "share",
    }
    folder = write_release(
        tmp_path / "release",
        [
            count("0180", "2018", "total", 87),
            count("0180", "2018", "total", 3 / 87, numerator=None, **share),
            count(
                "0180",
                "2018",
                "total",
                None,
                indicator_id="longterm_adults",
                definition_id="longterm:person_wide",
            ),
        ],
    )
    assert attack_release(folder).found == 1


def test_an_earlier_release_shows_what_the_later_hides(tmp_path):
    before = write_release(tmp_path / "before", shown_years() + both_sexes(45, 2, 43, "2018"))
    after = write_release(tmp_path / "after", shown_years() + both_sexes(45, None, None, "2018"))
    assert attack_release(after).found == 0
    assert attack_release(after, before=before).found == 1


def test_an_earlier_release_of_other_numbers_tells_nothing(tmp_path):
    before = write_release(tmp_path / "before", shown_years() + both_sexes(47, 2, 45, "2018"))
    after = write_release(tmp_path / "after", shown_years() + both_sexes(45, None, None, "2018"))
    assert attack_release(after, before=before).found == 0


def test_means_of_money_tell_the_rounded_households(tmp_path):
    def mean(breakdown: str, sek: float, shown: float) -> dict[str, object]:
        return count(
            "0180", "2018", breakdown, sek / shown,
            indicator_id="paid_sek_per_household", unit="sek_per_household", numerator=sek, denominator=shown, is_rounded=True,
        )  # fmt: skip

    # 102 households: 41 with children at 61 234 kr each and 61 without at 38 777 kr; shown as 100, 40 and 60
    money = 41 * 61_234 + 61 * 38_777
    rows = [
        mean("total", round(money * 100 / 102, -3), 100),
        mean("children=med_barn", round(40 * 61_234, -3), 40),
        mean("children=utan_barn", round(60 * 38_777, -3), 60),
    ]
    folder = write_release(tmp_path / "release", rows, RULE)
    known = read_knowledge()
    with open_database() as connection:
        cells.open_release(connection, folder)
        rule = cells.read_rule(connection)
        cells.observe(connection, known, rule)
        cells.make_cells(connection)
        derive(connection, known, rule)
        found = connection.execute("select lo, hi from cells order by lo").fetchall()
    assert found == [(41, 41), (61, 61), (102, 102)]


def test_parts_that_are_not_the_whole_are_not_believed(tmp_path):
    rows = [row for year in YEARS for row in both_sexes(90, 43, 40 + int(year) % 5, year)]
    folder = write_release(tmp_path / "release", rows + both_sexes(45, None, 43, "2018"))
    assert attack_release(folder).found == 0


def test_a_guess_is_judged_by_the_internal_release(tmp_path):
    public = write_release(tmp_path / "public", shown_years() + both_sexes(45, None, 43, "2018"))
    right = write_release(tmp_path / "right", shown_years() + both_sexes(45, 2, 43, "2018"))
    wrong = write_release(tmp_path / "wrong", shown_years() + both_sexes(45, 1, 43, "2018"))
    [row] = attack_release(public, truth=right).rows
    assert (row.exist_1_3, row.found_1_3, row.wrong) == (1, 1, 0)
    [row] = attack_release(public, truth=wrong).rows
    assert (row.exist_1_3, row.found_1_3, row.wrong) == (1, 0, 1)


def system(sums: list[tuple[list[int], float]], count_of_cells: int, most: float) -> System:
    """Counts from 0 to `most`, and the sums of some of them."""
    terms = [(relation, cell) for relation, (cells, _) in enumerate(sums) for cell in cells]
    totals = np.array([float(total) for _, total in sums])
    return System(
        np.zeros(count_of_cells), np.full(count_of_cells, most), totals, totals.copy(),
        np.array([relation for relation, _ in terms]), np.array([cell for _, cell in terms]), np.ones(len(terms)),
    )  # fmt: skip


def test_three_sums_of_two_tell_all_three_only_together():
    drawn = system([([0, 1], 4), ([1, 2], 4), ([0, 2], 2)], 3, 7)
    assert propagate(drawn) == 0
    assert not drawn.is_fixed.any()
    solved, looked_at = solve(drawn, np.array([0, 1, 2]), seconds=10)
    assert drawn.lo.tolist() == drawn.hi.tolist() == [1, 3, 1]
    assert solved.all()
    assert looked_at == 3


def test_a_relation_that_cannot_hold_is_counted_and_changes_nothing():
    drawn = system([([0, 1], 20)], 2, 7)
    assert propagate(drawn) == 2
    assert (drawn.lo.tolist(), drawn.hi.tolist()) == ([0, 0], [7, 7])


def by_reason(year: str, unemployed: int, ill: int | None) -> list[dict[str, object]]:
    """Rows of reason_for_need: all, and of women only those above the band."""
    shown = {
        ("all", "arbetslos"): 90,
        ("all", "sjuk"): 45,
        ("K", "arbetslos"): unemployed,
        ("K", "sjuk"): ill,
    }
    return [
        {
            "geography_id": "0180", "period_year": int(year), "definition_id": "reason:most_frequent", "reason": reason,
            "sex": sex, "age_band": "all", "origin": "all", "children": "all", "duration": "all",
            "adults_count": value, "adults_with_reason_count": None, "value_status": "published",
        }
        for (sex, reason), value in shown.items() if value is not None
    ]  # fmt: skip


def test_a_group_without_a_row_is_hidden_as_well(tmp_path):
    rows = [row for year in YEARS for row in by_reason(year, 45, 25)] + by_reason("2018", 45, None)
    attack = attack_release(
        write_release(tmp_path / "release", shown_years(is_rounded=True), RULE, reason_for_need=rows)
    )
    assert (attack.found, attack.hidden) == (0, 1)


def test_those_with_a_known_reason_and_all_tell_of_those_without(tmp_path):
    def stated(year: str, unknown: int | None, known: int) -> list[dict[str, object]]:
        return [
            count("0180", year, "total", 50, indicator_id="adults_with_reason"),
            count("0180", year, "total", 0.4, indicator_id="several_reasons_share", unit="share", numerator=9, denominator=known),
            count("0180", year, "reason=uppgift_saknas", unknown, indicator_id="reason", definition_id="reason:most_frequent"),
        ]  # fmt: skip

    folder = write_release(
        tmp_path / "release",
        [row for year in YEARS for row in stated(year, 2, 48)] + stated("2018", None, 47),
    )
    assert attack_release(folder).found == 1
