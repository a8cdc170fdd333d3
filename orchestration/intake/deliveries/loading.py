"""The intake itself: takes in what is new in the landing folder, one transaction per delivery.

Error texts of DuckDB and of readers quote the data, so no exception text is ever passed on: what a user sees is
written here.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.database import open_database
from orchestration.errors import RegisterError
from orchestration.intake.deliveries import holding, originals
from orchestration.intake.deliveries.landing import (
    LINK,
    Landing,
    LandingFile,
    look_in_landing,
    wait_until_still,
)
from orchestration.intake.deliveries.reports import bring_reports_up_to_date
from orchestration.intake.files.opening import DeliveryRejectedError, file_format
from orchestration.intake.mappings.mapping_files import Mappings, load_mappings
from orchestration.intake.rules import judging
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS, rule_catalogue, thresholds
from orchestration.settings import SYNTHETIC_MARKER, Settings, utc_now
from orchestration.upkeep import forgetting
from orchestration.vault import file as vault_file
from orchestration.vault import ledger, pseudonym, writing
from orchestration.vault.ledger import Delivery

# verdicts of the intake after which the same bytes are loaded again; what a person rejected is never among them
_RETRIED = ("rejected",)
_RETRIED_BY_NAME = ("rejected", "partly_rejected")
# a clock that is set right may step back, but not by days
_CLOCK_MAY_DIFFER = timedelta(days=1)


class MixedVaultError(RegisterError):
    """Synthetic and real deliveries would meet in one vault."""


@dataclass
class LoadReport:
    """What one run of the intake did. `files` counts new files; rows are those of files that were read.

    `failed` files could not be handled for a reason outside them (no permission, still being written, disk full);
    they stand in no ledger and are tried again at the next run.
    """

    files: int = 0
    accepted: int = 0
    partly_rejected: int = 0
    held: int = 0
    rejected: int = 0
    duplicates: int = 0
    failed: int = 0
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
    delivery_ids: list[int] = field(default_factory=list)

    def add(self, delivery: Delivery) -> None:
        """Counts the rows of a delivery; its state is counted when it is settled."""
        self.files += 1
        self.delivery_ids.append(delivery.delivery_id)
        self.rows_read += delivery.rows_read
        self.rows_loaded += delivery.rows_loaded
        self.rows_quarantined += delivery.rows_quarantined
        self.rows_duplicate += delivery.rows_duplicate

    def add_state(self, state: str) -> None:
        counter = "duplicates" if state == "duplicate" else state
        setattr(self, counter, getattr(self, counter) + 1)


def _silent(_: str) -> None:
    pass


def load_landing(
    settings: Settings,
    progress: Callable[[str], None] = _silent,
    retry_rejected: bool = False,
    only: LandingFile | None = None,
) -> LoadReport:
    """Takes in every new file below landing/register, in the order (time of change, name).

    A file that cannot be taken in stops no other. `retry_rejected` tries files again whose bytes were refused
    before (after a change of rules); `only` is one file to load again, also when it was refused in part. Raises
    RegisterError for what concerns the run as a whole: no key, wrong key, synthetic and real deliveries mixed, the vault
    in use or not writable.
    """
    begun = time.monotonic()
    report = LoadReport()
    landing = Landing([only], [], []) if only else look_in_landing(settings)
    mappings = load_mappings(settings)
    for problem in mappings.broken.values():
        report.messages.append(problem)
        progress(problem)
    comes_real = any(not file.is_synthetic for file in landing.files)
    with writing.vault_for_writing(settings, comes_real) as connection:
        # what could not be read with other mappings may fit now
        is_changed = ledger.mappings_changed(connection, mappings.fingerprint)
        unread = ledger.files_never_read(connection) if is_changed else set()
        asked = _RETRIED_BY_NAME if only else _RETRIED if retry_rejected else ()
        seen = ledger.files_seen(connection, [file.name for file in landing.files]) - unread
        new_files = [file for file in landing.files if asked or file.seen_key not in seen]
        new_files, moving = wait_until_still(new_files, settings.settle_seconds)
        if new_files or ledger.has_unsettled(connection):
            judging.prepare(connection, settings, utc_now().date())
        taken = []
        if new_files:
            _tell_of_the_clock(connection, report, progress)
            key = _checked_key(settings, connection, new_files)
            forgetting.shut_out_forgotten(connection)
            for file in new_files:
                retried = asked or (_RETRIED if file.seen_key in unread else ())
                taken.append(_take_in(connection, file, key, mappings, report, progress, retried))
        _settle(connection, list(filter(None, taken)), report, progress)
        for file in moving:
            _fail(report, progress, file.name, "den skrivs fortfarande.")
        for name in landing.unreachable:
            _fail(report, progress, name, "den går inte att nå, ge kontot läsrätt.")
        for name in landing.links:
            report.messages.append(LINK.format(name=name))
            progress(report.messages[-1])
        if only is None:
            with writing.transaction(connection):
                ledger.remember_mappings(connection, mappings.fingerprint)
        bring_reports_up_to_date(settings, connection)
        originals.put_away(settings, connection, progress)
    report.seconds = time.monotonic() - begun
    return report


def _settle(
    connection: duckdb.DuckDBPyConnection,
    taken: list[Delivery],
    report: LoadReport,
    progress: Callable[[str], None],
) -> None:
    """What becomes of the deliveries of this run, and of what an earlier one that was cut short left: in force or waiting."""
    settled = holding.Settled({}, {}, ())
    if ledger.has_unsettled(connection):
        settled = holding.settle(connection)
    for delivery in taken:
        report.add_state(settled.states.get(delivery.delivery_id, delivery.state))
        sentence = settled.sentences.get(delivery.delivery_id)
        report.messages.append(f"{delivery.message} {sentence}" if sentence else delivery.message)
    for number, sentence in settled.sentences.items():
        progress(f"Leverans {number}: {sentence}")
    if settled.first_municipalities:
        named = holding.named_codes(settled.first_municipalities)
        report.messages.append(
            f"Registret är nytt och tog emot {named}; en fil från en annan kommun väntar hädanefter på beslut (D07)."
        )
        progress(report.messages[-1])


def _tell_of_the_clock(
    connection: duckdb.DuckDBPyConnection, report: LoadReport, progress: Callable[[str], None]
) -> None:
    """The order of deliveries does not hang on the clock, but R02 does: months would seem not to have come yet."""
    [(latest,)] = connection.execute("select max(loaded_at) from register.deliveries").fetchall()
    now = utc_now()
    if latest is not None and latest - now > _CLOCK_MAY_DIFFER:
        report.messages.append(
            f"Datorns klocka visar {now:%Y-%m-%d} men registret lästes senast {latest:%Y-%m-%d}. Går den fel kan månader "
            "avvisas som framtida (R02): ställ klockan, och läs in det avvisade igen med bistand deliveries replay."
        )
        progress(report.messages[-1])


def replay(settings: Settings, what: str, progress: Callable[[str], None] = _silent) -> LoadReport:
    """Loads refused bytes again, by the number of their delivery or the name of the file in the landing folder.

    The new delivery takes the place of the refused one in the order, so that it never overtakes a later delivery.
    Raises RegisterError when there is nothing to load again.
    """
    with writing.vault_for_writing(settings) as connection:
        # what is loaded need not lie in landing any more
        digest = ledger.bytes_of(connection, int(what))[1] if what.isdigit() else None
        known = ledger.deliveries_of(connection, digest) if digest else []
        if not known or _latest_verdict(known) in _RETRIED_BY_NAME:
            file, digest = _file_of(settings, connection, what)
            known = ledger.deliveries_of(connection, digest)
    if known and _latest_verdict(known) not in _RETRIED_BY_NAME:
        raise RegisterError(
            f"Leverans {known[-1].delivery_id} är inläst, så det finns inget att läsa in igen; det som en person har "
            f"avvisat godkänns med bistand deliveries accept {known[-1].delivery_id}."
        )
    return load_landing(settings, progress, only=file)


def _latest_verdict(known: list[ledger.KnownDelivery]) -> str | None:
    """What the intake said of these bytes when it last read them."""
    return next((entry.verdict for entry in reversed(known) if entry.verdict != "duplicate"), None)


def _file_of(settings: Settings, connection: duckdb.DuckDBPyConnection, what: str) -> tuple[LandingFile, str]:
    """The landing file that is meant, and the digest of its bytes."""
    files = look_in_landing(settings).files
    if what.isdigit():
        size, digest = ledger.bytes_of(connection, int(what))
        for file in files:
            if file.size == size and _digest(file) == digest:
                return file, digest
        raise RegisterError(
            f"Filen till leverans {what} ligger inte kvar i landing/register; lägg tillbaka den och försök igen."
        )
    wanted = {Path(what).absolute(), (settings.landing_register / what).absolute()}
    for file in files:
        if file.path.absolute() in wanted:
            return file, _digest(file)
    raise RegisterError("Filen finns inte i landing/register; ange dess namn där, eller leveransens nummer.")


def _digest(file: LandingFile) -> str:
    try:
        with file.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        raise RegisterError(f"{file.name} går inte att läsa; ge kontot läsrätt och försök igen.") from None


class MonthInForceError(RegisterError):
    """A month that is to be declared empty has households; a person must say that they are to go."""


def declare_empty(
    settings: Settings,
    municipality_code: str,
    period: str,
    replaces: bool = False,
    kind: str = "declared_empty",
) -> str | None:
    """Writes down that a municipality truly had no households in a month (`YYYY-MM`): a delivery without rows. An optional
    `kind` says the same of that kind: nobody was directed, no support was refused.

    It is judged as a file is, and waits where a file would (D05); then the sentence that says so is returned. Doing it
    twice changes nothing. Raises MonthInForceError when the month has households and `replaces` is not said, RegisterError
    when the municipality did not exist then or has never delivered, or the month is no month up to now.
    """
    month = _month(period)
    now = utc_now()
    if month is None or not thresholds().first_period <= month.strftime("%Y-%m") <= now.strftime("%Y-%m"):
        raise RegisterError(
            f"Månaden kan inte anmälas som tom: skriv en månad från {thresholds().first_period} till nu som ÅÅÅÅ-MM."
        )
    _refuse_unknown(settings, municipality_code, month)
    with writing.vault_for_writing(settings) as connection:
        judging.prepare(connection, settings, now.date())
        _refuse_empty(connection, municipality_code, month, replaces, kind)
        if ledger.is_declared_empty(connection, municipality_code, month, kind):
            return None
        synthetic = vault_file.vault_info(connection, "is_synthetic")
        delivery = Delivery(
            delivery_id=ledger.next_delivery_id(connection),
            kind=kind,
            file_name=None,
            file_sha256=None,
            file_bytes=None,
            file_format=None,
            received_at=now.replace(microsecond=0),
            loaded_at=now,
            state="held",
            rule_id=None,
            message=f"Kommun {municipality_code} har anmält att {period} saknar "
            f"{OPTIONAL_KINDS[kind].name if kind in OPTIONAL_KINDS else 'hushåll med bistånd'}.",
            is_synthetic=None if synthetic is None else synthetic == "true",
        )
        with writing.transaction(connection):
            ledger.record_delivery(connection, delivery)
            ledger.record_empty_month(connection, delivery.delivery_id, municipality_code, month)
        settled = holding.settle(connection)
        bring_reports_up_to_date(settings, connection)
    return settled.sentences.get(delivery.delivery_id)


def _refuse_unknown(settings: Settings, municipality_code: str, month: date) -> None:
    """A code that was no municipality is told without the register, and so also while a run has it."""
    with open_database() as connection:
        judging.prepare(connection, settings, month)
        if not judging.municipality_exists(connection, municipality_code, month.year):
            raise RegisterError(
                "Månaden kan inte anmälas som tom: kommunkoden är inte en kommun som fanns då; "
                "skriv fyra siffror med inledande nolla."
            )


def _refuse_empty(
    connection: duckdb.DuckDBPyConnection, municipality_code: str, month: date, replaces: bool, kind: str
) -> None:
    """Raises RegisterError when the month cannot be declared empty, MonthInForceError when a person has to say yes first."""
    forgotten = forgetting.border(connection)
    if forgotten is not None and month < forgotten:
        raise RegisterError(f"Månaden kan inte anmälas som tom: månader före {forgotten:%Y-%m} är gallrade.")
    if municipality_code not in holding.known_municipalities(connection):
        raise RegisterError(
            f"Månaden kan inte anmälas som tom: kommun {municipality_code} har aldrig levererat hit; "
            "kontrollera kommunkoden, eller leverera en månad med hushåll först."
        )
    if kind in OPTIONAL_KINDS:
        rows = ledger.rows_in_force(connection, municipality_code, month, kind)
        if rows and not replaces:
            raise MonthInForceError(
                f"{rows} rader med {OPTIONAL_KINDS[kind].name} i kommun {municipality_code} gäller för {month:%Y-%m} och "
                "skulle ersättas av en tom månad; svara ja, eller kör igen med --yes."
            )
        return
    households = ledger.households_in_force(connection, municipality_code, month)
    if households and not replaces:
        raise MonthInForceError(
            f"{households} hushåll i kommun {municipality_code} gäller för {month:%Y-%m} och skulle ersättas av en tom "
            "månad; svara ja, eller kör igen med --yes."
        )


def _checked_key(
    settings: Settings, connection: duckdb.DuckDBPyConnection, new_files: list[LandingFile]
) -> bytes:
    """The pseudonym key, after making sure that it and the deliveries belong to this vault."""
    kinds = {"true" if file.is_synthetic else "false" for file in new_files}
    known = vault_file.vault_info(connection, "is_synthetic")
    if len(kinds | ({known} if known else set())) > 1:
        raise MixedVaultError(
            "Syntetiska och verkliga leveranser kan inte läsas in i samma register: "
            f"flytta de ena filerna (mappen med {SYNTHETIC_MARKER}) eller använd ett annat BISTAND_HOME."
        )
    key = pseudonym.load_key(settings, synthetic_only=kinds == {"true"})
    fingerprint = vault_file.vault_info(connection, "key_fingerprint")
    if fingerprint is None:
        with writing.transaction(connection):
            ledger.remember(connection, "key_fingerprint", pseudonym.fingerprint(key))
            ledger.remember(connection, "is_synthetic", kinds.pop())
    pseudonym.check_fingerprint(key, fingerprint)
    return key


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    file: LandingFile,
    key: bytes,
    mappings: Mappings,
    report: LoadReport,
    progress: Callable[[str], None],
    retried: tuple[str, ...],
) -> Delivery | None:
    """One file from beginning to end; None when nothing came of it. Whatever goes wrong concerns this file only."""
    try:
        delivery = _deliver(connection, file, key, mappings, retried)
    except vault_file.VaultWriteError:
        raise
    except Exception as problem:
        _stop_when_unusable(connection, problem)
        _fail(report, progress, file.name, _cause(problem))
        return None
    if delivery is not None:
        report.add(delivery)
        progress(delivery.message)
    return delivery


def _fail(report: LoadReport, progress: Callable[[str], None], name: str, cause: str) -> None:
    report.files += 1
    report.failed += 1
    report.messages.append(f"{name} lästes inte in: {cause} Filen prövas igen vid nästa körning.")
    progress(report.messages[-1])


def _stop_when_unusable(connection: duckdb.DuckDBPyConnection, problem: Exception) -> None:
    """After a failed write nothing more is taken in: a later file that happened to fit would get an earlier number."""
    if isinstance(problem, duckdb.IOException):
        raise vault_file.VaultWriteError(vault_file.VAULT_NOT_WRITTEN) from None
    try:
        connection.execute("select count(*) from register.deliveries")
    except duckdb.Error:
        raise vault_file.VaultWriteError(vault_file.VAULT_NOT_WRITTEN) from None


class _FileChangedError(Exception):
    """The file was written to while it was read."""


def _cause(problem: Exception) -> str:
    """A Swedish sentence for what went wrong outside the file, without any text of the exception."""
    if isinstance(problem, PermissionError):
        return "behörighet saknas, ge kontot läsrätt."
    if isinstance(problem, FileNotFoundError | _FileChangedError):
        return "den ändrades under läsningen."
    if isinstance(problem, judging.ConservationError):
        return "lästa rader stämmer inte med inlästa, karantän och dubbletter."
    if isinstance(problem, OSError):
        return "den går inte att läsa."
    if isinstance(problem, MemoryError | duckdb.OutOfMemoryException):
        return "minnet eller disken räcker inte."
    return f"ett oväntat fel ({type(problem).__name__})."


def _deliver(
    connection: duckdb.DuckDBPyConnection,
    file: LandingFile,
    key: bytes,
    mappings: Mappings,
    retried: tuple[str, ...],
) -> Delivery | None:
    """Takes the file in and writes it down; None when its bytes are known already under this name, or refused."""
    with file.path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    known = ledger.deliveries_of(connection, digest)
    good = [entry for entry in known if entry.state in ledger.KNOWN_GOOD_STATES]
    is_retried = _latest_verdict(known) in retried
    is_told = good and any(entry.file_name == file.name for entry in known)
    if known and not is_retried and (is_told or not good):
        with writing.transaction(connection):
            _remember(connection, file, digest)
        return None
    draft = Delivery(
        delivery_id=ledger.next_delivery_id(connection),
        kind="register",
        file_name=file.name,
        file_sha256=digest,
        file_bytes=file.size,
        file_format=file_format(file.path),
        received_at=file.received_at,
        loaded_at=utc_now(),
        state="rejected",
        rule_id=None,
        message="",
        is_synthetic=file.is_synthetic,
        replays_delivery_id=known[0].delivery_id if is_retried else None,
    )
    if good and not is_retried:
        delivery = _duplicate(file, draft, good[0].delivery_id)
        with writing.transaction(connection):
            _write_down(connection, file, delivery)
        return delivery
    return _judge_and_load(connection, file, key, mappings, draft)


def _judge_and_load(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, key: bytes, mappings: Mappings, draft: Delivery
) -> Delivery:
    wanted = file.folder if mappings.knows(file.folder) else None
    try:
        intake = judging.judge(connection, file.path, key, mappings, wanted)
        with writing.transaction(connection):
            delivery = _loaded(file, draft, judging.load(connection, intake, draft.delivery_id))
            _write_down(connection, file, delivery)
    except DeliveryRejectedError as refusal:
        message = f"{file.name} avvisades: {refusal}. {rule_catalogue()[refusal.rule_id].action}"
        delivery = replace(draft, rule_id=refusal.rule_id, message=message)
        with writing.transaction(connection):
            _write_down(connection, file, delivery)
    finally:
        judging.clear(connection)
    return delivery


def _remember(connection: duckdb.DuckDBPyConnection, file: LandingFile, digest: str) -> None:
    ledger.remember_file(connection, *file.seen_key, received_at=file.received_at, file_sha256=digest)


def _write_down(connection: duckdb.DuckDBPyConnection, file: LandingFile, delivery: Delivery) -> None:
    """The last thing in a delivery's transaction: nothing of a file that changed meanwhile may stay."""
    status = file.path.stat()
    if (status.st_size, status.st_mtime_ns) != (file.size, file.modified_ns):
        raise _FileChangedError
    assert delivery.file_sha256 is not None
    _remember(connection, file, delivery.file_sha256)
    ledger.record_delivery(connection, delivery)


