"""Snapshots and outcomes on disk: only added to, whole, and readable after a power cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from orchestration.catalog.loader import load_catalog
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.sources.connector import Request, Response, connector, with_service
from orchestration.sources.fetching.http import retry_after
from orchestration.sources.fetching.snapshots import (
    Attempt,
    content_digest,
    list_outcomes,
    list_snapshots,
    write_outcome,
    write_snapshot,
)

NOON = datetime(2026, 1, 2, 12)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def keep(settings: Settings, at: datetime, *bodies: bytes):
    source = next(with_service(load_catalog(settings)))
    answers = [(Request(f"https://x/{number}"), Response(f"https://x/{number}", 200, body)) for number, body in
               enumerate(bodies)]  # fmt: skip
    return write_snapshot(settings, source, "values", answers, at, [1] * len(bodies), 1)


def outcome(at: datetime, message: str = "") -> Attempt:
    return Attempt("kolada", "values", at, "new", "https://x", 200, message, None, None)


def test_bytes_come_back_as_they_were(settings: Settings) -> None:
    keep(settings, NOON, b"\xef\xbb\xbf{}", b"\x00\xff")
    [snapshot] = list_snapshots(settings, "kolada", "values")
    assert [snapshot.read(one) for one in snapshot.answers] == [b"\xef\xbb\xbf{}", b"\x00\xff"]
    assert (snapshot.retrieved_at, snapshot.rows) == (NOON, 2)


def test_an_answer_that_is_the_same_takes_no_room_twice(settings: Settings) -> None:
    keep(settings, NOON, b"one", b"two")
    later = keep(settings, NOON + timedelta(days=7), b"one", b"three")
    assert [(later.folder / one.file).stat().st_nlink for one in later.answers] == [2, 1]


def test_what_was_left_half_written_is_no_snapshot(settings: Settings) -> None:
    whole = keep(settings, NOON, b"one")
    (whole.folder.parent / ".20260103T120000000000Z_abc").mkdir()
    (whole.folder.parent / "20260104T120000000000Z_abc").mkdir()
    assert list_snapshots(settings, "kolada", "values") == [whole]


def test_only_what_was_known_then(settings: Settings) -> None:
    keep(settings, NOON, b"one")
    keep(settings, NOON + timedelta(days=7), b"two")
    assert len(list_snapshots(settings, "kolada", "values", NOON + timedelta(days=1))) == 1


def test_half_a_line_of_outcomes_swallows_no_other(settings: Settings) -> None:
    write_outcome(settings, outcome(NOON, "första"))
    with (settings.snapshots / "outcomes.jsonl").open("ab") as file:
        file.write(b'{"source_id": "kol')
    write_outcome(settings, outcome(NOON, "andra"))
    assert [one.message for one in list_outcomes(settings)] == ["första", "andra"]


def test_the_digest_tells_where_one_answer_ends_and_the_next_begins() -> None:
    def digest(*bodies: bytes) -> str:
        return content_digest([Response("", 200, body) for body in bodies])

    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert digest(b"a", b"b") != digest(b"b", b"a")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("7", 7.0), ("-3", 0.0), ("snart", None), (format_datetime(datetime(2026, 1, 2, 12, 1, tzinfo=UTC), usegmt=True), 60.0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOON.replace(tzinfo=UTC)) == seconds


def test_every_connector_has_a_gate_for_tables_that_it_gives(settings: Settings) -> None:
    import importlib

    for source in with_service(load_catalog(settings)):
        suites = importlib.import_module(f"validation.suites.landing_{source.service.connector}").SUITES
        assert {suite.frame for suite in suites} <= set(connector(source).TABLES)


def test_every_kpi_that_is_ours_is_fetched(settings: Settings) -> None:
    import csv

    source = next(one for one in with_service(load_catalog(settings)) if one.source_id == "kolada")
    fetched = source.service.datasets[0].asks["kpis"]
    with (PROJECT_ROOT / "dbt_project/seeds/reference/kolada_kpis.csv").open(encoding="utf-8") as file:
        ours = {row["kolada_id"] for row in csv.DictReader(file)}
    assert len(fetched) == len(set(fetched))
    assert ours <= set(fetched)
