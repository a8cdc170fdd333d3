"""Events and saved baselines: from data/catalog/events.yml and the CSV files in landing/events.

A file is known by its header: `datum;kommunkod;rubrik;slag;ny_fas` holds events, `kommunkod;matt;fran;till` baselines.
An empty kommunkod is every area.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from orchestration.catalog.loader import Catalog
from orchestration.catalog.models import Baseline, Event
from orchestration.errors import PlainError
from orchestration.settings import Settings

EVENT_HEADER = ["datum", "kommunkod", "rubrik", "slag", "ny_fas"]
BASELINE_HEADER = ["kommunkod", "matt", "fran", "till"]
_YES_NO = {"ja": True, "nej": False}


class EventError(PlainError):
    """A file of events cannot be used; the message is one plain Swedish sentence."""


def event_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    """Rows of raw.events, without repetition, by date: (date, municipality or None, title, kind, starts_phase)."""
    found, known = list(catalog.events.events), _known_codes(settings)
    for path, rows in _files(settings, EVENT_HEADER):
        found += [_event(path, line, row, catalog, known) for line, row in rows]
    keys = {(one.date, one.municipality_code or "", one.title, one.kind, one.starts_phase) for one in found}
    return [(day, code or None, *rest) for day, code, *rest in sorted(keys)]


def baseline_rows(settings: Settings, catalog: Catalog) -> list[tuple]:
    """Rows of raw.baselines: (municipality or None, indicator, first month, last month), by municipality and measure."""
    found, known = list(catalog.events.baselines), _known_codes(settings)
    for path, rows in _files(settings, BASELINE_HEADER):
        found += [_baseline(path, line, row, catalog, known) for line, row in rows]
    keys = {(one.municipality_code or "", one.indicator_id, one.first_month, one.last_month) for one in found}
    return [(code or None, *rest) for code, *rest in sorted(keys)]


def _files(settings: Settings, header: list[str]) -> list[tuple[Path, list[tuple[int, dict]]]]:
    """Every file of one kind, with line numbers; a header of neither kind is refused."""
    found = []
    for path in sorted(settings.landing_events.glob("*.csv")):
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, delimiter=";")
                names = list(reader.fieldnames or [])
                rows = [(reader.line_num, row) for row in reader]
        except (OSError, UnicodeDecodeError, csv.Error):
            raise EventError(
                f"Filen {path.name} i landing/events kan inte läsas; den ska vara CSV i UTF-8."
            ) from None
        if names not in (EVENT_HEADER, BASELINE_HEADER):
            raise EventError(
                f"Filen {path.name} i landing/events har en rubrikrad som inte känns igen; den ska vara "
                f"{';'.join(EVENT_HEADER)} eller {';'.join(BASELINE_HEADER)}."
            )
        if names == header:
            found.append((path, rows))
    return found


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
        title=row["rubrik"],
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


def _day(path: Path, line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(path, line, "datum skrivs ÅÅÅÅ-MM-DD och månad ÅÅÅÅ-MM") from None


def _wrong(path: Path, line: int, what: str) -> EventError:
    return EventError(f"Filen {path.name} i landing/events, rad {line}: {what}; rätta raden.")
