"""What would be read of a file, before anything is: nothing is written, and no personnummer is shown.

The rules run as at the intake, on an in-memory database with a pseudonym key that is thrown away.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import insert_rows, one_row
from orchestration.errors import RegisterError
from orchestration.intake.deliveries import holding
from orchestration.intake.files.headers import FoundHeader
from orchestration.intake.files.opening import DeliveryRejectedError, OpenedFile, open_file
from orchestration.intake.mappings.mapping_files import Mapping, Mappings, load_mappings
from orchestration.intake.preview.masking import shown_row
from orchestration.intake.preview.preview_text import (
    MERGED_CELLS,
    form_text,
    header_text,
    mapping_text,
    rows_text,
)
from orchestration.intake.reading import (
    choose_mapping,
    compile_file,
    kind_of,
    looks_like_data,
    open_delivery,
    release_file,
)
from orchestration.intake.rules import judging
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS, PERSON_MONTHS, columns_of, rule_catalogue
from orchestration.intake.scrubbing import scrub_file_name, scrub_text
from orchestration.run_lock import private_files
from orchestration.settings import Settings, utc_now
from orchestration.vault import file as vault_file

SHOWN_ROWS = 5


@dataclass
class Preview:
    """What was found, as far as it went. `refusal` is the rule and reason of a file that would be refused."""

    file_name: str
    kind: str = PERSON_MONTHS
    form: str = ""
    header: str = ""
    mapping: str = ""
    columns: list[tuple[str, str]] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    first_rows: list[dict[str, str]] = field(default_factory=list)
    rows: str = ""
    merged_cells: int = 0
    nearest: str = ""
    rule_hits: list[tuple[str, int]] = field(default_factory=list)
    has_no_month: bool = False
    refused_months: list[str] = field(default_factory=list)
    # None when the register could not be opened to compare with
    held_months: list[tuple[str, str]] | None = field(default_factory=list)
    refusal: tuple[str, str] | None = None


def preview_file(settings: Settings, path: Path, mapping_name: str | None = None) -> Preview:
    """Reads the file through once. Raises RegisterError when it cannot be opened or the mapping does not exist."""
    mappings = load_mappings(settings)
    if mapping_name is not None and not mappings.knows(mapping_name):
        known = ", ".join(sorted({*mappings.own, *mappings.shared})) or "inga"
        raise RegisterError(f"Mappningen {scrub_text(mapping_name, 60)} finns inte; de som finns är {known}.")
    wanted = mapping_name or _folder_mapping(settings, path, mappings)
    found = Preview(scrub_file_name(path.name))
    try:
        with plain_file_errors(path), _scratch_database(settings) as connection:
            _look(connection, path, mappings, wanted, found)
            if found.kind == PERSON_MONTHS:
                found.held_months = _held_months(connection, _states_in_force(settings))
    except DeliveryRejectedError as refusal:
        found.refusal = (refusal.rule_id, str(refusal))
    except judging.ConservationError:
        raise RegisterError("Filens rader går inte att räkna ihop; anmäl felet.") from None
    return found


@contextmanager
def plain_file_errors(path: Path) -> Iterator[None]:
    """A file that is not there or may not be read is said plainly, its name scrubbed."""
    try:
        with path.open("rb"):
            pass
        yield
    except FileNotFoundError:
        raise RegisterError(
            f"Filen {scrub_file_name(path.name)} finns inte; ange sökvägen till en fil."
        ) from None
    except IsADirectoryError:
        raise RegisterError(
            f"{scrub_file_name(path.name)} är en mapp; ange sökvägen till en fil i den."
        ) from None
    except PermissionError:
        raise RegisterError(
            f"Filen {scrub_file_name(path.name)} går inte att öppna; ge kontot läsrätt."
        ) from None
    except OSError:
        # a link that leads round in a circle, a disk that does not answer
        raise RegisterError(
            f"Filen {scrub_file_name(path.name)} går inte att läsa; kopiera den till en annan plats och försök igen."
        ) from None


@contextmanager
def _scratch_database(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database; what does not fit in memory spills encrypted and is removed afterwards."""
    with private_files(), tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": "2GB",
                "temp_directory": folder,
                "temp_file_encryption": "true",
            }
        )
        try:
            connection.execute("set force_mbedtls_unsafe = 'true'")
            judging.prepare(connection, settings, utc_now().date())
            yield connection
        finally:
            connection.close()


def _folder_mapping(settings: Settings, path: Path, mappings: Mappings) -> str | None:
    """The mapping that the file's folder below landing/register names, as the intake would see it."""
    try:
        parts = path.resolve().relative_to(settings.landing_register.resolve()).parts
    except (ValueError, OSError, RuntimeError):
        # elsewhere, or a link that leads round in a circle
        return None
    return parts[0] if len(parts) > 1 and mappings.knows(parts[0]) else None


