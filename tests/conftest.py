"""Fixtures that are dear to build and shared by the whole session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT, Settings
from tests.fixtures.random_register import MISSING, MUNICIPALITIES, YEARS, RandomRegister, write_population

OWN_KEY = "ab" * 32
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
# a machine without a browser runs everything else and says so; CI must have one
collect_ignore = [] if BROWSER or os.environ.get("CI") else ["browser"]


def pytest_report_header() -> str:
    return (
        f"webbläsare: {BROWSER}" if BROWSER else "webbläsare: ingen på PATH, proven i tests/browser körs inte"
    )


@pytest.fixture(scope="session")
def drawn_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The warehouse that dbt builds from every drawn case of tests/spec, with all its tests passed."""
    from orchestration.release.disclosure import protect_marts
    from orchestration.warehouse.dbt_runner import AFTER_PROTECTION, build_after_protection, run_dbt
    from orchestration.warehouse.raw_tables import load_raw_tables
    from tests.spec.drawing import write_vault

    settings = Settings(home=tmp_path_factory.mktemp("drawn"))
    write_vault(settings)
    load_raw_tables(settings)
    nodes = run_dbt(settings, ["build", "--exclude", AFTER_PROTECTION])
    protect_marts(settings)
    nodes += build_after_protection(settings)
    assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []
    return settings


def bistand_environment(home: Path, key: str | None = OWN_KEY) -> dict[str, str]:
    """The environment of a command of bistand on the data in `home`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BISTAND_")}
    environment["BISTAND_HOME"] = str(home)
    if key:
        environment["BISTAND_PSEUDONYM_KEY"] = key
    return environment


def bistand(
    home: Path, *arguments: str, key: str | None = OWN_KEY, preexec_fn: Callable[[], None] | None = None
) -> subprocess.CompletedProcess:
    """Run a command of bistand as a user would, on the data in `home`."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "bistand"), *arguments],
        cwd=PROJECT_ROOT,
        env=bistand_environment(home, key),
        preexec_fn=preexec_fn,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the homes that `bistand` fills, for a test that opens their vault in its own process."""
    monkeypatch.setenv("BISTAND_PSEUDONYM_KEY", OWN_KEY)


@pytest.fixture(scope="session")
def own_register() -> RandomRegister:
    """A delivery set of one's own: five municipalities, four years, with months that never came and some exit reasons."""
    return RandomRegister(
        seed=20260101, municipalities=MUNICIPALITIES, years=YEARS, missing=MISSING, has_exits=True
    )


@pytest.fixture(scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory, own_register: RandomRegister) -> Path:
    """The same, loaded and published by one command. Read only: copy it before changing anything."""
    home = tmp_path_factory.mktemp("own_register")
    own_register.write(home / "landing" / "register")
    write_population(home / "landing" / "population", MUNICIPALITIES, YEARS)
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home
