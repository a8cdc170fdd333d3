"""What the tests of the intake share: a home of one's own and its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.vault import pseudonym
from tests.fixtures.register_files import KEY


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home, with the key of the small deliveries in the environment."""
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    return Settings(home=tmp_path)