def _look(
    connection: duckdb.DuckDBPyConnection, path: Path, mappings: Mappings, wanted: str | None, found: Preview
) -> None:
    source, kind, mapping = _opened(path, mappings, wanted)
    found.form = form_text(source)
    header = source.table.header
    found.kind = kind
    found.header = header_text(source, header)
    if not _is_safe(header, mappings):
        # a row of data taken for the header is not shown
        choose_mapping(header, mappings, wanted)
        compile_file(source, None, kind)
    found.ignored = tuple(scrub_text(name, 40) for name in header.names if name.strip())
    found.nearest = _nearest(header, mappings)
    if mapping is None and kind not in OPTIONAL_KINDS:
        mapping = choose_mapping(header, mappings, wanted)
    found.mapping = mapping_text(mapping, wanted, kind)
    compiled = compile_file(source, mapping, kind)
    columns = [column.name for column in columns_of(kind)]
    found.columns = [
        (name, scrub_text(compiled.used[name], 120)) for name in columns if name in compiled.used
    ]
    names = [header.names[place].strip() for place in compiled.ignored]
    found.ignored = tuple(scrub_text(name, 40) for name in names if name)
    found.first_rows = _first_rows(connection, source, compiled.sql, columns)
    intake = judging.read_file(connection, path, mappings, wanted, allows_draft=True)
    judging.judge_rows(connection, secrets.token_bytes(32), intake.kind)
    loaded, quarantined, duplicate = one_row(
        connection.execute(
            "select count(*) filter (where rule_id is null), "
            "count(*) filter (where rule_id is not null and rule_id <> 'R08'), "
            "count(*) filter (where rule_id = 'R08') from judged_rows"
        )
    )
    found.rows = rows_text(intake, loaded, quarantined, duplicate)
    found.merged_cells = intake.merged_cells
    found.rule_hits = connection.execute(
        "select rule_id, count(*) from (select unnest(case when rule_id is not null then [rule_id] "
        "else string_split(warnings, ',') end) as rule_id from judged_rows) as hits group by rule_id order by rule_id"
    ).fetchall()
    found.has_no_month = one_row(connection.execute("select count(*) = 0 from judged_months"))[0]
    found.refused_months = [
        f"{code} {month:%Y-%m}"
        for code, month in connection.execute(
            "select municipality_code, period_month from judged_months where is_refused order by all"
        ).fetchall()
    ]


def _opened(path: Path, mappings: Mappings, wanted: str | None) -> tuple[OpenedFile, str, Mapping | None]:
    """As the intake opens it; where no mapping can be chosen the file is shown all the same, before it is refused."""
    try:
        return open_delivery(path, mappings, wanted)
    except DeliveryRejectedError as refusal:
        if refusal.rule_id != "D02":
            raise
        source = open_file(path, mappings.known_names())
        return source, kind_of(source.table.header, mappings), None


def _states_in_force(settings: Settings) -> tuple[list[tuple[Any, ...]], list[str]] | None:
    """(municipality, month, order, delivery, households) of the months in force, and the municipalities that have been
    here; None when another run has the register."""
    if not settings.vault.exists():
        return [], []
    try:
        with vault_file.open_vault(settings, read_only=True) as vault:
            months = vault.execute(
                "select municipality_code, period_month, order_number, delivery_id, households_count "
                "from month_states where not is_optional and is_in_force"
            ).fetchall()
            known = holding.known_municipalities(vault)
    except RegisterError:
        return None
    return months, known


def _held_months(
    connection: duckdb.DuckDBPyConnection, in_force: tuple[list[tuple[Any, ...]], list[str]] | None
) -> list[tuple[str, str]] | None:
    """(rule, month) of those that would wait for a decision, judged beside those in force."""
    if in_force is None:
        return None
    months, known = in_force
    codes = {code for (code,) in connection.execute("select municipality_code from judged_months").fetchall()}
    connection.execute("""
        create temp table candidates as
        select 2147483647 as delivery_id, 2147483647 as order_number, false as is_optional, municipality_code,
            period_month, households_count, cast(null as text) as folder_code
        from judged_months where not is_refused;
        create temp view family_rows as
        select 2147483647 as delivery_id, municipality_code, period_month, warnings
        from judged_rows
        where rule_id is null and role = 'RL'
            and list_contains(getvariable('household_types_with_children'), household_type_code);
        create temp table months_in_force (municipality_code text, period_month date, order_number integer,
            delivery_id integer, households_count bigint);
        create temp table known_municipalities (municipality_code text);
    """)
    insert_rows(connection, "months_in_force", [month for month in months if month[0] in codes])
    insert_rows(connection, "known_municipalities", [(code,) for code in known])
    holding.judge_candidates(connection)
    found = connection.execute(
        "select rule_id, municipality_code, period_month, households_count, households_median from hold_verdicts "
        "where rule_id is not null order by all"
    ).fetchall()
    return [(rule, _held_text(rule, *rest)) for rule, *rest in found]


