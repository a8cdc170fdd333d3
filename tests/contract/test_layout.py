"""The laws of the project, held by the files themselves."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
import yaml

from docs.build import PAGES, REFERENCE
from orchestration.settings import PROJECT_ROOT


def tracked(*patterns: str) -> list:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [PROJECT_ROOT / line for line in listed.stdout.splitlines() if (PROJECT_ROOT / line).is_file()]


def importers(library: str) -> set[str]:
    pattern = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    return {
        str(path.relative_to(PROJECT_ROOT))
        for path in tracked("orchestration/*.py", "validation/*.py", "dashboards/*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }


def test_only_the_graph_imports_dagster() -> None:
    allowed = {"orchestration/definitions.py", "orchestration/pipeline.py"}
    assert {path for path in importers("dagster") if not path.startswith("orchestration/defs/")} <= allowed


def test_only_the_gates_import_great_expectations() -> None:
    assert importers("great_expectations") == {"validation/gates.py"}


def test_only_the_queries_of_the_pages_hold_sql() -> None:
    for path in tracked("dashboards/*.py"):
        if path.parent.name != "queries":
            assert not re.search(r"\bselect\b.+\bfrom\b", path.read_text(encoding="utf-8"), re.DOTALL), path


def test_no_page_asks_for_a_release_past_who_is_looking() -> None:
    """`words` asks the catalogue only, which is nobody's secret."""
    asking = {
        str(path.relative_to(PROJECT_ROOT))
        for path in tracked("dashboards/*.py")
        if re.search(r"\bload_settings\b|\bhome_folder\b|BISTAND_HOME", path.read_text(encoding="utf-8"))
    }
    assert asking == {"dashboards/access.py", "dashboards/components/words.py", "dashboards/serve.py"}


def test_the_pages_cannot_be_reached_past_the_router() -> None:
    assert not (PROJECT_ROOT / "dashboards" / "pages").exists()


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "kör make docs"


def test_quick_tests_start_neither_a_run_nor_a_process() -> None:
    """Only this file asks git which files there are."""
    starts = re.compile(
        r"^\s*(import|from) (subprocess|multiprocessing|streamlit|tests\.fixtures\.commands)\b", re.MULTILINE
    )
    quick = tracked("tests/unit/*.py", "tests/spec/*.py", "tests/contract/*.py")
    starting = {path.name for path in quick if starts.search(path.read_text(encoding="utf-8"))}
    assert starting == {"test_layout.py"}, "se tests/README.md"


def test_documents_name_files_that_exist() -> None:
    """Decisions and the changelog tell of their time; the others tell of today."""
    tops = "orchestration|dbt_project|validation|dashboards|tests|data/catalog|data/published_tables|docs|bench|spark"
    named = re.compile(rf"`((?:{tops})/[\w./-]*\w/?)`|\]\(([^)#:]+)")
    gone = []
    for path in tracked("*.md"):
        if (path.parent.name == "decisions" and path.name != "README.md") or path.name == "CHANGELOG.md":
            continue
        for whole, linked in named.findall(path.read_text(encoding="utf-8")):
            target = PROJECT_ROOT / whole if whole else path.parent / linked
            if not target.exists():
                gone.append(f"{path.relative_to(PROJECT_ROOT)}: {whole or linked}")
    assert gone == []


def test_every_column_of_a_mart_is_described() -> None:
    bare = []
    for path in tracked("dbt_project/models/marts/*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            bare += [
                f"{model['name']}.{column['name']}"
                for column in model["columns"]
                if not column.get("description")
            ]
    assert bare == []


def test_nothing_that_only_unix_has_is_imported_and_no_user_is_sent_to_make() -> None:
    """So that the commands start on Windows too, and say there how it is (docs/how-to/install.md)."""
    only_unix = ("fcntl", "grp", "pwd", "resource", "termios", "pty", "syslog")
    assert {name: importers(name) for name in only_unix if importers(name)} == {}
    sent = [
        str(path.relative_to(PROJECT_ROOT))
        for path in tracked("orchestration/*.py", "validation/*.py", "dashboards/*.py")
        if re.search(r"kör `?make\b", path.read_text(encoding="utf-8"))
    ]
    assert sent == []


def test_the_locks_name_no_address() -> None:
    for name in (
        "requirements.lock",
        "requirements-uv.lock",
        "requirements-run.lock",
        "requirements-spark.lock",
    ):
        assert not re.search(r"https?://", (PROJECT_ROOT / name).read_text(encoding="utf-8"))


def test_what_is_installed_for_a_user_is_of_the_versions_that_are_tested() -> None:
    locked, run = (
        set(re.findall(r"^[\w.-]+==\S+", (PROJECT_ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-run.lock")
    )
    assert run < locked
    wanted = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]
    assert {re.split("[^\\w-]", one)[0] for one in wanted} <= {one.split("==")[0] for one in run}


def test_no_personal_number_outside_the_range_for_tests_is_in_the_repository() -> None:
    from personnummer import personnummer

    pattern = re.compile(r"(?<![\d.])(?:19|20)\d{6}-?\d{4}(?![\d.])")
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".png"}:
            continue
        for text in pattern.findall(path.read_text(encoding="utf-8", errors="ignore")):
            digits = text.replace("-", "")
            if personnummer.valid(digits) and not 980 <= int(digits[8:11]) <= 999:
                found.append(str(path.relative_to(PROJECT_ROOT)))
    assert found == []
