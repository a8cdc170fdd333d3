"""What the models make of the snapshots, against a slow plain second implementation."""

from __future__ import annotations

import json
import random

import pytest

from orchestration.database import open_database
from orchestration.settings import Settings
from orchestration.sources.fetching.refresh import add_files
from orchestration.sources.fetching.state import diff_lines
from orchestration.vault.ledger import open_vault
from orchestration.warehouse.dbt_runner import run_dbt
from orchestration.warehouse.raw_tables import load_raw_tables
from tests.integration.test_sources import equivalents_table, population_table
from tests.servers.kolada import inner, kpi

KPIS = ["N31807", "N31814", "N31910"]
AREAS = ["0000", "0180", "1480"]
YEARS = [2023, 2024]
MODELS = (
    "stg_kolada__kpis stg_kolada__municipality_groups stg_kolada__observations stg_kolada__values int_kolada_figures "
    "kolada_revisions source_datasets source_outcomes yearly_equivalents stg_scb__population "
    "stg_scb__yearly_equivalents stg_population__by_age dim_sources +published_values "
    "stg_published_tables__figures municipalities value_marks kolada_kpis"
)
Key = tuple[str, str, int, str]
Rows = dict[Key, tuple[float | None, bool]]


class Told:
    """One drawn snapshot: what was asked for, and the rows that came."""

    def __init__(self, drawn: random.Random, only: list[str], before: Rows) -> None:
        self.kpis = only
        self.years = drawn.choice([YEARS, YEARS, [2024]])
        self.area = drawn.choice([None, None, None, "0180"])
        self.rows: Rows = {}
        for one in only:
            if drawn.random() < 0.15:
                continue
            for area in AREAS if self.area is None else [self.area]:
                for year in self.years:
                    for gender in "TKM" if one == "N31814" else "T":
                        key = (one, area, year, gender)
                        if drawn.random() < 0.85:
                            same = before.get(key) if drawn.random() < 0.6 else None
                            self.rows[key] = same or (
                                drawn.choice([1.5, 2.5, 3.5, None]),
                                drawn.random() < 0.1,
                            )

    def asks_for(self, key: Key) -> bool:
        one, area, year, _ = key
        return bool(self.rows) and one in self.kpis and year in self.years and self.area in (None, area)

    def url(self) -> str:
        area = f"/municipality/{self.area}" if self.area else ""
        return f"https://api.kolada.se/v3/data/kpi/{','.join(self.kpis)}{area}/year/{','.join(map(str, self.years))}"

    def body(self) -> bytes:
        found: dict[tuple, list] = {}
        for (one, area, year, gender), (value, is_deleted) in self.rows.items():
            found.setdefault((one, area, year), []).append(inner(value, gender, is_deleted=is_deleted))
        values = [
            {"kpi": k, "municipality": a, "period": y, "values": rows} for (k, a, y), rows in found.items()
        ]
        return json.dumps({"values": values, "count": len(values), "next_url": None}).encode()


def drawn_snapshots(seed: int) -> list[Told]:
    drawn = random.Random(seed)
    told: list[Told] = []
    known: Rows = {}
    while len(told) < 6:
        one = Told(drawn, drawn.choice([KPIS, KPIS, KPIS[:2]]), known)
        if one.rows:
            known |= one.rows
            told.append(one)
    # the last one has lost a KPI whole
    last = told[-1]
    last.kpis, last.years, last.area = KPIS, YEARS, None
    last.rows = {key: row for key, row in known.items() if key[0] != "N31910"}
    return told


def effective(row: tuple[float | None, bool]) -> float | None:
    return None if row[1] else row[0]


def plain_revisions(told: list[Told]) -> set[tuple]:
    """Value by value, snapshot by snapshot."""
    found = set()
    state: dict[Key, tuple[bool, float | None]] = {}
    for number, now in enumerate(told):
        gone: dict[str, int] = {}
        for key in sorted({*state, *now.rows}):
            before = state.get(key)
            if key in now.rows:
                value = effective(now.rows[key])
                if before is None:
                    asked_before = any(
                        earlier.asks_for(key)
                        and any(
                            first[0] == key[0] and first[2] == key[2]
                            for one in told[: place + 1]
                            for first in one.rows
                        )
                        for place, earlier in enumerate(told[:number])
                    )
                    if asked_before:
                        found.add(("added", *key, None, value, number))
                elif not before[0]:
                    found.add(("added", *key, None, value, number))
                elif before[1] != value:
                    found.add(("changed", *key, before[1], value, number))
                state[key] = (True, value)
            elif now.asks_for(key):
                if before[0]:
                    if any(one == key[0] for one, *_ in now.rows):
                        found.add(("removed", *key, before[1], None, number))
                    else:
                        gone[key[0]] = max(gone.get(key[0], 0), key[2])
                state[key] = (False, None)
        for one, year in gone.items():
            found.add(("vanished_kpi", one, "", year, "", None, None, number))
    return found


