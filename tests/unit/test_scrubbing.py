"""Nothing that looks like a personnummer passes into a name, a message or a free text."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from orchestration.intake.rules import judging
from orchestration.intake.scrubbing import scrub_file_name, scrub_text
from orchestration.settings import load_settings
from tests.fixtures.register_files import adult

NUMBER = adult(7)
SPELLINGS = [
    NUMBER,
    NUMBER[2:],
    f"{NUMBER[:8]}-{NUMBER[8:]}",
    f"{NUMBER[2:8]}-{NUMBER[8:]}",
    f"{NUMBER[2:8]}+{NUMBER[8:]}",
    f"{NUMBER[2:8]} {NUMBER[8:]}",
    f"{NUMBER[:8]}_{NUMBER[8:]}",
    f"{NUMBER[:4]}-{NUMBER[4:6]}-{NUMBER[6:8]}-{NUMBER[8:]}",
    NUMBER.translate({ord("0") + value: 0x0660 + value for value in range(10)}),
    NUMBER[2:].translate({ord("0") + value: 0xFF10 + value for value in range(10)}),
    f"{NUMBER[2:4]}.{NUMBER[4:6]}.{NUMBER[6:8]} - {NUMBER[8:]}",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("around", ["{}", "uttag {} mars", "x{}x", "2019_{}_0180"])
def test_a_personnummer_is_hidden_in_any_spelling(spelling, around):
    text = around.format(spelling)
    connection = duckdb.connect()
    judging.prepare(connection, load_settings(), date(2026, 1, 1))
    [(by_sql,)] = connection.execute("select scrubbed($text)", {"text": text}).fetchall()
    for hidden in (scrub_text(text), scrub_file_name(text), by_sql):
        assert NUMBER[8:] not in hidden
        assert NUMBER[2:8] not in hidden
        assert spelling[-4:] not in hidden
        assert "[dolt]" in hidden


@pytest.mark.parametrize(
    "name",
    ["0180/2019.csv.gz", "0180_201907.csv", "ek_bistand_2019-07.csv", "201907_0180.csv", "2019-07-15.csv"],
)
def test_ordinary_file_names_stay_as_they_are(name):
    assert scrub_file_name(name) == name


@pytest.mark.parametrize("text", ["Väst", "Område 12", "SDN 2019", "1a"])
def test_ordinary_texts_stay_as_they_are(text):
    assert scrub_text(text) == text
