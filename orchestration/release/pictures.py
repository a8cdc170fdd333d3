"""A chart as a picture: Vega-Lite to SVG or PNG in this process, with letters of our own and nothing fetched."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

# installed with the program, so that a picture looks the same on every machine
FONT = "Source Sans Pro"
INK, QUIET, PAPER, GRID, HOLE = "#1f2933", "#52606d", "#ffffff", "#e4e7eb", "#eef0f3"
# the own figure first; told apart by lightness as well as hue
OWN, SIMILAR, ALL, PALE = "#1f5a8c", "#b4531f", "#6b7780", "#7590aa"
_THEME_PAIR = re.compile(r"light-dark\(((?:[^(),]|\([^()]*\))+),(?:[^(),]|\([^()]*\))+\)")
_WIDTH = 760

Spec = Mapping[str, Any]


@cache
def font_folder() -> str:
    """The folder with the letters."""
    return str(files("font_source_sans_pro") / "files")


def svg(spec: Spec) -> str:
    """A chart (Vega-Lite, its data inline) as SVG whose text is text."""
    return str(_converter().vegalite_to_svg(_light(spec), allowed_base_urls=[]))


def png(spec: Spec, scale: float = 2) -> bytes:
    """A chart as PNG, `scale` pixels to each of its own."""
    return bytes(_converter().vegalite_to_png(_light(spec), scale=scale, allowed_base_urls=[]))


def signed(spec: Spec, title: str, source: str, width: int = _WIDTH) -> dict[str, Any]:
    """The chart with its title above and `source` (source, release, day) below, so that it can stand alone.

    A chart without a width of its own becomes `width` wide.
    """
    inner = {name: part for name, part in spec.items() if name not in ("config", "$schema", "datasets")}
    if not {"hconcat", "vconcat", "concat", "facet", "repeat"} & inner.keys() and not isinstance(
        inner.get("width"), int | float
    ):
        inner["width"] = width
    inner.pop("autosize", None)
    lines = textwrap.wrap(source, width // 6)
    foot = {
        "data": {"values": [{}]},
        "width": width,
        "height": 16 * len(lines),
        "view": {"stroke": None},
        "mark": {
            "type": "text", "text": lines, "x": 0, "y": 8, "align": "left", "fontSize": 12, "lineHeight": 16, "color": QUIET,
        },
    }  # fmt: skip
    return {
        **{name: spec[name] for name in ("$schema", "config", "datasets") if name in spec},
        "background": PAPER,
        "padding": 16,
        "title": {
            "text": textwrap.wrap(title, width // 9), "anchor": "start", "fontSize": 18, "fontWeight": 600, "color": INK,
            "offset": 14, "frame": "group",
        },
        "vconcat": [inner, foot],
    }  # fmt: skip


def _light(spec: Spec) -> dict[str, Any]:
    """A picture is of the light theme: of each pair of colours the first."""
    found: dict[str, Any] = json.loads(_THEME_PAIR.sub(r"\1", json.dumps(spec)))
    config = {**found.get("config", {}), "font": FONT}
    return found | {"config": config}


@cache
def _converter() -> Any:
    import vl_convert

    vl_convert.register_font_directory(font_folder())
    return vl_convert
