"""A report as PDF and as HTML: the same blocks, each with its template; the same release gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from orchestration.release import pictures
from orchestration.release.report.blocks import Report
from orchestration.release.report.content import make_report
from orchestration.release.report.questions import Questions
from orchestration.release.store import Release

FORMS = ("pdf", "html")
_TEMPLATES = files("orchestration.release.report")


def report_bytes(
    release: Release, area: str, year: int | None, form: str = "pdf", questions: Questions | None = None
) -> bytes:
    """The report of an area (id or name) and a year (None: the latest with figures) in one of FORMS, for a button or a file.

    Raises PlainError when the release has no such year of the area.
    """
    return written(make_report(release, area, year, questions), form)


def written(report: Report, form: str) -> bytes:
    """The report in one of FORMS."""
    return as_pdf(report) if form == "pdf" else as_html(report).encode()


def report_name(area: str, year: int, release: Release, form: str = "pdf") -> str:
    """`rapport_1480_2019_<release>.pdf`."""
    return f"rapport_{area.replace(':', '_')}_{year}_{release.release_id}.{form}"


def as_pdf(report: Report) -> bytes:
    """A4, tagged for screen readers (PDF/UA-1)."""
    import typst

    # its stub asks for a file to write, which is not needed
    found: bytes = typst.compile(  # type: ignore[misc]
        _TEMPLATES.joinpath("report.typ").read_bytes(),
        font_paths=[pictures.font_folder()],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(asdict(report), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        # as the document's own date, and not the moment of writing
        timestamp=0,
    )
    return found


def as_html(report: Report) -> str:
    """One file that needs no other."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATES.joinpath("report.html.j2").read_text(encoding="utf-8"))
    # a picture comes from here and is markup; every text is escaped
    return template.render(report=asdict(report), rows=_rows, svg=Markup)


def _rows(blocks: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Blocks in rows: two pictures of half the width stand beside each other."""
    found: list[list[dict[str, Any]]] = []
    for block in blocks:
        is_second = found and len(found[-1]) == 1 and found[-1][0].get("half")
        if block.get("half") and is_second:
            found[-1].append(block)
        else:
            found.append([block])
    return found
