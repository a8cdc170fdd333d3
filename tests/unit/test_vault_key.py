"""The key of the vault: which one it is, and what is said when there is none."""

from __future__ import annotations

import pytest

from orchestration.settings import SettingsError, load_settings
from orchestration.vault import key as vault_key
from orchestration.vault import pseudonym
from tests.fixtures.register_files import KEY


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in (
        pseudonym.KEY_VARIABLE,
        pseudonym.KEY_FILE_VARIABLE,
        vault_key.KEY_VARIABLE,
        vault_key.KEY_FILE_VARIABLE,
    ):
        monkeypatch.delenv(name, raising=False)


def test_the_derived_key_is_the_same_for_ever():
    # another value here would lock every register that has no key of its own
    assert vault_key.derived_key(KEY) == "9398c5c301b0d40debe4ccb0f7e437b6344938e10a7581a2751d40f2315f1b05"
    assert pseudonym.fingerprint(KEY) != vault_key.derived_key(KEY)


def test_a_key_of_its_own_goes_before_the_derived_one(monkeypatch, tmp_path):
    with pytest.raises(vault_key.VaultKeyError, match="nyckeln saknas"):
        vault_key.opening_key()
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    assert vault_key.opening_key() == vault_key.derived_key(KEY)
    (tmp_path / "nyckel").write_text("CD" * 32 + "\n")
    monkeypatch.setenv(vault_key.KEY_FILE_VARIABLE, str(tmp_path / "nyckel"))
    assert vault_key.opening_key() == "cd" * 32
    monkeypatch.setenv(vault_key.KEY_VARIABLE, "inte en nyckel")
    with pytest.raises(
        pseudonym.KeyMissingError, match="BISTAND_VAULT_KEY innehåller ingen giltig"
    ) as caught:
        vault_key.opening_key()
    assert "inte en nyckel" not in str(caught.value)


def test_an_unknown_choice_for_originals_is_told(monkeypatch):
    monkeypatch.setenv("BISTAND_ORIGINALS", "slängs")
    with pytest.raises(SettingsError, match=r"välj left \(ligger kvar i landing\), archived .*, removed"):
        load_settings()