def _duplicate(file: LandingFile, draft: Delivery, first_id: int) -> Delivery:
    message = f"{file.name} har samma innehåll som leverans {first_id}. {rule_catalogue()['D06'].action}"
    return replace(draft, state="duplicate", rule_id="D06", message=message)


def _loaded(file: LandingFile, draft: Delivery, outcome: judging.Verdict) -> Delivery:
    return replace(
        draft,
        kind=outcome.intake.kind,
        state=outcome.state,
        rule_id="D04" if outcome.state == "rejected" else None,
        message=_message(file, outcome),
        rows_read=outcome.rows_read,
        rows_loaded=outcome.rows_loaded,
        rows_quarantined=outcome.rows_quarantined,
        rows_duplicate=outcome.rows_duplicate,
        ignored_columns=", ".join(outcome.intake.ignored_columns)[:500] or None,
        mapping_name=outcome.intake.mapping_name,
        rows_in_file=outcome.intake.rows_in_file,
        rows_filtered=outcome.intake.rows_filtered,
        lines_skipped=outcome.intake.lines_skipped,
    )


def _message(file: LandingFile, outcome: judging.Verdict) -> str:
    """A Swedish sentence or two on what became of a file that could be read."""
    rows = f"{outcome.rows_loaded} av {outcome.rows_read} rader"
    if not outcome.months_refused and not outcome.has_no_month:
        kind = OPTIONAL_KINDS.get(outcome.intake.kind)
        as_what = f" som {kind.name}" if kind else ""
        parts = [f"{file.name} lästes in{as_what}: {rows}"]
        if outcome.rows_quarantined:
            parts.append(f"{outcome.rows_quarantined} i karantän ({outcome.common_rule})")
        if outcome.rows_duplicate:
            parts.append(f"{outcome.rows_duplicate} dubbletter")
        parts += [f"{count} personer med {kind}" for kind, count in outcome.number_kinds]
        parts += _reading_notes(outcome.intake)
        return ", ".join(parts) + "."
    advice = " ".join([*_sentence(_reading_notes(outcome.intake)), rule_catalogue()["D04"].action])
    limit = f"{thresholds().error_share_max:.0%}".replace("%", " %")
    if outcome.has_no_month:
        return (
            f"{file.name} avvisades: ingen av {outcome.rows_read} rader går att knyta till kommun och månad, mest för "
            f"att {_title(outcome.common_rule)} ({outcome.common_rule}). {advice}"
        )
    what = "avvisades" if outcome.state == "rejected" else "lästes in delvis"
    return (
        f"{file.name} {what}: {outcome.months_refused} av {outcome.months_count} månader har mer än {limit} felrader, "
        f"mest för att {_title(outcome.common_rule)} ({outcome.common_rule}); {rows} lästes in. {advice}"
    )


