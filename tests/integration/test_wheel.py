"""Installed without the clone: the wheel holds all that a run and a page need."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from orchestration.settings import PROJECT_ROOT
from tests.fixtures.asking import released
from tests.fixtures.commands import bistand_environment


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make wheel` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PROJECT_ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `bistand` of an environment that holds the wheel and the locked libraries, and that nobody may write in.

    The libraries are those of the tests' own environment, by a path that does not lead to the clone: of what lies there only
    a .pth file would, and such a file is not read in a folder that another one names.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True, cwd=folder,
    )  # fmt: skip
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    for name in ("bistandslagret", "orchestration", "validation", "dashboards"):
        for path in (site / name).rglob("*"):
            path.chmod(path.stat().st_mode & ~0o222)
    return folder / "venv" / "bin" / "bistand"


def test_the_wheel_holds_what_the_clone_decides_a_release_by(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "orchestration", "validation", "dashboards", "dbt_project", "data"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    carried = {
        path if path.split("/")[0] not in ("dbt_project", "data") else f"bistandslagret/{path}"
        for path in listed
        if (PROJECT_ROOT / path).is_file()
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    # new files that are not committed yet are built too
    assert carried | {"bistandslagret/commit.json", "bistandslagret/.env.example"} <= held
    assert not [name for name in held if "/target/" in name or name.endswith((".duckdb", ".pyc"))]


def test_the_list_of_what_is_in_the_bundle_names_every_locked_library_with_its_hashes() -> None:
    said = subprocess.run(
        [sys.executable, "deploy/sbom.py"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    # CycloneDX's own schema, which comes with its library
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(said.stdout) is None
    listed = json.loads(said.stdout)["components"]
    lock = (PROJECT_ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    assert {f"{one['name']}=={one['version']}" for one in listed} == set(
        re.findall(r"^[\w.-]+==[\w.+!-]+", lock, re.MULTILINE)
    )
    assert sum(len(one["hashes"]) for one in listed) == lock.count("--hash=sha256:")
    assert len([one for one in listed if one.get("licenses")]) > 100


def test_a_run_of_the_installed_makes_the_release_of_the_clone(home: Path, installed: Path) -> None:
    """The same figures, tests and checks: the id of a release is a digest of them."""
    before = os.readlink(released(home))
    environment = {**bistand_environment(home), "HOME": str(home.parent)}
    environment.pop("PYTHONPATH", None)
    told = subprocess.run(
        [installed, "run", "--rebuild"], cwd=home.parent, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"oförändrad utgåva {before} (internal)" in told.stdout
    # what the release was made of is the same too, code and models: so nothing is new to the clone or to the installed
    again = subprocess.run(
        [installed, "run"], cwd=home.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert f"Inget nytt sedan förra körningen; utgåvan {before} gäller." in again.stdout


def test_the_installed_makes_up_a_register_and_never_writes_beside_its_code(
    installed: Path, tmp_path: Path
) -> None:
    """Without any setting data lie in the user's own folder."""
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([installed, "demo"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert len(list((tmp_path / "bistandslagret" / "landing" / "register").rglob("*.*"))) > 100
    subprocess.run([installed, "init", "hem"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    told = subprocess.run(
        [installed, "--home", "hem", "doctor"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in told.stdout.splitlines() if line.startswith("FEL")] == []
    site = installed.parent.parent / "lib"
    writable = [
        path
        for path in site.rglob("bistandslagret/**/*")
        if path.is_file() and path.stat().st_mode & stat.S_IWUSR
    ]
    assert writable == []


def test_the_installed_serves_the_pages(home: Path, installed: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**bistand_environment(home), "HOME": str(home.parent)}
    # it may lead to the clone
    environment.pop("PYTHONPATH", None)
    with subprocess.Popen(
        [installed, "serve", "--port", str(port)], cwd=home.parent, env=environment, stdout=subprocess.DEVNULL
    ) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            assert b"<title>" in urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        finally:
            server.terminate()
    page = (
        "import sys; from pathlib import Path; import dashboards; from streamlit.testing.v1 import AppTest; "
        "router = Path(dashboards.__file__).with_name('streamlit_app.py'); print(router); "
        "test = AppTest.from_file(str(router), default_timeout=60).run(); "
        "assert not test.exception, test.exception; print(*[one.value for one in test.title])"
    )
    shown = subprocess.run(
        [installed.parent / "python", "-c", page], cwd=home.parent, env=environment | {"BISTAND_PROFILE": "internal"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    where, title = shown.stdout.splitlines()[-2:]
    assert Path(where).is_relative_to(installed.parent.parent)
    assert title


def _wait(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped before it answered"
        try:
            with urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer in time")


@pytest.fixture(scope="module", autouse=True)
def writable_again(tmp_path_factory: pytest.TempPathFactory):
    """pytest must be able to remove what was made."""
    yield
    for path in tmp_path_factory.getbasetemp().glob("installed*"):
        shutil.rmtree(path, ignore_errors=True)
