"""What a municipality tells in the CSV files of landing/events: events, saved baselines, targets, and conditions of its work.

A file is known by its header. Events and baselines stand in data/catalog/events.yml too, and there an empty kommunkod is
every area.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import Baseline, Event
from orchestration.errors import PlainError
from orchestration.intake.scrubbing import scrub_file_name, scrub_text
from orchestration.settings import SYNTHETIC_MARKER, Settings

EVENT_HEADER = ["datum", "kommunkod", "rubrik", "slag", "ny_fas"]
BASELINE_HEADER = ["kommunkod", "matt", "fran", "till"]
TARGET_HEADER = ["kommunkod", "matt", "period", "mal", "kommentar"]
CONDITION_HEADER = ["kommunkod", "period", "uppgift", "varde", "svarsfrekvens", "kommentar"]
_HEADERS = (EVENT_HEADER, BASELINE_HEADER, TARGET_HEADER, CONDITION_HEADER)
_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?")
_NUMBER = re.compile(r"\d+([.,]\d+)?")
_SHARE = re.compile(r"(\d+([.,]\d+)?) ?%")
_YES_NO = {"ja": True, "nej": False}


class EventError(PlainError):
    """A file of landing/events cannot be used; the message is one plain Swedish sentence."""


# the files of one kind, each with its rows by line number
_Files = list[tuple[Path, list[tuple[int, dict]]]]


def told_rows(
    settings: Settings, catalog: Catalog, progress: Callable[[str], None] | None = None
) -> dict[str, list[tuple]]:
    """Rows of raw.events, raw.baselines, raw.targets and raw.conditions, by the name of the table; each file is read once.

    `progress` gets a sentence for a file that is passed over. Raises EventError.
    """
    files, known = _files(settings, progress), _known_codes(settings)
    return {
        "events": _event_rows(files[tuple(EVENT_HEADER)], catalog, known),
        "baselines": _baseline_rows(files[tuple(BASELINE_HEADER)], catalog, known),
        "targets": _target_rows(files[tuple(TARGET_HEADER)], catalog, known),
        "conditions": _condition_rows(files[tuple(CONDITION_HEADER)], catalog, known),
    }


def _event_rows(files: _Files, catalog: Catalog, known: set[str]) -> list[tuple]:
    """Without repetition, by date: (date, municipality or None, title, kind, starts_phase)."""
    found = list(catalog.events.events)
    for path, rows in files:
        found += [_event(path, line, row, catalog, known) for line, row in rows]
    keys = {(one.date, one.municipality_code or "", one.title, one.kind, one.starts_phase) for one in found}
    return [(day, code or None, *rest) for day, code, *rest in sorted(keys)]


def _baseline_rows(files: _Files, catalog: Catalog, known: set[str]) -> list[tuple]:
    """(municipality or None, indicator, first month, last month), by municipality and measure."""
    found = list(catalog.events.baselines)
    for path, rows in files:
        found += [_baseline(path, line, row, catalog, known) for line, row in rows]
    keys = {(one.municipality_code or "", one.indicator_id, one.first_month, one.last_month) for one in found}
    return [(code or None, *rest) for code, *rest in sorted(keys)]


def _target_rows(files: _Files, catalog: Catalog, known: set[str]) -> list[tuple]:
    """(municipality, indicator, period, value, comment); a share is 0–1."""
    units = {one.indicator_id: one.unit for one in catalog.indicators}

    def read(path: Path, line: int, row: dict) -> tuple:
        if row["matt"] not in units:
            raise _wrong(path, line, f"måttet {row['matt']} finns inte i indicators.yml")
        value = _amount(path, line, "mal", row["mal"], units[row["matt"]] == "share")
        return (
            _own_code(path, line, row, known),
            row["matt"],
            _period(path, line, row),
            value,
            _words(row["kommentar"]) or None,
        )

    return _told_once(files, read)


def _condition_rows(files: _Files, catalog: Catalog, known: set[str]) -> list[tuple]:
    """(municipality, condition, period, value, choice, response rate, comment); shares are 0–1."""
    conditions = {one.condition_id: one for one in catalog.events.conditions}

    def read(path: Path, line: int, row: dict) -> tuple:
        condition = conditions.get(row["uppgift"])
        if condition is None:
            raise _wrong(path, line, f"uppgift ska vara någon av {', '.join(conditions)}")
        value = rate = None
        if not condition.choices:
            value = _amount(path, line, "varde", row["varde"], condition.unit == "share")
        elif row["varde"] not in condition.choices:
            raise _wrong(path, line, f"varde ska vara något av {', '.join(condition.choices)}")
        if condition.is_survey or row["svarsfrekvens"]:
            rate = _amount(path, line, "svarsfrekvens", row["svarsfrekvens"], is_share=True)
        choice = row["varde"] if condition.choices else None
        place = _own_code(path, line, row, known)
        return (
            place,
            condition.condition_id,
            _period(path, line, row),
            value,
            choice,
            rate,
            _words(row["kommentar"]) or None,
        )

    return _told_once(files, read)


def _told_once(files: _Files, read: Callable[[Path, int, dict], tuple]) -> list[tuple]:
    """The rows of one kind in order; what is told twice of the same municipality and period is refused, unless it is the same."""
    found: dict[tuple, tuple] = {}
    for path, rows in files:
        for line, row in rows:
            told = read(path, line, row)
            if found.setdefault(told[:3], told) != told:
                raise _wrong(
                    path, line, f"{told[1]} för {told[0]} och {told[2]} står redan med ett annat värde"
                )
    return [found[key] for key in sorted(found)]


def _files(settings: Settings, progress: Callable[[str], None] | None) -> dict[tuple[str, ...], _Files]:
    """Every file by its header, with line numbers; a header of no kind, or a row with more fields, is refused.

    Lines of semicolons only, as Excel leaves them, are no rows; what programs leave behind (`~$mal.csv`, `._mal.csv`) are no
    files. Any other file that is not CSV is passed over, and told.
    """
    found: dict[tuple[str, ...], _Files] = {tuple(header): [] for header in _HEADERS}
    for path in sorted(settings.landing_events.glob("*")):
        if path.name.startswith((".", "~$")) or path.name == SYNTHETIC_MARKER:
            continue
        if path.suffix.lower() != ".csv":
            if progress is not None:
                name = scrub_file_name(path.name)
                progress(
                    f"{name} i landing/events läses inte: där läses bara CSV; spara den som CSV i UTF-8."
                )
            continue
        names, rows = _read(path)
        if tuple(names) not in found:
            raise EventError(
                f"Filen {scrub_file_name(path.name)} i landing/events har en rubrikrad som inte känns igen; den ska vara "
                f"{' eller '.join(';'.join(one) for one in _HEADERS)}."
            )
        for line, row in rows:
            if any(field.strip() for field in row[len(names) :]):
                raise _wrong(path, line, f"raden har {len(row)} fält och rubrikraden {len(names)}")
        blank = [""] * len(names)
        told = [(line, dict(zip(names, row + blank, strict=False))) for line, row in rows]
        found[tuple(names)].append((path, told))
    return found


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header of a file, and its rows that hold something, with their line numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=";")
            return next(reader, []), [
                (reader.line_num, row) for row in reader if any(field.strip() for field in row)
            ]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise EventError(
            f"Filen {scrub_file_name(path.name)} i landing/events kan inte läsas; den ska vara CSV i UTF-8."
        ) from None


def _event(path: Path, line: int, row: dict, catalog: Catalog, known: set[str]) -> Event:
    if row["slag"] not in catalog.events.kinds:
        raise _wrong(path, line, f"slag ska vara något av {', '.join(catalog.events.kinds)}")
    if row["ny_fas"] not in _YES_NO:
        raise _wrong(path, line, "ny_fas ska vara ja eller nej")
    if not row["rubrik"]:
        raise _wrong(path, line, "rubrik saknas")
    return Event(
        date=_day(path, line, row["datum"]),
        municipality_code=_code(path, line, row["kommunkod"], known),
        title=_words(row["rubrik"]),
        kind=row["slag"],
        starts_phase=_YES_NO[row["ny_fas"]],
    )


def _baseline(path: Path, line: int, row: dict, catalog: Catalog, known: set[str]) -> Baseline:
    if row["matt"] not in {one.indicator_id for one in catalog.indicators}:
        raise _wrong(path, line, f"måttet {row['matt']} finns inte i indicators.yml")
    first, last = (_day(path, line, f"{row[name]}-01") for name in ("fran", "till"))
    if last < first:
        raise _wrong(path, line, "till ligger före fran")
    return Baseline(
        municipality_code=_code(path, line, row["kommunkod"], known),
        indicator_id=row["matt"],
        first_month=first,
        last_month=last,
    )


def _known_codes(settings: Settings) -> set[str]:
    """Municipalities of today, and 0000 for the country."""
    with (settings.reference_seeds / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {"0000", *(row["municipality_code"] for row in csv.DictReader(file) if not row["last_year"])}


def _code(path: Path, line: int, text: str, known: set[str]) -> str | None:
    if text and text not in known:
        raise _wrong(
            path, line, "kommunkod ska vara en kommuns fyra siffror, 0000 för riket, eller tom för alla"
        )
    return text or None


def _own_code(path: Path, line: int, row: dict, known: set[str]) -> str:
    if row["kommunkod"] not in known or row["kommunkod"] == "0000":
        raise _wrong(path, line, "kommunkod ska vara en kommuns fyra siffror")
    return row["kommunkod"]


def _period(path: Path, line: int, row: dict) -> str:
    if not _PERIOD.fullmatch(row["period"] or ""):
        raise _wrong(path, line, "period skrivs 2026, 2026-Q4 eller 2026-10")
    return row["period"]


def _words(text: str) -> str:
    """Own words, which a public release shows too: what looks like a personnummer is hidden, as everywhere else."""
    return scrub_text(text, max_length=1000).strip()


def _amount(path: Path, line: int, column: str, text: str | None, is_share: bool) -> float:
    """A share is written with its sign, so that nobody takes 25 for 25 or for 0,25."""
    found = (_SHARE if is_share else _NUMBER).fullmatch((text or "").strip())
    number = float((found[1] if is_share else found[0]).replace(",", ".")) if found else None
    if number is None or (is_share and number > 100):
        form = (
            "en andel med procenttecken, som 25 % eller 12,5 %" if is_share else "ett tal, som 25 eller 12,5"
        )
        raise _wrong(path, line, f"{column} ska vara {form}")
    return number / 100 if is_share else number


def _day(path: Path, line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(path, line, "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM") from None


def _wrong(path: Path, line: int, what: str) -> EventError:
    return EventError(
        f"Filen {scrub_file_name(path.name)} i landing/events, rad {line}: {what}; rätta raden."
    )
