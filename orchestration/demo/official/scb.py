"""SCB's answers in json-stat2: the population of the demo, and yearly equivalents with the faults of the real table."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from orchestration.demo.official.figures import Official, made_up
from orchestration.demo.population import ADULT_AGE, AGES, age_weights, spread

URL = "https://statistikdatabasen.scb.se/api/v2/tables"
URL_V1 = "https://api.scb.se/OV0104/v1/doris/sv/ssd/START"
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
        "families": [(f"{URL_V1}/LE/LE0102/LE0102J/LE0102T19N", _families(official, config))],
        "forecast": [(f"{URL}/TAB698/data?lang=sv&outputFormat=json-stat2", _forecast(official, config))],
        "price_index": [(f"{URL_V1}/PR/PR0101/PR0101L/KPIFastAmed", _price_index(official, config))],
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


def _families(official: Official, config: dict) -> bytes:
    """Families with children 0–17 by Region, AlderBarn, Familjetyp, Barn and Tid: shares of the made-up children."""
    types, numbers = config["scb"]["families"]["types"], config["scb"]["families"]["children"]
    weights = np.array([one["share"] * number["share"] for one in types for number in numbers])
    # a family has so many children on average
    mean = sum(number["share"] * (place + 1) for place, number in enumerate(numbers))
    cells = np.stack(
        [
            np.stack([spread(int(count / mean), weights) for count in years], axis=-1)
            for years in official.children
        ]
    )
    return _dataset(
        "Antal familjer efter region, barnens ålder, familjetyp, antal barn och år",
        {
            "Region": ("region", {code: official.names[code] for code in official.codes}),
            "AlderBarn": ("barnens ålder", {"0-17": "0-17 år"}),
            "Familjetyp": ("familjetyp", {one["code"]: one["name"] for one in types}),
            "Barn": ("antal barn", {one["code"]: one["name"] for one in numbers}),
            "ContentsCode": ("tabellinnehåll", {"PAAHITTAT": "Antal familjer"}),
            "Tid": ("år", {str(year): str(year) for year in official.years}),
        },
        cells.reshape(-1).tolist(),
        _FOOTNOTES[:1],
    )


def _forecast(official: Official, config: dict) -> bytes:
    """Folkmängd by Region, Kon, Alder, ContentsCode and Tid: the last year's people, more or fewer by a made-up pace."""
    forecast = config["scb"]["forecast"]
    years = range(official.years[-1] + 1, official.years[-1] + 1 + forecast["years"])
    women, men = age_weights()
    both = np.concatenate([men, women])
    cells = np.zeros((len(official.codes), 2, len(AGES), 1, len(years)), dtype=np.int64)
    for place, code in enumerate(official.codes):
        pace = made_up(config["seed"], "forecast", code).normal(forecast["yearly_change"], forecast["spread"])
        for number in range(len(years)):
            total = int(official.population[place, -1] * (1 + pace) ** (number + 1))
            cells[place, :, :, 0, number] = spread(total, both).reshape(2, -1)
    ages = [*(str(age) for age in AGES[:-1]), "100+"]
    return _dataset(
        "Framskriven folkmängd efter region, kön, ålder och år",
        {
            "Region": ("region", {code: official.names[code] for code in official.codes}),
            "Kon": ("kön", {"1": "män", "2": "kvinnor"}),
            "Alder": ("ålder", {age: f"{age} år" for age in ages}),
            "ContentsCode": ("tabellinnehåll", {"000004LG": "Folkmängd"}),
            "Tid": ("år", {str(year): str(year) for year in years}),
        },
        cells.reshape(-1).tolist(),
        _FOOTNOTES[:1],
    )


def _price_index(official: Official, config: dict) -> bytes:
    """An index of prices by ContentsCode and Tid, which rises by a made-up share a year."""
    index = config["scb"]["price_index"]
    values = [
        round(index["first"] * (1 + index["yearly_change"]) ** number, 2)
        for number in range(len(official.years))
    ]
    return _dataset(
        "Konsumentprisindex (KPI), årsmedeltal totalt, 1980=100",
        {
            "ContentsCode": ("tabellinnehåll", {"000000KL": "KPI, årsmedeltal"}),
            "Tid": ("år", {str(year): str(year) for year in official.years}),
        },
        values,
        _FOOTNOTES[:1],
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
