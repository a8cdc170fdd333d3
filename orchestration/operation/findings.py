"""What somebody has to do something about, from what is written down in the home: no vault is opened, nothing is waited for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from orchestration.errors import ExitCode, PlainError
from orchestration.operation.backup import backup_folder, list_backups
from orchestration.operation.calendar import late_municipalities, municipality_names
from orchestration.operation.limits import limit
from orchestration.operation.state import RunState, read_state
from orchestration.settings import Settings, utc_now

# every kind, with its word; the serious ones mean that figures are not brought up to date or can be lost
KINDS = {
    "stopped": "stoppad",
    "failed": "misslyckad",
    "silent": "tyst",
    "held": "väntar",
    "rejected": "avvisad",
    "late": "försenad",
    "quarantined": "karantän",
    "source": "källa",
    "disk": "disk",
    "key": "nyckel",
    "backup": "kopia",
}
SERIOUS = ("stopped", "failed", "silent", "disk", "key", "backup")


@dataclass(frozen=True)
class Finding:
    """`kind` is one of KINDS; `mark` tells it from others of its kind, and stays the same while it lasts; `text` is one plain
    Swedish sentence without personal data or file names."""

    kind: str
    mark: str
    text: str

    @property
    def is_serious(self) -> bool:
        return self.kind in SERIOUS


def find(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """All that stands now, the serious first. `now` is naive UTC."""
    now = now or utc_now()
    state = read_state(settings)
    looked: list[Callable[[Settings, RunState | None, datetime], Iterator[Finding]]] = [
        _run, _waiting, _late, _quarantined, _sources, _late_sources, _changed_sources, _disk, _key, _backups,
    ]  # fmt: skip
    found = [finding for look in looked for finding in look(settings, state, now)]
    return sorted(found, key=lambda one: (not one.is_serious, list(KINDS).index(one.kind), one.mark))


def _run(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if state is None:
        return
    if state.exit_code == ExitCode.STOPPED:
        yield Finding(
            "stopped", state.ended_at, f"Körningen som slutade {state.ended_at} (UTC) stoppades: {state.told}"
        )
    elif state.exit_code not in (ExitCode.DONE, ExitCode.WAITS):
        yield Finding(
            "failed", state.ended_at, f"Körningen som slutade {state.ended_at} (UTC) gick fel: {state.told}"
        )
    if now - state.ended > timedelta(hours=limit(settings, "run_hours")):
        yield Finding(
            "silent",
            state.ended_at,
            f"Ingen körning har slutat sedan {state.ended_at} (UTC); se efter att schemat är igång.",
        )


def _waiting(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if state is None:
        return
    names = municipality_names(settings.reference_seeds)
    for delivery, code, first, last, months in state.ledger.held:
        when = first if first == last else f"{first}–{last} ({months} månader)"
        yield Finding(
            "held",
            f"{delivery}/{code}",
            f"{names.get(code, code)} {when} i leverans {delivery} väntar på beslut; se bistand deliveries show {delivery}.",
        )
    for delivery, rule, kind in state.ledger.rejected:
        word = "delvis avvisad" if kind == "partly_rejected" else "avvisad"
        yield Finding(
            "rejected",
            str(delivery),
            f"Leverans {delivery} är {word}{f' ({rule})' if rule else ''}; skicka rapporten: bistand deliveries report {delivery}.",
        )


def _late(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if state is None or state.ledger.is_synthetic:
        return
    for one in late_municipalities(settings, state.ledger.arrived, now.date()):
        missing = one.month if one.month == one.due else f"{one.month}–{one.due}"
        came = f"senast kom {one.arrived}" if one.arrived else "inget har kommit därifrån"
        yield Finding(
            "late",
            f"{one.municipality_code}/{one.due}",
            f"{one.municipality_name} ({one.municipality_code}) är försenad med {missing}; {came}.",
        )


def _quarantined(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if state is None:
        return
    most = limit(settings, "quarantined_share")
    for delivery, rows, read in state.ledger.quarantined:
        if rows > most * read:
            share = f"{100 * rows / read:.0f} procent"
            yield Finding(
                "quarantined",
                str(delivery),
                f"{share} av raderna i leverans {delivery} ligger i karantän; se bistand deliveries show {delivery}.",
            )


def _sources(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    from orchestration.sources.connector import GOOD_OUTCOMES, OUTCOMES
    from orchestration.sources.fetching.snapshots import list_outcomes

    last = {(one.source_id, one.dataset_id): one for one in list_outcomes(settings)}
    for (source, dataset), one in sorted(last.items()):
        if one.outcome not in GOOD_OUTCOMES:
            yield Finding(
                "source",
                f"{source}/{dataset}/{one.outcome}",
                f"Källan {source}/{dataset}: {OUTCOMES[one.outcome]} {one.attempted_at:%Y-%m-%d}; det som hämtats förut gäller, "
                "se bistand sources list.",
            )


def _late_sources(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    from orchestration.sources.fetching.state import late_datasets

    for name, expected, is_by_hand in late_datasets(
        settings, now.date(), int(limit(settings, "source_late_days"))
    ):
        how = f"lägg in filerna med bistand sources add --source {name}" if is_by_hand else "hämta på nytt"
        yield Finding(
            "source",
            f"{name}/late/{expected}",
            f"Källan {name} är sen: nytt väntades {expected} enligt kalendern; {how}.",
        )


def _changed_sources(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    from orchestration.sources.fetching.state import changed_datasets

    told_since = now.date() - timedelta(days=limit(settings, "remind_days"))
    for name, snapshot, changed, gone in changed_datasets(settings, told_since):
        parts = [f"{count} {word}" for count, word in ((changed, "ändrade"), (gone, "borttagna")) if count]
        yield Finding(
            "source",
            f"{name}/changed/{snapshot.snapshot_id}",
            f"Källan {name} har ändrat det som redan var hämtat: {' och '.join(parts)} rader {snapshot.retrieved_at:%Y-%m-%d}; "
            "se bistand sources status.",
        )


def _disk(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if (free := free_gb(settings.home)) < limit(settings, "disk_free_gb"):
        yield Finding(
            "disk",
            "",
            f"{free:.1f} GB är ledigt på disken där {settings.home} ligger; frigör plats.".replace(
                ".", ",", 1
            ),
        )


def _key(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    from orchestration.vault import pseudonym

    if state is None or state.ledger.is_synthetic:
        return
    try:
        key = pseudonym.load_key(settings, synthetic_only=False)
        pseudonym.check_fingerprint(key, state.ledger.key_fingerprint)
    except PlainError as problem:
        yield Finding("key", "", str(problem))


def _backups(settings: Settings, state: RunState | None, now: datetime) -> Iterator[Finding]:
    if state is None or state.ledger.is_synthetic:
        return
    folder = backup_folder()
    if folder is None:
        yield Finding(
            "backup", "unset", "Registret säkerhetskopieras inte; ange en mapp i BISTAND_BACKUP_FOLDER."
        )
        return
    made = list_backups(folder)
    if not made:
        yield Finding("backup", "none", f"Ingen säkerhetskopia finns i {folder}; kör bistand backup create.")
    elif now - made[-1].made_at > timedelta(hours=limit(settings, "backup_hours")):
        yield Finding(
            "backup",
            made[-1].name,
            f"Den senaste säkerhetskopian är från {made[-1].made_at:%Y-%m-%d %H:%M} (UTC); se efter att schemat är igång.",
        )


def free_gb(path: Path) -> float:
    """Gigabytes that may be written where `path` lies, or would."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free / 1e9