def _held_text(rule_id: str, code: str, month: date, households: int, median: float | None) -> str:
    before = f", median före {f'{median:g}'.replace('.', ',')}" if rule_id == "D05" else ""
    return f"{code} {month:%Y-%m} ({households} hushåll{before})"


def _is_safe(header: FoundHeader, mappings: Mappings) -> bool:
    """Whether the header may be shown: names, not a row of somebody's values."""
    return header.known(mappings.known_names()) > 1 or not looks_like_data(header)


def _nearest(header: FoundHeader, mappings: Mappings) -> str:
    """The mapping most of whose signature the header holds, and what it lacks; '' when none is at least half there."""
    best, text = 0.5, ""
    for mapping in {**mappings.shared, **mappings.own}.values():
        missing = [name for name in mapping.signature if not header.holds(name)]
        share = 1 - len(missing) / len(mapping.signature)
        if missing and share >= best:
            best, text = share, f"{mapping.name} (saknar {', '.join(missing)})"
    return text


def _first_rows(
    connection: duckdb.DuckDBPyConnection, source: OpenedFile, sql: str, names: list[str]
) -> list[dict[str, str]]:
    if source.is_empty:
        return []
    try:
        source.stream(connection)
        connection.execute(sql)
        found = connection.execute(
            f"select {', '.join(names)} from raw_rows where is_whole and not is_filtered limit {SHOWN_ROWS}"
        ).fetchall()
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        # a stream that breaks is judged when the whole file is read
        return []
    finally:
        release_file(connection)
    return [shown_row(dict(zip(names, row, strict=True))) for row in found]


def preview_lines(found: Preview) -> list[str]:
    """The preview as Swedish lines for the terminal."""
    lines = [f"Fil: {found.file_name}"]
    for title, text in (
        ("Form", found.form),
        ("Rubrikrad", found.header),
        ("Mappning", found.mapping),
        ("Rader", found.rows),
    ):
        if text:
            lines.append(f"{title}: {text}")
    if found.columns:
        lines.append("Kolumner:")
        lines += [f"  {name:<20} ← {source}" for name, source in found.columns]
    if found.ignored:
        title = "Läses inte" if found.columns else "Kolumner i filen"
        lines.append(f"{title}: {scrub_text(', '.join(found.ignored), 2000)}")
    if found.nearest and not found.columns:
        lines.append(f"Mappning som ligger närmast: {found.nearest}")
    if found.first_rows:
        lines.append("De första raderna (personnummer dolda):")
        shown = [name for name in found.first_rows[0] if any(row[name] for row in found.first_rows)]
        widths = {name: max(len(name), *(len(row[name]) for row in found.first_rows)) for name in shown}
        lines.append("  " + "  ".join(f"{name:<{widths[name]}}" for name in shown))
        lines += [
            "  " + "  ".join(f"{row[name]:<{widths[name]}}" for name in shown) for row in found.first_rows
        ]
    if found.merged_cells:
        lines.append(MERGED_CELLS.format(count=found.merged_cells))
    rules = rule_catalogue()
    if found.rule_hits:
        lines.append("Regler som rader möter:")
        lines += [f"  {rule_id} {count:>8}  {rules[rule_id].title}" for rule_id, count in found.rule_hits]
    if found.has_no_month:
        lines.append(
            f"Skulle avvisas (D04): ingen rad går att knyta till kommun och månad. {rules['D04'].action}"
        )
    if found.refused_months:
        months = ", ".join(found.refused_months[:12]) + (" …" if len(found.refused_months) > 12 else "")
        lines.append(f"Skulle avvisas (D04, {rules['D04'].title.lower()}): {months}")
    if found.held_months is None:
        lines.append(
            "Antalet hushåll är inte jämfört med månaderna före (D05): registret går inte att öppna nu."
        )
    for rule_id in sorted({rule for rule, _ in found.held_months or ()}):
        held = [month for rule, month in found.held_months or () if rule == rule_id]
        months = ", ".join(held[:12]) + (" …" if len(held) > 12 else "")
        lines.append(f"Skulle vänta på beslut ({rule_id}, {rules[rule_id].title.lower()}): {months}")
    if found.refusal:
        rule_id, reason = found.refusal
        lines.append(f"Filen skulle avvisas ({rule_id}): {reason}. {rules[rule_id].action}")
    lines.append("Inget är sparat.")
    return lines
