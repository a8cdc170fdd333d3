"""Snapshots: what a source answered, byte for byte, with a sidecar that says from where and when.

    snapshots/<source>/<dataset>/<retrieved_at>_<sha>/snapshot.json   the sidecar
                                                     /0001.json …     the answers, in the order they were asked for
    snapshots/<source>/<dataset>/refused/…                            the same, of what the gate did not let in
    snapshots/outcomes.jsonl                                          one line per attempt, whatever came of it

Only ever added to. A snapshot is whole when it has its name: it is written beside and renamed. The same bytes once more
give no snapshot but an outcome that says when they were checked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from orchestration.catalog.models import Source
from orchestration.settings import Settings
from orchestration.sources.connector import Request, Response

SIDECAR = "snapshot.json"
REFUSED = "refused"
_TIME = "%Y%m%dT%H%M%S%fZ"
# the origin of what the demo made up; any real snapshot of a dataset goes before all such
SYNTHETIC = "synthetic"


@dataclass(frozen=True)
class KeptAnswer:
    """One answer of a snapshot as the sidecar tells it; `file` lies beside the sidecar, `rows` were parsed from it."""

    file: str
    method: str
    url: str
    body: object
    status: int
    content_type: str
    etag: str | None
    last_modified: str | None
    sha256: str
    size: int
    rows: int


@dataclass(frozen=True)
class Snapshot:
    """One whole answer to a dataset's question. `origin` is `service`, `hand` (bistand sources add) or `synthetic` (bistand demo)."""

    folder: Path
    source_id: str
    dataset_id: str
    retrieved_at: datetime
    sha256: str
    origin: str
    parser_version: int
    rows: int
    answers: tuple[KeptAnswer, ...]

    @property
    def snapshot_id(self) -> str:
        return self.folder.name

    def read(self, answer: KeptAnswer) -> bytes:
        return (self.folder / answer.file).read_bytes()


@dataclass(frozen=True)
class Attempt:
    """How one attempt ended. `outcome` is one of orchestration.sources.OUTCOMES; times are naive UTC."""

    source_id: str
    dataset_id: str
    attempted_at: datetime
    outcome: str
    url: str
    http_status: int | None
    message: str
    snapshot_id: str | None
    rows: int | None


def list_snapshots(
    settings: Settings, source_id: str, dataset_id: str, known_before: datetime | None = None
) -> list[Snapshot]:
    """The snapshots of a dataset in the order they were retrieved, only those retrieved before `known_before`.

    Those that the demo made up stand only as long as there is no real one.
    """
    found = [
        one
        for one in list_all_snapshots(settings.snapshots / source_id / dataset_id)
        if known_before is None or one.retrieved_at < known_before
    ]
    return [one for one in found if one.origin != SYNTHETIC] or found


def list_all_snapshots(folder: Path) -> list[Snapshot]:
    """Every snapshot that lies in the folder of a dataset, in the order they were retrieved."""
    found = [
        _read(path.parent)
        for path in sorted(folder.glob(f"*/{SIDECAR}"))
        if path.parent.name[0] != "." and path.parent.name != REFUSED
    ]
    return sorted(found, key=lambda one: (one.retrieved_at, one.snapshot_id))


def has_snapshots(settings: Settings) -> bool:
    """Whether anything of an official source is kept, as of the day that is built."""
    before = settings.known_before.strftime(_TIME) if settings.known_before else "9"
    return any(
        path.parent.name[0] != "." and path.parent.name < before
        for path in settings.snapshots.glob(f"*/*/*/{SIDECAR}")
    )


