"""The catalogue in data/catalog: sources, indicators, caveats, published tables and release rules.

Every fact stands once. Names and thresholds of definitions come from the reference seeds `definitions.csv` and
`rule_constants.csv`, so the texts that readers see cannot drift from what the models compute.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from orchestration.catalog.models import (
    DefinitionText,
    Entry,
    EntryT,
    Events,
    Indicator,
    PublishedTables,
    ReleaseRules,
    Source,
    Variation,
)
from orchestration.errors import PlainError
from orchestration.settings import Settings
from orchestration.yaml_files import LOADER

# What a printed unit is called in `indicators`: printed percent is stored as a share by our own measures.
UNIT_OF_PRINTED = {"percent": "share", "tkr": "sek", "million_sek": "sek"}


class CatalogError(PlainError):
    """The catalogue cannot be used; the message is one plain Swedish sentence for the person who edits it."""


@dataclass(frozen=True)
class Definition:
    """One row of the seed definitions.csv."""

    definition_id: str
    name: str
    status: str
    thresholds: dict[str, str]


@dataclass(frozen=True)
class Catalog:
    caveats: dict[str, str]
    sources: list[Source]
    definitions: dict[str, Definition]
    definition_texts: dict[str, DefinitionText]
    constants: dict[str, str]
    indicators: list[Indicator]
    events: Events
    variation: Variation
    published: PublishedTables
    release: ReleaseRules

    def indicator(self, indicator_id: str) -> Indicator:
        """The catalogue entry of an indicator; KeyError when there is none."""
        return next((one for one in self.indicators if one.indicator_id == indicator_id), None) or _missing(
            indicator_id
        )

    def caveat_text(self, keys: Iterable[str]) -> str:
        """The caveats in full, each named once, in the order given."""
        return " ".join(self.caveats[key] for key in dict.fromkeys(keys))

    def is_official(self, definition_id: str) -> bool:
        return self.definitions[definition_id].status == "official"


class _IndicatorFile(Entry):
    definition_texts: dict[str, DefinitionText]
    indicators: list[Indicator]


class _SourceFile(Entry):
    sources: list[Source]


class _CaveatFile(Entry):
    caveats: dict[str, str]


class _UniqueKeys(LOADER):
    """A key that stands twice would silently win over the first: refuse it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"nyckeln {key!r} står två gånger (rad {node.start_mark.line + 1})")
        return super().construct_mapping(node, deep)


def load_catalog(settings: Settings) -> Catalog:
    """Read and check the whole catalogue.

    Raises CatalogError, naming the file and the field, when a file is missing, malformed, or points at something
    that does not exist.
    """
    folder = settings.catalog
    indicator_file = _read(folder / "indicators.yml", _IndicatorFile)
    catalog = Catalog(
        caveats=_read(folder / "caveats.yml", _CaveatFile).caveats,
        sources=_read(folder / "sources.yml", _SourceFile).sources,
        definitions=_read_definitions(settings.reference_seeds / "definitions.csv"),
        definition_texts=indicator_file.definition_texts,
        constants=_read_constants(settings.reference_seeds / "rule_constants.csv"),
        indicators=indicator_file.indicators,
        events=_read(folder / "events.yml", Events),
        variation=_read(folder / "variation.yml", Variation),
        published=_read(folder / "published_tables.yml", PublishedTables),
        release=_read(folder / "release.yml", ReleaseRules),
    )
    _check_unique(catalog)
    _check_references(catalog)
    _check_published(catalog)
    return catalog


def protection_rules(settings: Settings) -> dict[str, dict[str, str]]:
    """The rows of the seed protection_rules.csv by profile; a blank is no rule."""
    with (settings.reference_seeds / "protection_rules.csv").open(encoding="utf-8", newline="") as file:
        return {row["profile"]: row for row in csv.DictReader(file)}


