"""Fixtures that are dear to build and shared by the whole session."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from orchestration.settings import Settings
from orchestration.vault.pseudonym import KEY_VARIABLE
from tests.fixtures.activity_events import draw_events, draw_measures, write_events
from tests.fixtures.commands import OWN_KEY, bistand
from tests.fixtures.homes import kept_home
from tests.fixtures.random_register import MISSING, MUNICIPALITIES, YEARS, RandomRegister, write_population
from tests.fixtures.register_files import KEY
from tests.fixtures.release_changes import show_release
from tests.fixtures.scb_answers import lay_in_scb
from tests.fixtures.small_warehouse import build_small_warehouse

# a machine that is busy is no fault of what is tested
hypothesis_settings.register_profile("bistand", deadline=None)
hypothesis_settings.load_profile("bistand")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
# a machine without a browser runs everything else and says so; CI must have one
collect_ignore = [] if BROWSER or os.environ.get("CI") else ["browser"]
# beside the register: a new phase with months enough and one without, and an event of all municipalities
OWN_EVENTS = """datum;kommunkod;rubrik;slag;ny_fas
2018-01-15;1280;Nytt arbetssätt;forandring;ja
2019-11-01;0180;Nytt system;systembyte;ja
2019-09-01;;Ny riksnorm;regel;nej
"""
OWN_TARGETS = """kommunkod;matt;period;mal;kommentar
0180;longterm_adults_share_recipients;2019;30 %;nämndens mål
0180;entries;2019-06;3;
"""
OWN_CONDITIONS = """kommunkod;period;uppgift;varde;svarsfrekvens;kommentar
0180;2019;handlaggare;11,5;;
0180;2019;handlaggningstid;12;;
0180;2019;organisation;egen_enhet;;ny i maj
0180;2019;nojda_klienter;74 %;38 %;
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dear folders first, so that no worker is left alone with them at the end."""
    dear = ["integration", "independent", "browser", "dashboards"]
    places = {folder: place for place, folder in enumerate(dear)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(dear)))


def pytest_report_header() -> str:
    return (
        f"webbläsare: {BROWSER}" if BROWSER else "webbläsare: ingen på PATH, proven i tests/browser körs inte"
    )


@pytest.fixture(scope="session")
def kept(pytestconfig: pytest.Config) -> Callable[[str, Callable[[Path], None]], Path]:
    """`kept_home` in pytest's own cache, which all workers share and `make clean` removes."""
    return partial(kept_home, pytestconfig.cache.mkdir("homes"))


@pytest.fixture(scope="session")
def parsed_home(kept) -> Path:
    """A home without data, where dbt has read the project. Read only: Dagster's definitions stand on its manifest."""
    from orchestration.warehouse.dbt_runner import prepare_manifest

    return kept("parsed", lambda home: prepare_manifest(Settings(home=home)))


@pytest.fixture(scope="session")
def definitions(parsed_home: Path) -> object:
    """Dagster's definitions, imported once in each worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BISTAND_HOME", str(parsed_home))
        from orchestration.definitions import defs
    return defs


def _drawn(kept, name: str, is_later: bool) -> Settings:
    from orchestration.warehouse.dbt_runner import run_dbt
    from orchestration.warehouse.raw_tables import load_raw_tables
    from tests.spec.drawing import write_vault

    def build(home: Path) -> None:
        settings = Settings(home=home, profile="internal")
        write_vault(settings, is_later)
        load_raw_tables(settings)
        nodes = run_dbt(settings, ["build"])
        assert [f"{node.name}: {node.message}" for node in nodes if not node.is_ok] == []

    return Settings(home=kept(name, build), profile="internal")


@pytest.fixture(scope="session")
def drawn_warehouse(kept) -> Settings:
    """The warehouse that dbt builds from every drawn case of tests/spec, with all its tests passed."""
    return _drawn(kept, "drawn", is_later=False)


@pytest.fixture(scope="session")
def drawn_activity(kept) -> Settings:
    """The same for the drawn cases of the activity requirement and the chain, which are of later years."""
    return _drawn(kept, "activity_drawn", is_later=True)


@pytest.fixture
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the homes that `bistand` fills, for a test that opens their vault in its own process."""
    monkeypatch.setenv(KEY_VARIABLE, OWN_KEY)


@pytest.fixture(scope="session")
def own_register() -> RandomRegister:
    """A delivery set of one's own: five municipalities, four years, with months that never came and some exit reasons."""
    return RandomRegister(
        seed=20260101, municipalities=MUNICIPALITIES, years=YEARS, missing=MISSING, has_exits=True
    )


