"""Parts that several pages are made of: measures over the years as a chart and as a table, groups of a year as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboards import queries
from dashboards.components import charts, layout, picture, words

Key = tuple[str, str]


def of(values: pd.DataFrame, key: Key) -> pd.DataFrame:
    """The rows of one indicator and definition."""
    return values[(values["indicator_id"] == key[0]) & (values["definition_id"] == key[1])]


def choose_area_and_year(
    page: layout.Page, keys: Sequence[Key]
) -> tuple[pd.Series, pd.DataFrame, int, list[int]]:
    """The choices of a page on yearly measures: the area, its yearly values, the year, and the years there are, the latest first.

    The latest year that is known of the measures is chosen at first. Where the area has no year the page says so and ends.
    """
    left, right = st.columns([3, 1])
    with left:
        area = layout.choose_area(page)
    values = queries.yearly_values(page.release, area["geography_id"])
    own = pd.concat([of(values, key) for key in keys])
    if own.empty:
        st.info("Det finns inga årsvärden för området ännu; ett helt kalenderår måste vara levererat.")
        raise layout.NothingMore
    with right:
        year, years = layout.choose_known_year(own)
    return area, values, year, years


def measure_table(
    page: layout.Page, values: pd.DataFrame, keys: Sequence[Key], heading: str = "Mått"
) -> None:
    """Measures by year, each figure in its own unit."""
    rows = []
    for key in keys:
        definition = layout.definition_of(page, *key)
        unit, decimals = definition["unit"], int(definition["decimals"])
        shown = {
            str(row.period_year): words.shown(row.value, row.value_status, unit, decimals)
            for row in of(values, key).itertuples()
        }
        rows.append({heading: definition["indicator_name"], **shown})
    table = pd.DataFrame(rows)
    layout.html_table(table, [column for column in table if column != heading])


def years(
    page: layout.Page, area: pd.Series, values: pd.DataFrame, names: Mapping[Key, str], height: int = 260
) -> None:
    """One chart of the measures over the years, `names` by their keys and of one unit, with the caption of the first."""
    found = [
        of(values, key).rename(columns={"period_year": "year"}).assign(series=name)
        for key, name in names.items()
    ]
    drawn = pd.concat(found)
    if drawn.empty:
        return
    definition = layout.definition_of(page, *next(iter(names)))
    first, last = int(drawn["year"].min()), int(drawn["year"].max())
    picture.show(
        charts.years_line(drawn, definition["unit"], int(definition["decimals"]), height=height),
        f"{', '.join(names.values())}: {area['geography_name']}, {words.years_text(first, last)}",
    )
    others = [layout.definition_of(page, *key) for key in list(names)[1:]]
    layout.caption(
        page,
        definition,
        words.years_text(first, last),
        layout.coverage_text(page, area, None, max(int(definition["window_months"]) // 12, 1)),
        bool(drawn["is_preliminary"].any()),
        bool(drawn["is_estimated"].any()),
        also=" ".join(f"{one['indicator_name']}: {one['definition_text']}" for one in others),
        with_caveats=False,
    )


def groups(
    page: layout.Page, area: pd.Series, key: Key, by: str, year: int, leave_out: Sequence[str] = ()
) -> None:
    """Bars of the groups of a breakdown in a year, and every year in a table folded away."""
    definition = layout.definition_of(page, *key)
    unit, decimals = definition["unit"], int(definition["decimals"])
    found = queries.broken_down(page.release, area["geography_id"], *key, by)
    found = found[~found["group_code"].isin(leave_out)]
    names = queries.breakdowns(page.release)
    names = names[names["dimension_id"] == by].set_index("value_code")["value_name"]
    found = found[found["group_code"].isin(names.index)]
    if found.empty:
        st.html('<div class="bl-note">Uppdelningen finns inte för området i den här utgåvan.</div>')
        return
    found = found.assign(
        label=[names[code] for code in found["group_code"]],
        place=[list(names.index).index(code) for code in found["group_code"]],
    ).sort_values("place", kind="stable")
    one = found[found["period_year"] == year]
    if len(one):
        picture.show(
            charts.bars(one[["label", "value", "value_status"]], unit, decimals, row_height=34),
            f"{definition['indicator_name']} efter grupp, {area['geography_name']} {year}",
        )
    with st.expander(f"{definition['indicator_name']}: alla år i tabell"):
        shown = found.assign(
            shown=[words.shown(row.value, row.value_status, unit, decimals) for row in found.itertuples()]
        )
        table = shown.pivot(index="label", columns="period_year", values="shown").loc[
            list(dict.fromkeys(found["label"]))
        ]
        table.columns = [str(year) for year in table.columns]
        layout.html_table(table.reset_index(names="Grupp"), list(table.columns))
    layout.caption(page, definition, str(year), layout.coverage_text(page, area, year), with_caveats=False)


def download(
    page: layout.Page, area: pd.Series, values: pd.DataFrame, keys: Sequence[Key], name: str
) -> None:
    """The measures of the page as a file."""
    raw = values.merge(
        queries.indicators(page.release)[
            ["indicator_id", "definition_id", "indicator_name", "definition_name"]
        ],
        on=["indicator_id", "definition_id"],
    )
    raw = raw[[key in keys for key in zip(raw["indicator_id"], raw["definition_id"], strict=True)]]
    columns = {
        "indicator_name": "nyckeltal", "definition_name": "definition", "period_year": "ar", "value": "varde",
        "numerator": "taljare", "denominator": "namnare", "unit": "enhet", "value_status": "status",
    }  # fmt: skip
    export = layout.for_download(raw)[list(columns)].rename(columns=columns)
    layout.download(export, f"{name}_{area['geography_id'].replace(':', '_')}.csv", f"ladda_{name}")
