"""SCB's answers in json-stat2: the population of the demo, and yearly equivalents with the faults of the real table."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from orchestration.demo.official.figures import Official, made_up
from orchestration.demo.population import ADULT_AGE, AGES, age_weights, spread

URL = "https://statistikdatabasen.scb.se/api/v2/tables"
_FOOTNOTES = [
    "Påhittat uttag för demonstration; siffrorna är inte verkliga.",
    "Statistiken justeras inte för bortfall: kommuner som inte rapporterat ekonomiskt bistånd redovisas som 0.",
]
_AGE_GROUP = "20-64"
_SEXES = {"1": "män", "2": "kvinnor", "1+2": "totalt"}


def answers(official: Official, config: dict) -> dict[str, list[tuple[str, bytes]]]:
    """(address, bytes) of each answer by dataset."""
    return {
        "population": [(f"{URL}/TAB638/data?lang=sv&outputFormat=json-stat2", _population(official))],
        "yearly_equivalents": [
            (f"{URL}/TAB1386/data?lang=sv&outputFormat=json-stat2", _equivalents(official, config))
        ],
    }


def _population(official: Official) -> bytes:
    """Folkmängd by Region, Alder, Kon, ContentsCode and Tid: the same whole numbers as the delivered population file."""
    women, men = age_weights()
    shape = (len(official.codes), len(AGES), 2, len(official.years))
    counts = np.zeros(shape, dtype=np.int64)
    for place in range(shape[0]):
        for number in range(shape[3]):
            for part, total in (
                (AGES < ADULT_AGE, official.children[place, number]),
                (AGES >= ADULT_AGE, official.adults[place, number]),
            ):
                both = np.concatenate([women[part], men[part]])
                of_women, of_men = spread(int(total), both).reshape(2, -1)
                counts[place, part, 1, number], counts[place, part, 0, number] = of_women, of_men
    ages = [*(str(age) for age in AGES[:-1]), "100+"]
    return _dataset(
        "Folkmängden efter region, ålder, kön och år",
        {
            "Region": ("region", {code: official.names[code] for code in official.codes}),
            "Alder": ("ålder", {age: f"{age} år" for age in ages}),
            "Kon": ("kön", {"1": "män", "2": "kvinnor"}),
            "ContentsCode": ("tabellinnehåll", {"BE0101N1": "Folkmängd"}),
            "Tid": ("år", {str(year): str(year) for year in official.years}),
        },
        counts.reshape(-1).tolist(),
        _FOOTNOTES[:1],
    )


def _equivalents(official: Official, config: dict) -> bytes:
    """Helårsekvivalenter by Region, Kon, Aldersgrupp, ContentsCode and Tid; a month is missing as in the real table."""
    scb = config["scb"]
    months = [f"{year}M{month:02}" for year in official.years for month in range(1, 13)]
    contents = [*((one["code"], one["name"]) for one in scb["contents"]), ("SUMMA", "Summa")]
    cells = np.full((len(official.codes), 3, 1, len(contents), len(months)), np.nan)
    for place, code in enumerate(official.codes):
        working = np.repeat(official.adults[place] * scb["working_age_share"], 12)
        for number, one in enumerate(scb["contents"]):
            if one["per_thousand"] is None:
                whole = official.money.households_by_month[place].reshape(-1) * scb["household_month_weight"]
            else:
                chance = made_up(config["seed"], one["code"], code)
                level = one["per_thousand"] * chance.lognormal(0, 0.25)
                whole = working * level / 1000 * (1 + 0.03 * chance.normal(size=len(months)))
            women = np.rint(whole * scb["women_share"])
            cells[place, :, 0, number] = np.rint(whole) - women, women, np.rint(whole)
        cells[place, :, 0, -1] = cells[place, :, 0, :-1].sum(axis=1)
    cells[..., [months.index(month) for month in scb["missing_months"]]] = np.nan
    return _dataset(
        "Helårsekvivalenter efter region, kön, åldersgrupp, tabellinnehåll och månad",
        {
            "Region": ("region", {code: official.names[code] for code in official.codes}),
            "Kon": ("kön", _SEXES),
            "Aldersgrupp": ("åldersgrupp", {_AGE_GROUP: f"{_AGE_GROUP} år"}),
            "ContentsCode": ("tabellinnehåll", dict(contents)),
            "Tid": ("månad", {month: month for month in months}),
        },
        [None if np.isnan(value) else int(value) for value in cells.reshape(-1)],
        _FOOTNOTES,
    )


def _dataset(
    label: str, dimensions: dict[str, tuple[str, dict[str, str]]], values: list[Any], footnotes: list[str]
) -> bytes:
    content = {
        "version": "2.0", "class": "dataset", "label": label, "source": "SCB", "updated": "2021-02-22T07:00:00Z",
        "note": footnotes, "id": list(dimensions), "size": [len(codes) for _, codes in dimensions.values()],
        "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
        "dimension": {
            name: {
                "label": text,
                "category": {"index": {code: place for place, code in enumerate(codes)}, "label": codes},
            }
            for name, (text, codes) in dimensions.items()
        },
        "value": values,
        "status": {str(place): ".." for place, value in enumerate(values) if value is None},
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False).encode()
