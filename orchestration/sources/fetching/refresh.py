"""Going out: ask a source, keep what it said, let it through the gate. Every attempt leaves an outcome.

Whatever goes wrong, the newest snapshot stays in force: nothing here ever changes or removes one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from orchestration.catalog.loader import Catalog, load_catalog
from orchestration.catalog.models import Dataset, Route, Service, Source
from orchestration.errors import PlainError
from orchestration.run_lock import only_refresh
from orchestration.settings import Settings, utc_now
from orchestration.sources.connector import (
    Connector,
    Request,
    Response,
    SourceError,
    connector,
    parse_answer,
    put_together,
    readable,
    service_of,
    with_service,
)
from orchestration.sources.fetching.http import NOT_MODIFIED, Client
from orchestration.sources.fetching.snapshots import (
    Attempt,
    KeptAnswer,
    Snapshot,
    content_digest,
    list_snapshots,
    write_outcome,
    write_snapshot,
)

Kept = list[tuple[Request, Response]]


@dataclass(frozen=True)
class Job:
    """One dataset of one source, and what is in force of it when the attempt begins."""

    settings: Settings
    source: Source
    dataset: Dataset
    newest: Snapshot | None

    @property
    def service(self) -> Service:
        assert self.source.service is not None
        return self.source.service

    @property
    def module(self) -> Connector:
        return connector(self.source)


def refresh(
    settings: Settings,
    only: str | None = None,
    progress: Callable[[str], None] | None = None,
    catalog: Catalog | None = None,
) -> list[Attempt]:
    """Ask every source, or `only` one (`kolada`, or `kolada/values` for one dataset), and return how each ended.

    Raises PlainError when no source has that name.
    """
    say = progress or (lambda _: None)
    outcomes = []
    with only_refresh(settings), ExitStack() as open_clients:
        clients: dict[str, Client] = {}
        for job in _jobs(settings, only, catalog):
            source = job.source
            if job.dataset.is_by_hand:
                where = f"{source.source_id}/{job.dataset.dataset_id}"
                say(f"{_name(job)}: läggs in för hand, bistand sources add --source {where} FILER")
                continue
            if source.source_id not in clients:
                client = Client(source.name, job.service.limits)
                clients[source.source_id] = open_clients.enter_context(client)
            say(f"Hämtar {_name(job)}")
            outcomes.append(_refresh_dataset(job, clients[source.source_id], say))
    return outcomes


def add_files(settings: Settings, name: str, files: list[Path], url: str = "") -> Attempt:
    """Take files, saved by hand from a source, as one snapshot of `name` (`kolada/values`), through the same gate.

    `url` is the address they were saved from. Raises PlainError when the name is unknown or a file cannot be read.
    """
    with only_refresh(settings):
        jobs = list(_jobs(settings, name))
        if len(jobs) > 1:
            parts = ", ".join(f"{job.source.source_id}/{job.dataset.dataset_id}" for job in jobs)
            raise PlainError(f"Säg vilken del av {name} filerna hör till: {parts}.")
        job = jobs[0]
        kept: Kept = []
        for file in files:
            try:
                body = file.read_bytes()
            except OSError:
                raise PlainError(f"Filen {file.name} går inte att läsa; se att den finns.") from None
            kind = file.suffix.lstrip(".").lower()
            request = Request(url or file.name, expects=kind if kind in ("zip", "xlsx", "csv") else "json")  # type: ignore[arg-type]
            changed = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
            kept.append((request, Response(request.url, 200, body, last_modified=changed)))
        outcome = _keep(job, kept, origin="hand")
        write_outcome(settings, outcome)
        return outcome


def routes_in_use(service: Service) -> list[Route]:
    """The addresses to try, in order. When the environment points at one of them, only such are used."""
    pointed = [
        route.model_copy(update={"url": os.environ[route.variable]})
        for route in service.routes
        if os.environ.get(route.variable)
    ]
    return pointed or service.routes


def _jobs(settings: Settings, only: str | None, catalog: Catalog | None = None) -> Iterator[Job]:
    wanted_source, _, wanted_dataset = (only or "").partition("/")
    found = False
    for source in with_service(catalog or load_catalog(settings)):
        for dataset in service_of(source).datasets:
            if wanted_source in ("", source.source_id) and wanted_dataset in ("", dataset.dataset_id):
                found = True
                snapshots = list_snapshots(settings, source.source_id, dataset.dataset_id)
                yield Job(settings, source, dataset, snapshots[-1] if snapshots else None)
    if not found:
        raise PlainError(f"Källan {only} finns inte; se bistand sources status.")


def _refresh_dataset(job: Job, client: Client, say: Callable[[str], None]) -> Attempt:
    """Try each address in turn; the attempts before the last leave outcomes of their own."""
    apis = job.dataset.apis
    routes = [one for one in routes_in_use(job.service) if not apis or one.api in apis]
    if not routes:
        why = f"{_name(job)}: ingen adress i bruk kan svara, bara {' och '.join(apis)} har tabellen; ange en sådan i .env."
        outcome = _failed(job, SourceError(why, "unreachable"))
        write_outcome(job.settings, outcome)
        say(f"  {outcome.message}")
        return outcome
    for number, route in enumerate(routes, start=1):
        try:
            outcome = _keep(job, _download(job, route, client, say), origin="service")
        except SourceError as error:
            outcome = _failed(job, error)
        write_outcome(job.settings, outcome)
        say(f"  {outcome.message}")
        if outcome.outcome not in ("unreachable", "refused") or number == len(routes):
            return outcome
    raise AssertionError("a service has at least one address")


def _download(job: Job, route: Route, client: Client, say: Callable[[str], None]) -> Kept:
    """All answers of a dataset, or SourceError: half a dataset is nothing."""
    before = {(one.method, one.url, str(one.body)): one for one in (job.newest.answers if job.newest else ())}
    kept: Kept = []
    questions = job.module.requests(job.dataset, route, utc_now().year)
    try:
        request = next(questions)
        while True:
            answer = _ask(job, client, request, before.get((request.method, request.url, str(request.body))))
            if request.is_kept:
                kept.append((request, answer))
                if len(kept) % 25 == 0:
                    say(f"  {len(kept)} svar")
            with readable(job.source.name, request.url):
                request = questions.send(answer)
    except StopIteration:
        return kept


def _ask(job: Job, client: Client, request: Request, same: KeptAnswer | None) -> Response:
    """The answer; the bytes we have when the service says that they still hold."""
    if same is None or job.newest is None:
        return client.fetch(request)
    answer = client.fetch(request, same.etag, same.last_modified)
    if answer.status != NOT_MODIFIED:
        return answer
    return Response(same.url, 200, job.newest.read(same), same.content_type, same.etag, same.last_modified)


def _keep(job: Job, kept: Kept, origin: str) -> Attempt:
    """Parse, check and keep. What the gate refuses is kept apart, for a person to look at."""
    now = utc_now()
    version = job.module.PARSER_VERSION
    answers = [answer for _, answer in kept]
    first = answers[0].url if answers else ""
    if job.newest is not None and content_digest(answers) == job.newest.sha256:
        tables = put_together(
            [parse_answer(job.source, job.dataset.dataset_id, one.body, one.url) for one in answers]
        )
        gone = "".join(f" {sentence}" for sentence in _missing(job, tables))
        message = f"{_name(job)}: oförändrad sedan {job.newest.retrieved_at:%Y-%m-%d}.{gone}"
        return _outcome(job, now, "unchanged", first, 200, message, job.newest.snapshot_id, job.newest.rows)
    place = (job.settings, job.source, job.dataset.dataset_id, kept, now)
    try:
        parsed = [parse_answer(job.source, job.dataset.dataset_id, one.body, one.url) for one in answers]
        # the first table is the dataset's own; what was asked for and footnotes are no rows of it
        rows = [len(next(iter(tables.values()))) for tables in parsed]
        if not any(rows):
            raise _empty(job, "fast det frågades efter uppgifter", first)
        tables = put_together(parsed)
        _gate(job, tables, first)
        if origin == "service":
            _check_size(job, sum(rows), first)
    except SourceError as error:
        write_snapshot(*place, [0] * len(kept), version, origin, is_refused=True)
        return _failed(job, error, now)
    for empty in _emptied(job, answers, rows):
        write_outcome(job.settings, _failed(job, empty, now))
    snapshot = write_snapshot(*place, rows, version, origin)
    gone = "".join(f" {sentence}" for sentence in _missing(job, tables))
    message = f"{_name(job)}: ny ögonblicksbild med {sum(rows)} rader.{_unread(tables)}{gone}"
    return _outcome(job, now, "new", first, 200, message, snapshot.snapshot_id, sum(rows))


def _missing(job: Job, tables: dict[str, pa.Table]) -> list[str]:
    """What the connector says is gone of what was asked for."""
    told = getattr(job.module, "missing", None)
    return told(job.dataset.dataset_id, tables) if told else []


def _check_size(job: Job, rows: int, url: str) -> None:
    """Most of what was there is hardly gone: the service is broken, or a person must say that it is right."""
    before = job.newest.rows if job.newest is not None and job.newest.origin == "service" else 0
    if rows < job.dataset.least_share * before:
        name = f"{job.source.source_id}/{job.dataset.dataset_id}"
        raise SourceError(
            f"{_name(job)} stannade vid grinden: {rows} rader mot {before} förra gången ({url}); är det rätt, lägg in filerna "
            f"i snapshots/{name}/refused med bistand sources add --source {name}.",
            "drifted",
            url,
        )


def _unread(tables: dict[str, pa.Table]) -> str:
    """What could not be read although the file was: the first of it, and how much more there is."""
    problems = [
        one
        for name, table in tables.items()
        if name.endswith("_unread")
        for one in table["problem"].to_pylist()
    ]
    if not problems:
        return ""
    more = f" {len(problems) - 1} till står i tabellen source_unread." if len(problems) > 1 else ""
    return f" Allt gick inte att läsa: {problems[0]}{more}"


def _gate(job: Job, tables: dict[str, pa.Table], url: str) -> None:
    from validation.gates import blocking_failures, run_source_gate

    failures = blocking_failures(run_source_gate(job.service.connector, tables))
    if failures:
        first = failures[0]
        column = f", kolumnen {first.column_name}" if first.column_name else ""
        raise SourceError(
            f"{_name(job)} stannade vid grinden: {first.expectation} ({first.table_name}{column}: {first.observed}; {url}); "
            "se om källan har ändrat form.",
            "drifted",
            url,
        )


def _emptied(job: Job, answers: list[Response], rows: list[int]) -> Iterator[SourceError]:
    """The questions that gave rows the last time and none now: no proof that the rows are gone."""
    filled = {one.url for one in (job.newest.answers if job.newest else ()) if one.rows}
    for answer, count in zip(answers, rows, strict=True):
        if count == 0 and answer.url in filled:
            yield _empty(job, "där det fanns uppgifter förra gången", answer.url)


def _empty(job: Job, why: str, url: str) -> SourceError:
    return SourceError(
        f"{_name(job)}: svaret är tomt {why} ({url}); se om frågan eller tjänsten har ändrats.",
        "empty",
        url,
        200,
    )


def _failed(job: Job, error: SourceError, at: datetime | None = None) -> Attempt:
    in_force = (
        f"Uppgifterna från {job.newest.retrieved_at:%Y-%m-%d} gäller."
        if job.newest
        else "Det finns inga tidigare uppgifter."
    )
    message = f"{error} {in_force}"
    return _outcome(job, at or utc_now(), error.outcome, error.url, error.http_status, message, None, None)


def _outcome(
    job: Job,
    at: datetime,
    outcome: str,
    url: str,
    status: int | None,
    message: str,
    snapshot: str | None,
    rows: int | None,
) -> Attempt:
    return Attempt(
        job.source.source_id, job.dataset.dataset_id, at, outcome, url, status, message, snapshot, rows
    )


def _name(job: Job) -> str:
    return f"{job.source.name}, {job.dataset.name}"
