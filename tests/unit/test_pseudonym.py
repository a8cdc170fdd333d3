"""The pseudonym: HMAC-SHA256 computed in SQL is the HMAC of Python, and the key shows nowhere."""

from __future__ import annotations

import hashlib
import hmac
import os
import random
import uuid
from datetime import date

import duckdb
import pytest

from orchestration.intake.rules import judging
from orchestration.settings import Settings, load_settings
from orchestration.vault import pseudonym
from tests.fixtures.register_files import adult


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv(pseudonym.KEY_VARIABLE, raising=False)
    monkeypatch.delenv(pseudonym.KEY_FILE_VARIABLE, raising=False)
    return Settings(home=tmp_path)


def test_the_pseudonyms_made_in_sql_are_the_hmac_of_the_standard_library():
    key = random.Random(3).randbytes(32)
    connection = duckdb.connect()
    judging.prepare(connection, load_settings(), date(2026, 1, 1))
    steps = judging.statements()
    connection.execute(
        "create temp table typed_rows as select * from (values "
        f"('0180', 'Hushåll 1', {adult(1)}, cast(null as varchar), cast(null as varchar)), "
        f"('2584', 'x', {adult(2)}, null, null), ('2584', 'x', -7, '19500101T050', null)) "
        "as t (municipality_code, hushalls_id, person_number, reserve_text, rule_id)"
    )
    connection.execute(steps["empty_keys"])
    connection.execute(steps["person_keys"], pseudonym.pads(key))
    connection.execute(steps["household_keys"], pseudonym.pads(key))

    def expected(message: str) -> uuid.UUID:
        return uuid.UUID(bytes=hmac.new(key, message.encode(), hashlib.sha256).digest()[:16])

    assert dict(connection.sql("select person_number, person_id from person_keys").fetchall()) == {
        int(adult(1)): expected(f"person:{adult(1)}"),
        int(adult(2)): expected(f"person:{adult(2)}"),
        -7: expected("reserve:2584:19500101T050"),
    }
    assert dict(connection.sql("select hushalls_id, household_id from household_keys").fetchall()) == {
        "Hushåll 1": expected("household:0180:Hushåll 1"),
        "x": expected("household:2584:x"),
    }


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_the_pads_follow_the_standard_for_keys_of_any_length(length):
    key = random.Random(length).randbytes(length)
    pads = pseudonym.pads(key)
    inner = hashlib.sha256(pads["ipad"] + b"message").digest()
    assert hashlib.sha256(pads["opad"] + inner).digest() == hmac.new(key, b"message", hashlib.sha256).digest()


def test_the_key_comes_from_the_environment_or_from_a_file(settings, tmp_path, monkeypatch):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, "ab" * 32)
    assert pseudonym.load_key(settings, synthetic_only=False) == bytes.fromhex("ab" * 32)
    monkeypatch.delenv(pseudonym.KEY_VARIABLE)
    (tmp_path / "nyckel").write_text("CD" * 32 + "\n")
    monkeypatch.setenv(pseudonym.KEY_FILE_VARIABLE, str(tmp_path / "nyckel"))
    assert pseudonym.load_key(settings, synthetic_only=True) == bytes.fromhex("cd" * 32)


def test_real_deliveries_without_a_key_are_told_what_to_do(settings):
    with pytest.raises(pseudonym.KeyMissingError, match="BISTAND_PSEUDONYM_KEY") as caught:
        pseudonym.load_key(settings, synthetic_only=False)
    assert "64 hexadecimala siffror" in str(caught.value)
    assert not (settings.register_folder / "demo.key").exists()


@pytest.mark.parametrize("wrong", ["deadbeef", "z" * 64, "ab" * 33])
def test_a_wrong_key_is_refused_without_being_shown(settings, tmp_path, monkeypatch, wrong):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, wrong)
    with pytest.raises(pseudonym.KeyMissingError) as caught:
        pseudonym.load_key(settings, synthetic_only=True)
    assert wrong not in str(caught.value)
    monkeypatch.delenv(pseudonym.KEY_VARIABLE)
    monkeypatch.setenv(pseudonym.KEY_FILE_VARIABLE, str(tmp_path / "finns-inte"))
    with pytest.raises(pseudonym.KeyMissingError):
        pseudonym.load_key(settings, synthetic_only=True)


def test_synthetic_deliveries_get_a_demo_key_of_their_own_that_is_kept_private(settings):
    first = pseudonym.load_key(settings, synthetic_only=True)
    assert len(first) == 32
    assert pseudonym.load_key(settings, synthetic_only=True) == first
    assert os.stat(settings.register_folder / "demo.key").st_mode & 0o777 == 0o600
    assert os.stat(settings.register_folder).st_mode & 0o777 == 0o700


def test_the_fingerprint_tells_keys_apart_and_is_not_the_key():
    assert pseudonym.fingerprint(b"a" * 32) != pseudonym.fingerprint(b"b" * 32)
    assert (b"a" * 32).hex() not in pseudonym.fingerprint(b"a" * 32)
