"""The one command, as the data engineer meets it: repeated, stopped, without a key, with bad files."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
from pathlib import Path

import pytest

from orchestration.errors import ExitCode
from orchestration.settings import Settings
from orchestration.vault.file import open_vault
from tests.fixtures.asking import in_release, released
from tests.fixtures.commands import bistand
from tests.fixtures.random_register import HEADER, RandomRegister


def current(home: Path) -> str:
    return os.readlink(released(home))


def test_no_personnummer_is_found_outside_landing(own_home: Path, own_register: RandomRegister) -> None:
    numbers = {row.person for row in own_register.rows}
    forms = {form for n in numbers for form in (n, n[2:], f"{n[2:8]}-{n[8:]}", f"{n[:8]}-{n[8:]}")}
    pattern = re.compile("|".join(sorted(forms)).encode())
    looked_at = 0
    for path in own_home.rglob("*"):
        if path.is_file() and "landing" not in path.relative_to(own_home).parts:
            looked_at += 1
            assert not pattern.search(path.read_bytes()), path
    assert looked_at > 20


def test_what_holds_personal_rows_is_for_the_owner_only(own_home: Path) -> None:
    for folder in ("register", "build"):
        assert (own_home / folder).stat().st_mode & 0o077 == 0, folder
    release = released(own_home).resolve()
    assert release.stat().st_mode & 0o077 == 0


def test_a_run_with_nothing_new_says_so_and_does_nothing(home: Path) -> None:
    before = current(home)
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"Inget nytt sedan förra körningen; utgåvan {before} gäller." in ended.stdout
    assert "dbt" not in ended.stdout


MONTHS_OF_MALMO = (
    "select period, value from indicator_values where indicator_id = 'recipients' and geography_id = '1280' "
    "and period_kind = 'month' order by period"
)


@pytest.fixture(scope="module")
def bad_files(own_home: Path) -> dict[str, bytes]:
    """Files that are no deliveries, by name."""
    good = (own_home / "landing/register/0180_2019.csv").read_bytes()
    return {
        "tom.csv": b"",
        "utan_kolumn.csv": b"kommunkod;period;hushalls_id;roll\n0180;2019-01;1;RL\n",
        "fel_tecken.csv": ("|".join(HEADER) + "\n" + "|".join(["0180"] * len(HEADER)) + "\n").encode(),
        "avbruten.csv.gz": gzip.compress(good)[:-200],
        "skrap.parquet": os.urandom(4000),
        "skrap.csv": bytes(range(256)) * 40,
        "framtid.csv": good.replace(b";2019-", b";2199-"),
    }


@pytest.fixture(scope="module")
def resent(own_home: Path) -> list[str]:
    """A month of Malmö sent again: fewer lines, but not so few that they would have to wait for a person."""
    lines = (own_home / "landing/register/1280_2019.csv").read_text(encoding="utf-8").splitlines()
    month = [line for line in lines[1:] if line.split(";")[1] == "2019-05"]
    return [lines[0], *month[: len(month) * 4 // 5]]


@pytest.fixture(scope="module")
def later_home(
    own_home: Path, resent: list[str], bad_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The published register after one more run, with the month sent again and the bad files."""
    home = Path(shutil.copytree(own_home, tmp_path_factory.mktemp("later") / "home", symlinks=True))
    landing = home / "landing" / "register"
    (landing / "1280_2019-05_ny.csv").write_text("\n".join(resent) + "\n", encoding="utf-8")
    for name, content in bad_files.items():
        (landing / name).write_bytes(content)
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home


def test_a_resent_month_replaces_the_whole_month_and_nothing_else(
    own_home: Path, later_home: Path, resent: list[str]
) -> None:
    before, after = (dict(in_release(one, MONTHS_OF_MALMO)) for one in (own_home, later_home))
    assert after["2019-05"] == len({line.split(";")[3] for line in resent[1:]}) < before["2019-05"]
    assert {k: v for k, v in after.items() if k != "2019-05"} == {
        k: v for k, v in before.items() if k != "2019-05"
    }
    states = in_release(
        later_home,
        "select state from deliveries where municipality_code = '1280' and period = '2019-05' order by delivery_id",
    )
    assert states == [("superseded",), ("accepted",)]


def test_bad_files_are_named_and_stop_nothing(later_home: Path, bad_files: dict[str, bytes]) -> None:
    files = {
        Path(name).name: (state, rule, message)
        for name, state, rule, message in in_release(
            later_home, "select file_name, state, rule_id, message from delivery_files"
        )
    }
    for name in bad_files:
        state, rule, message = files[name]
        assert state == "rejected", name
        assert re.fullmatch(r"D0[1-4]", rule), name
        assert message, name
    assert in_release(later_home, "select count(*) from deliveries where state = 'accepted'") == in_release(
        later_home,
        "select count(distinct (municipality_code, period)) from deliveries where state <> 'missing'",
    )


