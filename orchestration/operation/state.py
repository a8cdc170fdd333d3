"""How the last run ended, kept in the home: what status, alerts and the health check read, so that none of them opens the vault
and stands in the way of a run."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.database import named_statements
from orchestration.errors import ExitCode, PlainError
from orchestration.run_lock import private_files
from orchestration.settings import Settings, utc_now

_SQL = Path(__file__).parent / "ledger_facts.sql"


@dataclass(frozen=True)
class LedgerFacts:
    """What stood in the ledger when the last run ended.

    `held` are (delivery, municipality, first month, last month, months); `rejected` (delivery, rule, state); `quarantined`
    (delivery, rows in quarantine, rows read); `arrived` the last month that has come, by municipality. Months are `ÅÅÅÅ-MM`.
    `key_fingerprint` tells the key of the vault from another one, and the key cannot be worked back from it.
    """

    is_synthetic: bool = True
    held: list[list[Any]] = field(default_factory=list)
    rejected: list[list[Any]] = field(default_factory=list)
    quarantined: list[list[Any]] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)
    key_fingerprint: str | None = None


@dataclass(frozen=True)
class RunState:
    """The last run. Times are ISO, naive UTC; `told` is one sentence; `releases` the release in force, by profile."""

    started_at: str
    ended_at: str
    exit_code: int
    told: str
    releases: dict[str, str]
    ledger: LedgerFacts

    @property
    def ended(self) -> datetime:
        return datetime.fromisoformat(self.ended_at)


def operation_folder(settings: Settings) -> Path:
    return settings.home / "operation"


def read_state(settings: Settings) -> RunState | None:
    """The last run, or None when none has ended here."""
    try:
        said = json.loads((operation_folder(settings) / "last_run.json").read_text(encoding="utf-8"))
        return RunState(**{**said, "ledger": LedgerFacts(**said["ledger"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remember_run(
    settings: Settings, started: datetime, code: ExitCode, told: str, facts: LedgerFacts | None = None
) -> RunState:
    """Write down how a run ended; `facts` when the ledger has been asked already. Called under its lock, when nobody writes to the
    vault."""
    from orchestration.release.store import current_release

    in_force = {
        profile: found.release_id
        for profile in (settings.profile, *settings.also)
        if (found := current_release(replace(settings, profile=profile)))
    }
    state = RunState(
        started_at=started.isoformat(timespec="seconds"),
        ended_at=utc_now().isoformat(timespec="seconds"),
        exit_code=int(code),
        told=told,
        releases=in_force,
        ledger=facts or ledger_facts(settings),
    )
    write_whole(
        operation_folder(settings) / "last_run.json", json.dumps(asdict(state), ensure_ascii=False, indent=1)
    )
    return state


def remember_good_end(settings: Settings, started: datetime, facts: LedgerFacts | None = None) -> RunState:
    """As `remember_run`, of a run after which the release in force is that of all that lies there."""
    facts = facts or ledger_facts(settings)
    if facts.held:
        return remember_run(settings, started, ExitCode.WAITS, "Klart; något väntar på beslut.", facts)
    return remember_run(settings, started, ExitCode.DONE, "Klart.", facts)


def ledger_facts(settings: Settings) -> LedgerFacts:
    """What the ledger says now; nothing when there is no vault or it cannot be read."""
    from orchestration.vault.file import open_vault, vault_info

    if not settings.vault.is_file():
        return LedgerFacts()
    asked = named_statements(_SQL)
    try:
        with open_vault(settings, read_only=True) as connection:
            rows = {name: connection.execute(text).fetchall() for name, text in asked.items()}
            return LedgerFacts(
                is_synthetic=vault_info(connection, "is_synthetic") != "false",
                held=[list(row) for row in rows["held"]],
                rejected=[list(row) for row in rows["rejected"]],
                quarantined=[list(row) for row in rows["quarantined"]],
                arrived=dict(rows["arrived"]),
                key_fingerprint=vault_info(connection, "key_fingerprint"),
            )
    except PlainError:
        # it says so itself, to the run that met it
        before = read_state(settings)
        return before.ledger if before else LedgerFacts()


def write_whole(path: Path, text: str) -> None:
    """A file of its owner's that is there whole or not at all."""
    with private_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
