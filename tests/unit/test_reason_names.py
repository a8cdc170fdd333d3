"""The names of reasons as a case system writes them are known without a mapping, however they are typed."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.intake.rules import judging
from orchestration.intake.rules.catalogue import known_reason_keys, reason_key, reason_names
from orchestration.settings import load_settings

SEEDS = load_settings().reference_seeds


def aliases() -> list[dict[str, str]]:
    with (SEEDS / "reason_aliases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_as(connection, text: str, system: str | None = None) -> str | None:
    connection.execute("set variable source_system = cast($system as text)", {"system": system})
    connection.execute(
        "create or replace temp table typed_rows as select $text as forsorjningshinder, "
        "cast(null as text) as forsorjningshinder_2",
        {"text": text},
    )
    connection.execute(judging.statements()["reason_map"])
    return connection.execute("select reason_code from reason_map").fetchone()[0]


def test_all_23_names_of_the_case_system_are_aliases_of_the_23_categories():
    names = [row for row in aliases() if row["is_code"] == "false"]
    assert len(names) == 23
    assert {row["reason_code"] for row in names} == set(reason_names())


@pytest.mark.parametrize(
    "row", [row for row in aliases() if row["is_code"] == "false"], ids=lambda row: row["alias"]
)
def test_a_name_is_known_whatever_its_case_blanks_commas_and_slashes(connection, row):
    name = row["alias"]
    for text in (
        name,
        name.upper(),
        name.replace(",", ""),
        name.replace("/", " / "),
        name.replace(" ", "  "),
        name.replace(" m ", " med "),
        name.replace(" m ", " m. "),
        name.replace("-", "–"),
        name.replace("%", " %"),
    ):
        assert known_as(connection, text) == row["reason_code"], text


@given(name=st.sampled_from([row["alias"] for row in aliases() if row["is_code"] == "false"]), data=st.data())
def test_any_mix_of_case_and_blanks_keeps_the_key(name, data):
    mixed = "".join(
        (letter.upper() if data.draw(st.booleans()) else letter)
        + (" " if letter in ",/" and data.draw(st.booleans()) else "")
        for letter in name
    )
    assert reason_key(mixed) in known_reason_keys()


def test_the_codes_of_a_case_system_are_known_only_where_a_mapping_names_it(connection):
    assert known_as(connection, "16") is None
    assert known_as(connection, "16", "lifecare") == "foraldrapenning_otillracklig"
    assert known_as(connection, "19", "lifecare") == "arbetar_deltid_otillracklig_inkomst"
    assert known_as(connection, "21", "lifecare") is None