def column_names(settings: Settings) -> dict[str, str]:
    """The Swedish heading of each column of a release, by its name."""
    text = (settings.catalog / "column_names.yml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.load(text, Loader=_UniqueKeys)
    return found


def _missing(indicator_id: str) -> Indicator:
    raise KeyError(indicator_id)


def _read(path: Path, model: type[EntryT]) -> EntryT:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        raise CatalogError(f"Katalogfilen {path.name} saknas i data/catalog; återställ den.") from None
    except yaml.YAMLError as error:
        raise CatalogError(f"Katalogfilen {path.name} kan inte läsas: {error}.") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise CatalogError(_explain(path.name, error)) from None


def _explain(file_name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "filen"
    what = {"missing": "saknas", "extra_forbidden": "känns inte igen"}.get(
        first["type"], "har ett otillåtet värde"
    )
    return f"Katalogfilen {file_name}: fältet {field} {what} ({error.error_count()} fel totalt); rätta filen."


def _read_definitions(path: Path) -> dict[str, Definition]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["definition_id"]: Definition(
                row["definition_id"], row["definition_name"], row["definition_status"], row
            )
            for row in csv.DictReader(file)
        }


def _read_constants(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["constant_id"]: row["constant_value"] for row in csv.DictReader(file)}


def _check_unique(catalog: Catalog) -> None:
    lists = {
        "sources.yml": [source.source_id for source in catalog.sources],
        "indicators.yml": [indicator.indicator_id for indicator in catalog.indicators],
        "published_tables.yml": [table.table_id for table in catalog.published.tables],
        "release.yml": [table.table for table in catalog.release.tables],
    }
    for file_name, ids in lists.items():
        for one in ids:
            if ids.count(one) > 1:
                raise CatalogError(f"Katalogfilen {file_name}: {one} står två gånger; ta bort den ena.")


def _check_references(catalog: Catalog) -> None:
    users = [("sources.yml", one.source_id, one.caveats) for one in catalog.sources]
    users += [("indicators.yml", one.indicator_id, one.caveats) for one in catalog.indicators]
    users += [
        ("indicators.yml", key, [*one.caveats, *filter(None, [one.unseen_months])])
        for key, one in catalog.definition_texts.items()
    ]
    users += [("published_tables.yml", one.table_id, one.caveats) for one in catalog.published.tables]
    for file_name, owner, keys in users:
        for key in keys:
            if key not in catalog.caveats:
                raise CatalogError(
                    f"Katalogfilen {file_name}: {owner} pekar på förbehållet {key}, som saknas i caveats.yml."
                )
    released = {one.table for one in catalog.release.tables}
    for one in catalog.release.tables:
        for other in one.refers_to:
            if other not in released:
                raise CatalogError(
                    f"Katalogfilen release.yml: {one.table} pekar på {other}, som saknas under tables."
                )
    for event in catalog.events.events:
        if event.kind not in catalog.events.kinds:
            raise CatalogError(f"Katalogfilen events.yml: slaget {event.kind} saknas under kinds.")
    for reading in catalog.variation.readings:
        for chart in reading.charts:
            if chart not in catalog.variation.charts:
                raise CatalogError(
                    f"Katalogfilen variation.yml: {reading.reading_id} pekar på diagrammet {chart}, som saknas under charts."
                )
    for indicator in catalog.indicators:
        for definition_id in indicator.definitions:
            if definition_id not in catalog.definitions or definition_id not in catalog.definition_texts:
                raise CatalogError(
                    f"Katalogfilen indicators.yml: {indicator.indicator_id} pekar på definitionen {definition_id}, "
                    "som måste finnas både i definitions.csv och under definition_texts."
                )


def _check_published(catalog: Catalog) -> None:
    published = catalog.published
    known = {source.source_id for source in catalog.sources}
    for source_id in (published.source_id, *(table.source_id for table in published.tables)):
        if source_id is not None and source_id not in known:
            raise CatalogError(f"Katalogfilen published_tables.yml: källan {source_id} saknas i sources.yml.")
    indicators = {one.indicator_id: one for one in catalog.indicators}
    for table in published.tables:
        for figure in table.figures:
            indicator = indicators.get(figure.indicator_id)
            if indicator is None or figure.definition_id not in indicator.definitions:
                raise CatalogError(
                    f"Katalogfilen published_tables.yml: {table.table_id} pekar på {figure.indicator_id} "
                    f"({figure.definition_id}), som saknas i indicators.yml."
                )
            if UNIT_OF_PRINTED.get(figure.unit, figure.unit) != indicator.unit:
                raise CatalogError(
                    f"Katalogfilen published_tables.yml: enheten {figure.unit} i {table.table_id} stämmer inte med "
                    f"{indicator.indicator_id}, som har enheten {indicator.unit}."
                )
            if (figure.selector is None) != (table.selector_column is None):
                raise CatalogError(
                    f"Katalogfilen published_tables.yml: {table.table_id} behöver både selector_column och selector, "
                    "eller ingen av dem."
                )