@pytest.fixture(scope="session")
def own_home(
    kept, own_register: RandomRegister, definitions: object, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same, loaded and published by one command, though files were open to all by default; what it said is in `said.txt`.

    Read only: copy it before changing anything.
    """

    def publish(home: Path) -> None:
        own_register.write(home / "landing" / "register")
        write_population(home / "landing" / "population", MUNICIPALITIES, YEARS)
        events = home / "landing" / "events"
        events.mkdir()
        for name, text in (("egna", OWN_EVENTS), ("mal", OWN_TARGETS), ("arbetet", OWN_CONDITIONS)):
            (events / f"{name}.csv").write_text(text, encoding="utf-8")
        lay_in_scb(Settings(home=home), tmp_path_factory.mktemp("scb"), MUNICIPALITIES, YEARS)
        before = os.umask(0)
        try:
            ended = bistand(home, "run", "--profile", "internal")
        finally:
            os.umask(before)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        (home / "said.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")

    return kept("own", publish)


@pytest.fixture(scope="session")
def activity_register() -> RandomRegister:
    """The months around the first of the activity requirement, with ages, reasons and children at its limits."""
    return RandomRegister(
        seed=20261001, municipalities=("0180", "0980", "1480"), years=(2025, 2026), has_exits=False,
        missing=frozenset([("0980", 2026, 3), ("0180", 2026, 9), *((code, 2026, month) for code in ("0180", "0980", "1480") for month in (11, 12))]),
        births=(1959, 1959, 1965, 1990, 2005, 2007, 2008, 2018, 2025), children_from=2010, persons=400,
        reasons=(
            "arbetslos_ingen_ersattning", "arbetar_heltid_otillracklig_inkomst", "foraldrapenning_otillracklig",
            "sjuk_aktivitetsersattning_vantar_pa", "ensamkommande_gymnasiestuderande", "sjukskriven_ingen_sjukpenning", "kod 99", "",
        ),
        other_aid_share=0.03, siblings=4,
    )  # fmt: skip


@pytest.fixture(scope="session")
def activity_home(kept, activity_register: RandomRegister, definitions: object) -> Path:
    """The same, loaded and published by one command. Read only: copy it before changing anything."""

    def publish(home: Path) -> None:
        activity_register.write(home / "landing" / "register")
        write_events(
            home / "landing" / "register", draw_events(activity_register), draw_measures(activity_register)
        )
        ended = bistand(home, "run", "--profile", "internal")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    return kept("activity", publish)


@pytest.fixture(scope="session")
def public_home(kept, own_home: Path) -> Path:
    """The home of one's own after a run in the public profile: the same counts, protected. Read only: copy it."""

    def publish(home: Path) -> None:
        shutil.copytree(own_home, home, symlinks=True, dirs_exist_ok=True)
        ended = bistand(home, "run", "--profile", "public", "--rebuild")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    return kept("public", publish)


@pytest.fixture(scope="session")
def shown_home(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of one's own with the states that it lacks, for pages. Read only."""
    return show_release(own_home, tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="session")
def small_home(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the warehouse of two municipalities and the country. Read only: copy it."""
    return build_small_warehouse(own_home, tmp_path_factory.mktemp("small") / "home").home


@pytest.fixture
def home(own_home: Path, tmp_path: Path) -> Path:
    """A copy of the published register that a test may change."""
    return Path(shutil.copytree(own_home, tmp_path / "home", symlinks=True))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home, with the key of the small deliveries in the environment."""
    monkeypatch.setenv(KEY_VARIABLE, KEY.hex())
    return Settings(home=tmp_path)


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL of its own, which answers on no port; user and database are `lake`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found and not os.environ.get("CI"):
        pytest.skip("PostgreSQL är inte installerat; CI har det")
    programs = found[-1]
    # not below pytest's own folder, which every session shuts to all others; and PostgreSQL does not run as root
    folder = Path(tempfile.mkdtemp(prefix="bistand-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, programs / program, *arguments], check=True, capture_output=True, cwd=folder
        )

    run("initdb", "-D", str(data), "-A", "trust", "-U", "lake")
    server = ("pg_ctl", "-D", str(data))
    run(*server, "-l", str(folder / "log"), "-w", "-o", f"-c listen_addresses= -k {folder}", "start")
    try:
        run("createdb", "-h", str(folder), "-U", "lake", "lake")
        yield folder
    finally:
        run(*server, "-m", "immediate", "stop")
        shutil.rmtree(folder)