def plain_values(told: list[Told]) -> dict[Key, tuple[float | None, bool]]:
    found: dict[Key, tuple[float | None, bool]] = {}
    for now in told:
        for key in found:
            if key not in now.rows and now.asks_for(key):
                found[key] = (found[key][0], True)
        found |= {key: (effective(row), False) for key, row in now.rows.items()}
    return found


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return drawn_snapshots(seed=4)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, told: list[Told]) -> Settings:
    """Drawn snapshots of Kolada, SCB's printed totals, and a population file for one of the municipalities."""
    settings = Settings(home=tmp_path_factory.mktemp("sources"))
    folder = tmp_path_factory.mktemp("saved")

    def add(name: str, body: bytes, url: str = "") -> None:
        file = folder / "answer.json"
        file.write_bytes(body)
        outcome = add_files(settings, name, [file], url)
        assert outcome.snapshot_id, outcome.message

    for one in told:
        add("kolada/values", one.body(), one.url())
    base = "https://api.kolada.se/v3/kpi/N31807,N31814"
    both = [kpi("N31807", "Invånare"), kpi("N31814", "Vuxna", True)]
    add("kolada/kpis", json.dumps({"values": both}).encode(), base)
    add("kolada/kpis", json.dumps({"values": both[:1]}).encode(), base)
    groups = {"values": [
        {"id": "G1", "title": "Liknande kommuner ekonomiskt bistånd, Ale, 2022", "members": [
            {"member_id": "1292", "member_title": "Ängelholm"}]},
        {"id": "G2", "title": "Liknande kommuner ekonomiskt bistånd, Ale, 2023", "members": [
            {"member_id": "1427", "member_title": "Sotenäs"}]},
    ]}  # fmt: skip
    add("kolada/municipality_groups", json.dumps(groups).encode())
    population, equivalents = population_table(), equivalents_table()
    chosen = {name: codes for name, codes in population.variables.items() if name != "Civilstand"}
    chosen |= {"Region": ["0180", "1480", "1280"], "ContentsCode": ["BE0101N1"]}
    add("scb/population", json.dumps(population.json_stat(chosen)).encode())
    add("scb/yearly_equivalents", json.dumps(equivalents.json_stat(equivalents.variables)).encode())
    delivered = settings.landing_population
    delivered.mkdir(parents=True)
    (delivered / "egen.csv").write_text(
        "kommunkod;ar;kon;alder;antal\n1280;2024;K;30;10\n1280;2024;M;30;20\n"
    )
    load_raw_tables(settings)
    open_vault(settings).close()
    nodes = run_dbt(settings, ["build", "--indirect-selection", "cautious", "--select", *MODELS.split()])
    assert [
        f"{node.name}: {node.message}" for node in nodes if not node.is_ok and node.status != "skipped"
    ] == []
    return settings


def query(settings: Settings, sql: str) -> list[tuple]:
    with open_database(settings.warehouse) as connection:
        return connection.execute(sql).fetchall()


def test_the_drawn_snapshots_hold_every_kind_of_revision(told: list[Told]) -> None:
    assert {row[0] for row in plain_revisions(told)} == {"changed", "added", "removed", "vanished_kpi"}


def test_silent_revisions_are_found_value_by_value(built: Settings, told: list[Told]) -> None:
    ids = [row[0] for row in query(built, "select snapshot_id from raw.source_snapshots "
                                          "where source_id = 'kolada' and dataset_id = 'values' order by snapshot_number")]  # fmt: skip
    found = {
        (*row[:-1], ids.index(row[-1]))
        for row in query(
            built,
            "select revision_kind, kpi_id, area_id, period_year, gender, old_value, new_value, new_snapshot_id "
            "from marts.kolada_revisions",
        )
    }
    assert found == plain_revisions(told)
    assert any("hela nyckeltalet är borta" in line for line in diff_lines(built, "kolada"))


