"""The home whose release the pages show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def home(shown_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one whose pages are opened. Read only."""
    monkeypatch.setenv("BISTAND_HOME", str(shown_home))
    return shown_home


@pytest.fixture
def changed_home(shown_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy whose pages are opened, that a test may change."""
    shutil.copytree(shown_home / "published", tmp_path / "published", symlinks=True)
    monkeypatch.setenv("BISTAND_HOME", str(tmp_path))
    return tmp_path
