"""Keeps the made-up answers as snapshots, through the same parsers and with the same sidecars as real ones."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from orchestration.catalog.loader import load_catalog
from orchestration.catalog.models import Source
from orchestration.demo import files as demo_files
from orchestration.demo.official import kolada, oppna_jamforelser, scb, socialstyrelsen
from orchestration.demo.official.figures import Official
from orchestration.settings import SYNTHETIC_MARKER, Settings
from orchestration.sources.connector import Request, Response, connector, parse_answer
from orchestration.sources.fetching.snapshots import SIDECAR, SYNTHETIC, list_all_snapshots, write_snapshot
from orchestration.yaml_files import read_yaml

CONFIG = "demo_sources.yml"


def write_sources(settings: Settings, official: Official, assumptions: dict) -> list[Path]:
    """Write every made-up snapshot anew beside real ones; returns their sidecars, relative to the home."""
    config = read_yaml(settings.catalog / CONFIG)
    remove_sources(settings)
    settings.snapshots.mkdir(parents=True, exist_ok=True)
    (settings.snapshots / SYNTHETIC_MARKER).write_text(demo_files.SYNTHETIC_NOTE, encoding="utf-8")
    sources = {one.source_id: one for one in load_catalog(settings).sources}
    written = []
    for newest, retrieved in enumerate(config["kolada"]["retrieved"]):
        for dataset, answers in kolada.answers(settings, official, config, bool(newest)).items():
            written.append(_keep(settings, sources["kolada"], dataset, answers, retrieved, "json"))
    for dataset, answers in scb.answers(official, config).items():
        written.append(_keep(settings, sources["scb"], dataset, answers, config["scb"]["retrieved"], "json"))
    for newest, retrieved in enumerate(config["socialstyrelsen"]["retrieved"]):
        exports = list(socialstyrelsen.files(official, config, bool(newest)).items())
        written.append(_keep(settings, sources["socialstyrelsen"], "files", exports, retrieved))
    oj = config["oppna_jamforelser"]
    for edition, retrieved in zip(oj["editions"], oj["retrieved"], strict=True):
        body = oppna_jamforelser.workbook(official, config, assumptions["districts"], edition)
        name = f"paahittade-oppna-jamforelser-{edition}.xlsx"
        written.append(
            _keep(settings, sources["oppna_jamforelser"], "workbooks", [(name, body)], retrieved, "xlsx")
        )
    return [(folder / SIDECAR).relative_to(settings.home) for folder in written]


def remove_sources(settings: Settings) -> None:
    """Take away the snapshots that an earlier demo made; real ones stay."""
    for folder in sorted(settings.snapshots.glob("*/*")):
        for one in list_all_snapshots(folder) if folder.is_dir() else []:
            if one.origin == SYNTHETIC:
                shutil.rmtree(one.folder)


def _keep(
    settings: Settings,
    source: Source,
    dataset: str,
    answers: list[tuple[str, bytes]],
    retrieved: str,
    expects: str = "",
) -> Path:
    """One snapshot, its rows counted by the source's own parser; what cannot be parsed is a fault of the demo."""
    kept, rows = [], []
    for url, body in answers:
        kind = expects or url.rsplit(".", 1)[-1]
        request = Request(url, expects=kind)  # type: ignore[arg-type]
        kept.append((request, Response(url, 200, body, last_modified=f"{retrieved}+00:00")))
        rows.append(len(next(iter(parse_answer(source, dataset, body, url).values()))))
    version = connector(source).PARSER_VERSION
    return write_snapshot(
        settings, source, dataset, kept, datetime.fromisoformat(retrieved), rows, version, SYNTHETIC
    ).folder
