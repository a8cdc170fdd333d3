"""Invented events, saved baselines, targets and conditions of the demo, written as anyone would write their own."""

from __future__ import annotations

import csv
from pathlib import Path

from orchestration.demo import files
from orchestration.settings import SYNTHETIC_MARKER, Settings
from orchestration.warehouse.events import BASELINE_HEADER, CONDITION_HEADER, EVENT_HEADER, TARGET_HEADER

# file, header, and where its rows stand in demo_register.yml
FILES = (
    ("handelser_pahittade.csv", EVENT_HEADER, "events"),
    ("baslinjer_pahittade.csv", BASELINE_HEADER, "baselines"),
    ("mal_pahittade.csv", TARGET_HEADER, "targets"),
    ("arbetet_pahittat.csv", CONDITION_HEADER, "conditions"),
)


def write_events(settings: Settings, assumptions: dict) -> None:
    """Write the files in landing/events, beside whatever else lies there; dated the month after the register ends."""
    folder = settings.landing_events
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, key in FILES:
        path = folder / name
        _write(path, header, assumptions[key])
        files.set_date(path, assumptions["last_year"] + 1, 1)
    (folder / SYNTHETIC_MARKER).write_text(files.SYNTHETIC_NOTE, encoding="utf-8")


def _write(path: Path, header: list[str], rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
