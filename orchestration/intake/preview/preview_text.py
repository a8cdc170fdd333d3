"""The preview of a file as Swedish text."""

from __future__ import annotations

from orchestration.intake.files.headers import FoundHeader
from orchestration.intake.files.opening import OpenedFile
from orchestration.intake.mappings.mapping_files import Mapping
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS
from orchestration.intake.rules.judging import Intake

MERGED_CELLS = (
    "Bladet har {count} celler sammanfogade nedåt: bara den första raden i varje har ett värde. Dela dem i Excel, eller skriv "
    "fill_down i en mappning."
)
_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
_DELIMITERS = {";": "semikolon", ",": "komma", "\t": "tabb"}


def form_text(source: OpenedFile) -> str:
    parts = [source.file_format.upper()]
    if source.encoding:
        parts += [_ENCODINGS[source.encoding], f"skiljetecken {_DELIMITERS[source.delimiter]}"]
    return ", ".join(parts)


def header_text(source: OpenedFile, header: FoundHeader) -> str:
    if not source.header_line:
        return "kolumnnamnen i filen"
    if header.last > header.first:
        return f"två rader, till och med rad {source.header_line}"
    return f"rad {source.header_line}"


def mapping_text(mapping: Mapping | None, wanted: str | None, kind: str) -> str:
    if kind in OPTIONAL_KINDS:
        return f"ingen, filen läses som {OPTIONAL_KINDS[kind].name}"
    if mapping is None:
        return "ingen, filen läses som den kanoniska leveransen"
    why = "vald" if wanted else "känd på kolumnerna"
    draft = (
        "; ett utkast, bistand run använder den inte förrän raden is_draft är borta"
        if mapping.is_draft
        else ""
    )
    return f"{mapping.name} ({why}{draft})"


def rows_text(intake: Intake, loaded: int, quarantined: int, duplicate: int) -> str:
    parts = [f"{intake.rows_in_file} i filen"]
    if intake.rows_filtered:
        parts.append(f"{intake.rows_filtered} valda bort av mappningen")
    if intake.mapping_name:
        parts.append(f"{intake.rows_read} personrader")
    if intake.rows_summed:
        parts.append(f"{intake.rows_summed} utbetalningar lagda till en annan rad")
    parts += [f"{loaded} rätta", f"{quarantined} till karantän", f"{duplicate} dubbla"]
    if intake.lines_skipped:
        parts.append(f"{intake.lines_skipped} rader utanför tabellen")
    return ", ".join(parts)