def write_snapshot(
    settings: Settings,
    source: Source,
    dataset_id: str,
    answers: Sequence[tuple[Request, Response]],
    retrieved_at: datetime,
    rows: Sequence[int],
    parser_version: int,
    origin: str = "service",
    is_refused: bool = False,
) -> Snapshot:
    """Keep the answers, each with how many rows it gave, under a name of their own.

    An answer with the bytes of the last snapshot shares its file.
    """
    root = settings.snapshots / source.source_id / dataset_id
    before = _files_by_content(list_snapshots(settings, source.source_id, dataset_id)[-1:])
    numbered = zip(range(1, len(answers) + 1), answers, rows, strict=True)
    kept = tuple(_kept(number, *one, count) for number, one, count in numbered)
    digest = content_digest([answer for _, answer in answers])
    name = f"{retrieved_at.strftime(_TIME)}_{digest[:12]}"
    parent = root / REFUSED if is_refused else root
    folder = parent / name
    unfinished = parent / f".{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for one, (_, answer) in zip(kept, answers, strict=True):
        same = before.get(one.sha256)
        if same is not None:
            _link(same, unfinished / one.file)
        else:
            _write(unfinished / one.file, answer.body)
    sidecar = {
        "source_id": source.source_id,
        "dataset_id": dataset_id,
        "retrieved_at": retrieved_at.isoformat(),
        "sha256": digest,
        "origin": origin,
        "producer": source.publisher,
        "licence": source.licence,
        "citation": source.service.citation if source.service else None,
        "parser_version": parser_version,
        "rows": sum(rows),
        "answers": [asdict(one) for one in kept],
    }
    _write(unfinished / SIDECAR, json.dumps(sidecar, ensure_ascii=False, indent=1).encode())
    unfinished.rename(folder)
    return _read(folder)


def content_digest(answers: Sequence[Response]) -> str:
    """The same exactly when all answers hold the same bytes in the same order."""
    digest = hashlib.sha256()
    for answer in answers:
        digest.update(hashlib.sha256(answer.body).digest())
    return digest.hexdigest()


def write_outcome(settings: Settings, outcome: Attempt) -> None:
    """Add one line to the list of attempts."""
    settings.snapshots.mkdir(parents=True, exist_ok=True)
    line = asdict(outcome) | {"attempted_at": outcome.attempted_at.isoformat()}
    text = json.dumps(line, ensure_ascii=False) + "\n"
    path = settings.snapshots / "outcomes.jsonl"
    with path.open("a+b") as file:
        # a line that a power cut left half-written must not swallow this one
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else "\n" + text
        file.write(text.encode())


def list_outcomes(settings: Settings, known_before: datetime | None = None) -> list[Attempt]:
    """All attempts in the order they were made; half a line is left out."""
    path = settings.snapshots / "outcomes.jsonl"
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        row["attempted_at"] = datetime.fromisoformat(row["attempted_at"])
        if known_before is None or row["attempted_at"] < known_before:
            found.append(Attempt(**row))
    return found


def _read(folder: Path) -> Snapshot:
    row = json.loads((folder / SIDECAR).read_text(encoding="utf-8"))
    return Snapshot(
        folder=folder,
        source_id=row["source_id"],
        dataset_id=row["dataset_id"],
        retrieved_at=datetime.fromisoformat(row["retrieved_at"]),
        sha256=row["sha256"],
        origin=row["origin"],
        parser_version=row["parser_version"],
        rows=row["rows"],
        answers=tuple(KeptAnswer(**one) for one in row["answers"]),
    )


def _kept(number: int, request: Request, answer: Response, rows: int) -> KeptAnswer:
    return KeptAnswer(
        file=f"{number:04d}.{request.expects}",
        method=request.method,
        url=answer.url,
        body=request.body,
        status=answer.status,
        content_type=answer.content_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        size=len(answer.body),
        rows=rows,
    )


def _files_by_content(snapshots: list[Snapshot]) -> dict[str, Path]:
    return {answer.sha256: one.folder / answer.file for one in snapshots for answer in one.answers}


def _link(same: Path, target: Path) -> None:
    try:
        os.link(same, target)
    except OSError:
        shutil.copyfile(same, target)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