def _reading_notes(intake: judging.Intake) -> list[str]:
    """What a reader of the message should know about how the file was read."""
    notes = [f"läst med mappningen {intake.mapping_name}"] if intake.mapping_name else []
    if intake.mapping_name and intake.rows_in_file - intake.rows_filtered != intake.rows_read:
        notes.append(f"{intake.rows_in_file} rader i filen")
    if intake.rows_filtered:
        notes.append(f"{intake.rows_filtered} rader bortvalda av mappningen")
    if intake.rows_summed:
        notes.append(f"{intake.rows_summed} utbetalningar lagda till en annan rad")
    if intake.merged_cells:
        notes.append(
            f"bladet har {intake.merged_cells} celler sammanfogade nedåt, där bara den första raden har ett värde (dela dem i "
            "Excel, eller skriv fill_down i en mappning)"
        )
    if intake.lines_skipped:
        notes.append(f"{intake.lines_skipped} rader utanför tabellen hoppades över")
    return notes


def _sentence(parts: list[str]) -> list[str]:
    text = ", ".join(parts)
    return [f"{text[:1].upper()}{text[1:]}."] if text else []


def _title(rule_id: str) -> str:
    title = rule_catalogue()[rule_id].title
    return title if title.split()[0].islower() else title[:1].lower() + title[1:]


def _month(period: str) -> date | None:
    found = re.fullmatch(r"([0-9]{4})-?(0[1-9]|1[0-2])", period.strip())
    return date(int(found[1]), int(found[2]), 1) if found and int(found[1]) else None