def test_built_by_year_or_from_the_beginning_the_same_inputs_give_the_same_release(later_home: Path) -> None:
    by_year = current(later_home)
    ended = bistand(later_home, "run", "--profile", "internal", "--rebuild")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "oförändrad utgåva" in ended.stdout
    assert current(later_home) == by_year


def test_a_failed_blocking_check_leaves_the_old_release_in_force(home: Path, own_key: None) -> None:
    before = current(home)
    with open_vault(Settings(home=home)) as vault:
        vault.execute(
            "delete from register.person_months where municipality_code = '0180' and file_row % 3 = 0"
        )
    ended = bistand(home, "run", "--profile", "internal")
    assert ended.returncode == ExitCode.STOPPED
    assert "STOPP" in ended.stdout
    assert ended.stderr.strip().startswith("Fel: Ett prov stoppade publiceringen")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert current(home) == before


def test_real_data_without_a_key_is_refused_with_one_sentence(
    tmp_path: Path, own_register: RandomRegister
) -> None:
    own_register.write(tmp_path / "landing" / "register")
    ended = bistand(tmp_path, "run", key=None)
    assert ended.returncode == 1
    assert "BISTAND_PSEUDONYM_KEY" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.glob("published/*/current"))


def test_an_empty_house_says_what_to_do(tmp_path: Path) -> None:
    ended = bistand(tmp_path, "run")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Fel: Det finns inga leveranser")


def test_official_figures_alone_are_built_without_a_register(tmp_path: Path) -> None:
    from streamlit.testing.v1 import AppTest

    from orchestration.settings import PROJECT_ROOT
    from tests.fixtures.socialstyrelsen_files import year_workbook

    book = tmp_path / "socialstyrelsen.xlsx"
    book.write_bytes(year_workbook())
    home = tmp_path / "home"
    added = bistand(home, "sources", "add", "--source", "socialstyrelsen/files", str(book))
    assert added.returncode == 0, added.stderr
    before_it_came = bistand(home, "run", "--as-of", "2020-01-01")
    assert before_it_came.stderr.startswith("Fel: Det finns inga leveranser")
    ended = bistand(home, "run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "inga leveranser: bara de officiella uppgifterna byggs" in ended.stdout
    assert in_release(home, "select count(*) > 0 from socialstyrelsen_figures where value is not null") == [
        (True,)
    ]
    assert in_release(home, "select count(*) from indicator_values where value is not null") == [(0,)]
    assert "Inget nytt" in bistand(home, "run").stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BISTAND_HOME", str(home))
        for page in sorted((PROJECT_ROOT / "dashboards" / "app_pages").glob("*.py")):
            shown = AppTest.from_file(
                str(PROJECT_ROOT / "dashboards" / "streamlit_app.py"), default_timeout=120
            )
            shown.run()
            shown.switch_page(f"app_pages/{page.name}").run()
            assert not shown.exception, page.name
            assert "månaderna None" not in "".join(element.proto.body for element in shown.get("html")), (
                page.name
            )


def test_a_run_in_another_profile_moves_only_its_own_link(public_home: Path, own_home: Path) -> None:
    assert os.readlink(released(public_home, "internal")) == os.readlink(released(own_home))
    assert "-public-" in os.readlink(released(public_home, "public"))
    assert stat.S_IMODE((public_home / "published" / "internal").stat().st_mode) == 0o700
    assert stat.S_IMODE((public_home / "published" / "public").stat().st_mode) == 0o755
    # the home was set up by its first run, and goes on making what it made
    assert "-internal-" in bistand(public_home, "run").stdout


def test_one_run_makes_both_profiles_of_the_same_counts(home: Path, public_home: Path) -> None:
    assert "public och internal" in bistand(home, "profile", "both").stdout
    ended = bistand(home, "run", "--rebuild")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # exact counts are made once
    assert ended.stdout.count("int_person_years: klar") == 1
    for profile in ("public", "internal"):
        assert os.readlink(released(home, profile)) == os.readlink(released(public_home, profile))
    assert "utgåvorna" in bistand(home, "run").stdout


def test_releases_of_the_older_layout_are_moved_to_their_profile(home: Path) -> None:
    release = released(home).resolve()
    published = home / "published"
    shutil.copytree(release, published / release.name)
    (published / "current").symlink_to(release.name)
    shutil.rmtree(published / "internal")
    (home / "profile").unlink()
    ended = bistand(home, "run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Inget nytt" in ended.stdout
    assert sorted(path.name for path in published.iterdir()) == ["internal"]
    assert released(home).resolve().name == release.name
    assert (home / "profile").read_text(encoding="utf-8") == "internal\n"
