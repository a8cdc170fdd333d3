"""The pure halves of the sources: bytes in the shapes that the services give, and rows out."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.catalog.loader import load_catalog
from orchestration.settings import load_settings
from orchestration.sources import kolada, scb
from orchestration.sources.connector import Drifted, SourceError, parse_answer
from orchestration.sources.tables.json_stat import long_form

SCB = next(one for one in load_catalog(load_settings()).sources if one.source_id == "scb")
URL = "https://api.kolada.se/v3/data/kpi/N31807,N31814/year/2024"


def kolada_rows(dataset: str, values: list, url: str = URL, table: str | None = None) -> list[dict]:
    body = json.dumps(
        {"values": values, "count": len(values), "next_url": None, "previous_url": None}
    ).encode()
    return kolada.parse(dataset, body, url)[table or f"kolada_{dataset}"].to_pylist()


def test_a_kolada_value_in_the_form_of_v3() -> None:
    [row] = kolada_rows("values", [{"kpi": "U30446", "municipality": "0380", "period": 2026, "values": [
        {"gender": "T", "count": 1, "status": "", "value": 0.0, "isdeleted": False}]}])  # fmt: skip
    assert row == {
        "kpi_id": "U30446", "area_id": "0380", "period": 2026, "gender": "T", "value": 0.0, "raw_status": "",
        "members_count": 1, "is_deleted": False,
    }  # fmt: skip


def test_a_kolada_value_in_the_form_of_v2_is_read_too() -> None:
    [row] = kolada_rows("values", [{"kpi": "N31807", "municipality": "0980", "period": "2012", "values": [
        {"gender": "K", "status": "Missing", "value": None, "is_deleted": 1}]}])  # fmt: skip
    assert (row["area_id"], row["period"], row["value"], row["raw_status"], row["is_deleted"]) == (
        "0980", 2012, None, "Missing", True,
    )  # fmt: skip


def test_a_group_may_name_its_members_in_either_way() -> None:
    rows = kolada_rows("municipality_groups", [
        {"id": "G1", "title": "Ett", "members": [{"member_id": "0114", "member_title": "Upplands Väsby"}]},
        {"id": "G2", "title": "Två", "members": [{"id": "0115", "title": "Vallentuna"}]},
    ])  # fmt: skip
    assert [row["member_id"] for row in rows] == ["0114", "0115"]


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        (URL, [("N31807", 2024, None), ("N31814", 2024, None)]),
        (URL + "?page=2", [("N31807", 2024, None), ("N31814", 2024, None)]),
        ("https://api.kolada.se/v3/data/kpi/N31807/municipality/0180,1480/year/2024",
         [("N31807", 2024, "0180"), ("N31807", 2024, "1480")]),
        ("https://api.kolada.se/v3/data/?kpi_id=N31807&year=2023&year=2024",
         [("N31807", 2023, None), ("N31807", 2024, None)]),
        ("https://api.kolada.se/v3/data/kpi/N31807%2CN31814/year/2024", [("N31807", 2024, None), ("N31814", 2024, None)]),
        ("https://api.kolada.se/v3/data/municipality/0180/year/2024", []),
        ("svar.json", []),
    ],
)  # fmt: skip
def test_the_address_says_what_was_asked_for(url: str, scope: list) -> None:
    rows = kolada_rows(
        "values",
        [{"kpi": "N31807", "municipality": "0180", "period": 2024, "values": []}],
        url,
        "kolada_scopes",
    )
    assert [tuple(row.values()) for row in rows] == scope


@pytest.mark.parametrize(
    ("base", "named", "followed"),
    [
        ("https://api.kolada.se/v3", "https://api.kolada.se/v3/kpi?page=2", "https://api.kolada.se/v3/kpi?page=2"),
        ("http://127.0.0.1:80", "https://api.kolada.se/v3/kpi?page=2", "http://127.0.0.1:80/kpi?page=2"),
        ("http://127.0.0.1:80/v3", "http://api.kolada.se/v3/kpi?page=2", "http://127.0.0.1:80/v3/kpi?page=2"),
        ("http://127.0.0.1:80/k/v3", "http://127.0.0.1:80/k/v3/kpi?page=2", "http://127.0.0.1:80/k/v3/kpi?page=2"),
        ("http://127.0.0.1:80", "/v3/kpi?page=2", "http://127.0.0.1:80/kpi?page=2"),
        ("https://api.kolada.se/v3", "https://elsewhere.example/v3/kpi?page=2", "https://api.kolada.se/v3/kpi?page=2"),
    ],
)  # fmt: skip
def test_the_next_page_is_asked_for_under_the_address_in_use(base: str, named: str, followed: str) -> None:
    assert kolada._next_url({"next_url": named}, base, "") == followed


def stat(id_: list[str], codes: dict[str, list[str]], value: object, **more: object) -> bytes:
    content = {
        "version": "2.0", "class": "dataset", "label": "Tabell", "id": id_, "size": [len(codes[one]) for one in id_],
        "dimension": {one: {"category": {"index": {code: place for place, code in enumerate(codes[one])},
                                         "label": {code: code for code in codes[one]}}} for one in id_},
        "value": value, **more,
    }  # fmt: skip
    return b"\xef\xbb\xbf" + json.dumps(content).encode()


STOCKHOLM = [975551, 978770, 984748, 988943, 995574]
GOTEBORG = [583056, 587549, 596841, 604616, 608993]
YEARS = ["2020", "2021", "2022", "2023", "2024"]


def population(body: bytes) -> list[dict]:
    return parse_answer(SCB, "population", body, "url")["scb_population"].to_pylist()


def test_scbs_printed_totals_are_read_row_by_row_and_are_no_age() -> None:
    rows = population(stat(["Region", "ContentsCode", "Tid"], {"Region": ["0180", "1480"], "ContentsCode": ["BE0101N1"],
                                                               "Tid": YEARS}, STOCKHOLM + GOTEBORG))  # fmt: skip
    assert [(row["area_id"], row["year"], row["population_count"]) for row in rows] == [
        *(("0180", int(year), count) for year, count in zip(YEARS, STOCKHOLM, strict=True)),
        *(("1480", int(year), count) for year, count in zip(YEARS, GOTEBORG, strict=True)),
    ]
    assert {(row["sex"], row["age"]) for row in rows} == {("T", None)}


def test_the_oldest_age_is_100_and_tot_is_none() -> None:
    rows = population(stat(["Region", "Alder", "Kon", "Tid"], {"Region": ["0180"], "Alder": ["0", "100+", "tot"],
                                                               "Kon": ["1", "2"], "Tid": ["2024"]}, [1, 2, 3, 4, 5, 6]))  # fmt: skip
    assert [(row["age"], row["sex"], row["population_count"]) for row in rows] == [
        (0, "M", 1), (0, "K", 2), (100, "M", 3), (100, "K", 4), (None, "M", 5), (None, "K", 6),
    ]  # fmt: skip


def test_marital_status_is_summed_and_an_unknown_part_makes_an_unknown_sum() -> None:
    codes = {"Region": ["0180", "1480"], "Civilstand": ["OG", "G"], "Tid": ["2024"]}
    rows = population(stat(["Region", "Civilstand", "Tid"], codes, [1, 2, 3, None], status={"3": ".."}))
    assert [(row["area_id"], row["population_count"], row["raw_status"]) for row in rows] == [
        ("0180", 3, None), ("1480", None, ".."),
    ]  # fmt: skip


def test_of_several_measures_only_the_population_is_taken() -> None:
    body = json.loads(stat(["ContentsCode", "Region", "Tid"], {"ContentsCode": ["N2", "N1"], "Region": ["0180"],
                                                               "Tid": ["2024"]}, [6631, 995574])[3:])  # fmt: skip
    body["dimension"]["ContentsCode"]["category"]["label"] = {"N1": "Folkmängd", "N2": "Folkökning"}
    assert [row["population_count"] for row in population(json.dumps(body).encode())] == [995574]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ([1, None, 3, 4], {"1": ".."}),
        ([1, None, 3, 4], [None, "..", None, None]),
        ({"0": 1, "2": 3, "3": 4}, {"1": ".."}),
    ],
)
def test_values_and_marks_come_in_several_forms(value: object, status: object) -> None:
    body = stat(
        ["Region", "Tid"], {"Region": ["0180", "1480"], "Tid": ["2023", "2024"]}, value, status=status
    )
    rows = population(body)
    assert [row["population_count"] for row in rows] == [1, None, 3, 4]
    assert [row["raw_status"] for row in rows] == [None, "..", None, None]


def test_the_positions_decide_and_not_the_order_of_the_codes() -> None:
    body = json.loads(stat(["Region", "Tid"], {"Region": ["0180", "1480"], "Tid": ["2024"]}, [1, 2])[3:])
    body["dimension"]["Region"]["category"]["index"] = {"1480": 1, "0180": 0}
    assert [(row["area_id"], row["population_count"]) for row in population(json.dumps(body).encode())] == [
        ("0180", 1), ("1480", 2),
    ]  # fmt: skip


def test_the_older_json_of_v1_is_read() -> None:
    content = {
        "columns": [{"code": "Region", "type": "d"}, {"code": "Alder", "type": "d"}, {"code": "Kon", "type": "d"},
                    {"code": "Tid", "type": "t"}, {"code": "BE0101N1", "text": "Folkmängd", "type": "c"}],
        "data": [{"key": ["0180", "0", "1", "2024"], "values": ["5101"]},
                 {"key": ["0180", "0", "2", "2024"], "values": [".."]}],
    }  # fmt: skip
    rows = population(b"\xef\xbb\xbf" + json.dumps(content).encode())
    assert [(row["sex"], row["population_count"], row["raw_status"]) for row in rows] == [
        ("M", 5101, None), ("K", None, ".."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "codes", "value", "words"),
    [
        (["Omrade", "Tid"], {"Omrade": ["0180"], "Tid": ["2024"]}, [1], "kolumnen Region saknas"),
        (["Region", "Inkomst", "Tid"], {"Region": ["0180"], "Inkomst": ["1"], "Tid": ["2024"]}, [1], "kolumnen Inkomst"),
        (["Region", "Tid"], {"Region": ["0180"], "Tid": ["2024M01"]}, [1], "kolumnen Tid"),
        (["Region", "Tid"], {"Region": ["0180"], "Tid": ["2024"]}, [1, 2], "fältet value"),
        (["Region", "Tid"], {"Region": ["0180"], "Tid": ["2024"]}, ["många"], "fältet value"),
        (["Region", "Tid"], {"Region": ["0180"], "Tid": ["2024"]}, 7, "fältet value"),
    ],
)  # fmt: skip
def test_a_changed_table_of_scb_stops_with_the_name(id_: list, codes: dict, value: list, words: str) -> None:
    with pytest.raises(Drifted, match=words):
        population(stat(id_, codes, value))


def figures(dataset_id: str, body: bytes) -> list[dict]:
    return parse_answer(SCB, dataset_id, body, "url")["scb_figures"].to_pylist()


def test_families_forecast_and_prices_are_cells_of_one_table() -> None:
    codes = {
        "Region": ["0180"],
        "AlderBarn": ["0-17"],
        "Familjetyp": ["EnsamMor"],
        "Barn": ["1", "4+"],
        "Tid": ["2024"],
    }
    rows = figures("families", stat(list(codes), codes, [7, None], status={"1": ".."}))
    assert [(row["group_code"], row["part_code"], row["value"], row["raw_status"]) for row in rows] == [
        ("EnsamMor", "1", 7, None),
        ("EnsamMor", "4+", None, ".."),
    ]
    codes = {"Region": ["0180"], "Kon": ["2"], "Alder": ["0", "100+"], "Tid": ["2040"]}
    rows = figures("forecast", stat(list(codes), codes, [5, 6]))
    assert [(row["year"], row["sex"], row["age"], row["value"]) for row in rows] == [
        (2040, "K", 0, 5),
        (2040, "K", 100, 6),
    ]
    [row] = figures(
        "price_index", stat(["ContentsCode", "Tid"], {"ContentsCode": ["000000KL"], "Tid": ["2024"]}, [415.1])
    )
    assert (row["dataset_id"], row["area_id"], row["year"], row["value"]) == (
        "price_index",
        "00",
        2024,
        415.1,
    )


@pytest.mark.parametrize(
    ("dataset_id", "codes", "words"),
    [
        (
            "families",
            {"Region": ["0180"], "Familjetyp": ["X"], "Barn": ["tot"], "Tid": ["2024"]},
            "koden tot i kolumnen Barn",
        ),
        (
            "families",
            {"Region": ["0180"], "Familjetyp": ["X"], "AlderBarn": ["0-21"], "Tid": ["2024"]},
            "koden 0-21 i kolumnen AlderBarn",
        ),
        ("families", {"Region": ["0180"], "Tid": ["2024"]}, "kolumnen Familjetyp saknas"),
        ("forecast", {"Region": ["0180"], "Alder": ["tot"], "Tid": ["2024"]}, "kolumnen Alder har tot"),
        ("price_index", {"Region": ["00"], "Tid": ["2024"]}, "kolumnen Region är okänd"),
    ],
)
def test_what_would_be_counted_twice_or_is_unknown_stops(dataset_id: str, codes: dict, words: str) -> None:
    with pytest.raises(Drifted, match=words):
        figures(dataset_id, stat(list(codes), codes, [1]))


def test_no_json_is_told_as_such() -> None:
    with pytest.raises(SourceError, match="avhuggen"):
        population(b'{"id": ["Region"')


def test_footnotes_are_kept_in_order_and_once() -> None:
    body = stat(["Region", "ContentsCode", "Tid"], {"Region": ["0180"], "ContentsCode": ["E1"], "Tid": ["2017M12"]}, [0],
                note=["Första noten", "Andra noten"], extension={"notes": [{"text": "Tredje", "mandatory": True}]})  # fmt: skip
    told = scb.parse("yearly_equivalents", body, "url")["scb_yearly_equivalents_notes"].to_pylist()
    assert [row["note"] for row in told] == ["Första noten", "Andra noten", "Tredje"]


selections = st.dictionaries(
    st.sampled_from(["Tid", "Region", "Alder", "Kon"]),
    st.integers(1, 12).map(lambda size: [str(number) for number in range(size)]),
    min_size=1,
)


@given(selections, st.integers(1, 200))
def test_blocks_hold_every_cell_once_under_the_limit(selection: dict[str, list[str]], most: int) -> None:
    import itertools

    parts = list(scb.blocks(selection, most))
    assert all(math.prod(len(codes) for codes in part.values()) <= most for part in parts)
    cells = [cell for part in parts for cell in itertools.product(*(part[name] for name in selection))]
    assert len(cells) == len(set(cells))
    assert set(cells) == set(itertools.product(*selection.values()))


def test_the_last_dimension_runs_fastest() -> None:
    body = stat(["A", "B", "C"], {"A": ["a", "b"], "B": ["1", "2"], "C": ["x", "y", "z"]}, list(range(12)))
    columns, _ = long_form(json.loads(body[3:]), "SCB", "url")
    assert [tuple(columns[name][7] for name in "ABC")] == [("b", "1", "y")]
    assert list(columns["value"]) == list(range(12))