def test_a_kpi_that_has_gone_from_the_catalogue_is_told_by_diff(built: Settings) -> None:
    gone = [line for line in diff_lines(built, "kolada") if "Koladas katalog" in line]
    assert gone == ["N31814 (Vuxna): finns inte längre i Koladas katalog"]


def test_the_newest_value_is_in_force_and_what_went_stays_marked(built: Settings, told: list[Told]) -> None:
    found = query(
        built,
        "select kpi_id, area_id, period_year, gender, value, is_vanished from staging.stg_kolada__values",
    )
    assert {row[:4]: row[4:] for row in found} == plain_values(told)
    assert {row[5] for row in found if row[0] == "N31910"} == {True}


def test_a_missing_value_is_a_status_and_never_0(built: Settings) -> None:
    assert query(
        built, "select distinct value_status from staging.stg_kolada__values where value is null"
    ) == [("missing",)]


def test_a_kpi_left_out_of_a_later_answer_is_marked(built: Settings) -> None:
    assert query(built, "select kpi_id, is_vanished from staging.stg_kolada__kpis order by 1") == [
        ("N31807", False),
        ("N31814", True),
    ]


def test_similar_municipalities_are_known_by_title(built: Settings) -> None:
    assert query(built, "select group_kind, focus_municipality_name, model_year, member_code "
                        "from staging.stg_kolada__municipality_groups order by model_year") == [
        ("similar_economic_assistance", "Ale", 2022, "1292"),
        ("similar_economic_assistance", "Ale", 2023, "1427"),
    ]  # fmt: skip


def test_koladas_values_stand_among_the_published_ones(built: Settings, told: list[Told]) -> None:
    found = query(built, "select geography_id, period, breakdown, value, unit, area_type from marts.published_values "
                         "where published_table_id = 'kolada:N31814'")  # fmt: skip
    expected = plain_values(told)
    breakdowns = {"T": "total", "K": "sex=K", "M": "sex=M"}
    assert {row[:3]: row[3] for row in found} == {
        (area, str(year), breakdowns[gender]): None if value is None else value / 100
        for (one, area, year, gender), (value, _) in expected.items()
        if one == "N31814"
    }
    assert {row[4] for row in found} == {"share"}
    assert {row[5] for row in found if row[0] == "0000"} == {"country"}


def test_a_file_goes_before_scb_and_totals_are_not_summed_with_ages(built: Settings) -> None:
    found = dict(query(built, "select municipality_code || ' ' || period_year, cast(sum(population_count) as integer) "
                              "from staging.stg_population__by_age group by all"))  # fmt: skip
    # SCB's printed figures, and the file where there is one
    assert found["0180 2024"] == 995574
    assert found["1480 2020"] == 583056
    assert found["1280 2023"] == 362133
    assert found["1280 2024"] == 30


def test_scbs_0_for_economic_assistance_is_not_reported(built: Settings) -> None:
    found = query(built, "select geography_id, content_name, value, value_status, months_reported, months_count "
                         "from marts.yearly_equivalents order by 1, 2")  # fmt: skip
    assert found == [
        ("0180", "Ekonomiskt bistånd", 100.0, "published", 11, 11),
        ("0180", "Sjukpenning", 100.0, "published", 11, 11),
        ("1280", "Ekonomiskt bistånd", None, "not_reported", 0, 11),
        ("1280", "Sjukpenning", 100.0, "published", 11, 11),
        ("1480", "Ekonomiskt bistånd", 100.0, "published", 11, 11),
        ("1480", "Sjukpenning", 100.0, "published", 11, 11),
    ]


def test_each_dataset_tells_its_newest_snapshot(built: Settings) -> None:
    found = query(built, "select dataset_id, snapshots_count, last_outcome from meta.source_datasets "
                         "where source_id = 'kolada' order by sort_order")  # fmt: skip
    assert found == [
        ("kpis", 2, "new"),
        ("municipalities", 0, None),
        ("municipality_groups", 1, "new"),
        ("values", 6, "new"),
    ]


def test_what_was_known_an_earlier_day_has_no_later_snapshots(built: Settings) -> None:
    from datetime import date

    earlier = Settings(home=built.home, as_of=date(2020, 1, 1))
    load_raw_tables(earlier)
    assert query(earlier, "select count(*) from raw.kolada_values union all select count(*) from raw.source_outcomes") == [
        (0,), (0,),
    ]  # fmt: skip
