"""When somebody is to be told: the limits of data/catalog/operation.yml, or what an installation says instead."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.settings import Settings, SettingsError
from orchestration.yaml_files import read_yaml


class Limit(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(extra="forbid")
    value: float
    variable: str
    text: str
    basis: Literal["assumed"]


class _LimitFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limits: dict[str, Limit]


@cache
def known_limits(catalog: Path) -> dict[str, Limit]:
    """Every limit by its name."""
    return _LimitFile.model_validate(read_yaml(catalog / "operation.yml")).limits


def limit(settings: Settings, name: str) -> float:
    """The limit in force. Raises SettingsError when its variable holds no number above zero."""
    known = known_limits(settings.catalog)[name]
    given = os.environ.get(known.variable)
    if not given:
        return known.value
    try:
        value = float(given.replace(",", "."))
    except ValueError:
        value = -1
    if not 0 < value < float("inf"):
        raise SettingsError(
            f"{known.variable} kan inte tolkas; skriv ett tal över noll, till exempel {known.value:g}."
        )
    return value
