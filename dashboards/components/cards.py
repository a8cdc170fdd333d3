"""Cards with a key figure: its value, a small line over the years, and that of similar municipalities."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.components import address, colours, layout, words

_WIDTH, _HEIGHT, _EDGE = 240, 56, 6


@dataclass(frozen=True)
class Card:
    """What a card shows. `series`: year, value, value_status; `code` of the measure, for the link to its definition."""

    name: str
    value: str
    is_word: bool
    of: str
    step: str
    series: pd.DataFrame
    unit: str
    decimals: int
    beside: str
    code: str


def as_html(card: Card) -> str:
    """The card as HTML."""
    link = address.link("definitioner", matt=card.code)
    return (
        f'<div class="bl-card"><div class="bl-name">{layout.escape(card.name)}</div>'
        f'<div class="bl-value{" bl-word" if card.is_word else ""}">{card.value}</div>'
        f'<div class="bl-of">{layout.escape(card.of)}</div><div class="bl-step">{layout.escape(card.step)}</div>'
        f"{sparkline(card.series, card.name, card.unit, card.decimals)}"
        f'<div class="bl-of">{layout.escape(card.beside)}</div>'
        f'<div class="bl-of"><a href="{layout.escape(link)}" target="_self" aria-label="Så räknas {layout.escape(card.name)}">'
        "Så räknas det</a></div></div>"
    )


def multiples(frame: pd.DataFrame, name: str, unit: str, decimals: int) -> str:
    """A small card per group, all on one scale that begins at nothing. `frame`: label, year, value, value_status."""
    known = frame["value"].dropna()
    span = (0.0, float(known.max())) if len(known) else None
    cards = []
    for label, part in frame.groupby("label", sort=False):
        last = part.sort_values("year").iloc[-1]
        text = words.shown(last["value"], last["value_status"], unit, decimals)
        cards.append(
            f'<div class="bl-card"><div class="bl-of">{layout.escape(label)}</div><div><b>{text}</b></div>'
            f"{sparkline(part, f'{name}, {label}', unit, decimals, span)}</div>"
        )
    return f'<div class="bl-cards bl-small">{"".join(cards)}</div>'


def sparkline(
    series: pd.DataFrame, name: str, unit: str, decimals: int, span: tuple[float, float] | None = None
) -> str:
    """A line over the years, broken where a year has no value, the last one marked; said in words for those who do not see
    it. Empty with fewer than two values. `span`: lowest and highest value of the scale, where several are compared."""
    rows = list(series.sort_values("year").itertuples())
    known = [row.value for row in rows if row.value_status == "published"]
    if len(known) < 2:
        return ""
    first, last = rows[0].year, rows[-1].year
    low, high = span or (min(known), max(known))

    def place(row: Any) -> tuple[float, float]:
        x = _EDGE + (row.year - first) / max(last - first, 1) * (_WIDTH - 2 * _EDGE)
        y = (
            _HEIGHT
            - _EDGE
            - ((row.value - low) / (high - low) if high > low else 0.5) * (_HEIGHT - 2 * _EDGE)
        )
        return round(x, 1), round(y, 1)

    parts: list[list[tuple[float, float]]] = [[]]
    for row in rows:
        if row.value_status == "published":
            parts[-1].append(place(row))
        elif parts[-1]:
            parts.append([])
    # a picture in a page cannot ask which theme the page has
    lines = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in part)}"/>' for part in parts if len(part) > 1
    )
    points = [one for part in parts for one in part]
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="{2 + 2 * ((x, y) == points[-1])}"/>' for x, y in points)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="none" stroke="{colours.IN_PICTURES}" '
        f'stroke-width="2.5">{lines}<g stroke="none" fill="{colours.IN_PICTURES}">{dots}</g></svg>'
    )
    source = f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
    said = ", ".join(f"{row.year} {words.shown(row.value, row.value_status, unit, decimals)}" for row in rows)
    return (
        f'<img class="bl-spark" src="{source}" alt="{layout.escape(f"{name}: {said}")}">'
        f'<div class="bl-years" aria-hidden="true"><span>{first}</span><span>{last}</span></div>'
    )
