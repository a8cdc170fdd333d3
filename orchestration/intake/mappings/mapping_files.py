"""Mapping files: how a vendor's export is read as the canonical delivery. Which one applies to a file.

The catalogue's lie in data/catalog/mappings, a user's own in landing/mappings of the data folder; where both fit, the
user's own is taken. Every value in the YAML is read as text, so that a code keeps its leading zero.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from orchestration.errors import RegisterError
from orchestration.intake.files.headers import FoundHeader, normalised_name
from orchestration.intake.rules.catalogue import (
    CATALOG,
    OPTIONAL_KINDS,
    PERSON_MONTHS,
    canonical_columns,
    columns_of,
    source_systems,
)
from orchestration.settings import Settings

CATALOG_MAPPINGS = CATALOG / "mappings"
ROLES = ("RL", "MS", "BARN")
PERIOD_PARTS = re.compile(r"ÅÅÅÅ|YYYY|ÅÅ|YY|månad|MM|M|DD|D")
_NAME = re.compile(r"(?!.*[0-9]{6})[a-zåäö0-9][a-zåäö0-9_-]{0,59}")


class MappingError(RegisterError):
    """A mapping file cannot be used."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _canonical(name: str) -> str:
    names = [column.name for column in canonical_columns()]
    if name not in names:
        raise ValueError(f"{name} är ingen kolumn i leveransformatet; välj bland {', '.join(names)}")
    return name


def _sources(columns: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """One source column or several, which are joined with a blank."""
    read = {}
    for name, source in columns.items():
        parts = tuple(source) if isinstance(source, list | tuple) else (source,)
        if not parts or not all(isinstance(part, str) and normalised_name(part) for part in parts):
            raise ValueError(f"{_canonical(name)} saknar källkolumn; skriv kolumnens namn i uttaget")
        read[_canonical(name)] = parts
    return read


class RowFilter(_Part):
    """Rows are kept when the column's value is one of `values` (`in`), or none of `not_in` ("" is a blank); when it holds one
    of the texts of `contains`, or none of `not_contains`. One of the four."""

    column: str
    values: tuple[str, ...] = Field(default=(), alias="in")
    not_in: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> RowFilter:
        if sum(map(bool, (self.values, self.not_in, self.contains, self.not_contains))) != 1:
            raise ValueError("ett urval har antingen in eller not_in, eller contains eller not_contains")
        if not all(text.strip() for text in (*self.contains, *self.not_contains)):
            raise ValueError("en text i contains och not_contains är inte tom")
        return self


class KnownValues(_Part):
    """Every value that a column may have: rows with one of `read` are read, those with one of `leave_out` are not, and a row with any
    other value is quarantined (R24), so that a new kind of decision or status is never taken for something else."""

    column: str
    read: tuple[str, ...] = Field(min_length=1)
    leave_out: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> KnownValues:
        folded = [value.strip().lower() for value in (*self.read, *self.leave_out)]
        if len(folded) != len(set(folded)):
            raise ValueError("ett värde står två gånger i read och leave_out")
        return self


class AmountBy(_Part):
    """A column that says which of the two amounts a row's amount is; any other value is quarantined (R24)."""

    column: str
    forsorjningsstod_kr: tuple[str, ...] = Field(min_length=1)
    ovrigt_bistand_kr: tuple[str, ...] = Field(min_length=1)

    def as_known(self) -> KnownValues:
        return KnownValues(column=self.column, read=(*self.forsorjningsstod_kr, *self.ovrigt_bistand_kr))


class Months(_Part):
    """The two columns that say from which day to which a row holds: it becomes one row for each month. The row's amount is
    divided evenly over them, or stands for each of them (`amount_per_month`)."""

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    amount_per_month: bool = False


class Derived(_Part):
    """An export without roles and household types: a column that says who applies together with somebody (1, ja, true); the
    rest follows from ages and sexes."""

    co_applicant: str


class Person(_Part):
    """One person of a household row. With `up_to`, `{n}` in the column names counts from 1; with `split` the cell of the
    personnummer may hold several of them."""

    role: str
    columns: dict[str, tuple[str, ...]]
    up_to: int = Field(default=0, ge=0, le=30)
    split: bool = False

    @field_validator("role")
    @classmethod
    def _known_role(cls, role: str) -> str:
        if role not in ROLES:
            raise ValueError(f"role är {', '.join(ROLES)}")
        return role

    @field_validator("columns", mode="before")
    @classmethod
    def _known_columns(cls, columns: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return _sources(columns)

    @model_validator(mode="after")
    def _has_number(self) -> Person:
        if "personnummer" not in self.columns:
            raise ValueError("varje person i persons behöver personnummer")
        if any(("{n}" in part) != bool(self.up_to) for source in self.columns.values() for part in source):
            raise ValueError("{n} i kolumnnamnen och up_to hör ihop")
        if self.split and self.up_to:
            raise ValueError("split och up_to hör inte ihop")
        return self


class Mapping(_Part):
    """One mapping file. `columns` says which source column each canonical column comes from."""

    name: str
    description: str = ""
    signature: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, tuple[str, ...]]
    optional: tuple[str, ...] = ()
    constants: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    period_format: str = ""
    filters: tuple[RowFilter, ...] = ()
    known_values: tuple[KnownValues, ...] = ()
    amount_by: AmountBy | None = None
    persons: tuple[Person, ...] = ()
    amounts_on_rl_row: bool = False
    reason_on_rl_row: bool = False
    household_type_from_persons: bool = False
    source_system: str | None = None
    sheet: str | None = None
    fill_down: tuple[str, ...] = ()
    months: Months | None = None
    sum_payments: bool = False
    net_recoveries: bool = False
    derive: Derived | None = None
    is_draft: bool = False

    @field_validator("columns", mode="before")
    @classmethod
    def _known_columns(cls, columns: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return _sources(columns)

    @field_validator("source_system")
    @classmethod
    def _known_system(cls, name: str | None) -> str | None:
        if name is not None and name not in source_systems():
            raise ValueError(f"source_system är {', '.join(sorted(source_systems()))}")
        return name

    @field_validator("constants", "codes")
    @classmethod
    def _known_names(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {_canonical(name): value for name, value in values.items()}

    @field_validator("period_format")
    @classmethod
    def _has_year_and_month(cls, text: str) -> str:
        parts = PERIOD_PARTS.findall(text)
        years = sum(part[0] in "ÅY" for part in parts)
        if text and (years != 1 or sum(part[0] in "mM" for part in parts) != 1):
            raise ValueError("period_format behöver ett år (ÅÅÅÅ) och en månad (MM eller månad)")
        return text

    @model_validator(mode="after")
    def _is_complete(self) -> Mapping:
        shared = set(self.columns) | set(self.constants)
        if self.months:
            shared |= {"period"}
        if self.derive:
            shared |= {"roll"}
        if self.net_recoveries and not self.sum_payments:
            raise ValueError("net_recoveries behöver sum_payments")
        if self.reason_on_rl_row and self.persons:
            raise ValueError("reason_on_rl_row och persons hör inte ihop: skriv hindret hos sin person")
        if self.amount_by and not {"forsorjningsstod_kr", "ovrigt_bistand_kr"} <= set(self.columns):
            raise ValueError("amount_by behöver båda beloppen i columns, ur samma kolumn")
        if self.derive and self.persons:
            raise ValueError("derive och persons hör inte ihop")
        if self.persons:
            shared |= {"roll", *(set.intersection(*(set(person.columns) for person in self.persons)))}
        missing = [column.name for column in canonical_columns() if column.required == "file"]
        missing = [name for name in missing if name not in shared]
        if missing:
            raise ValueError(f"{', '.join(missing)} saknar källkolumn eller konstant")
        if both := set(self.columns) & set(self.constants):
            raise ValueError(f"{', '.join(sorted(both))} har både källkolumn och konstant")
        return self

    def closed_lists(self) -> tuple[KnownValues, ...]:
        """Every column whose values are all known."""
        return (*self.known_values, *((self.amount_by.as_known(),) if self.amount_by else ()))

    def source_names(self) -> Iterator[str]:
        """Every source column the mapping names."""
        yield from self.signature
        for source in self.columns.values():
            yield from source
        yield from (row_filter.column for row_filter in self.filters)
        yield from (known.column for known in self.closed_lists())
        yield from self.fill_down
        if self.months:
            yield from (self.months.first, self.months.last)
        if self.derive:
            yield self.derive.co_applicant
        for person in self.persons:
            for number in range(1, max(person.up_to, 1) + 1):
                for source in person.columns.values():
                    yield from (part.replace("{n}", str(number)) for part in source)

    def fits(self, header: FoundHeader) -> bool:
        return all(header.holds(name) for name in self.signature)


@dataclass(frozen=True)
class Mappings:
    """What can be chosen among. `broken` holds the reason for each file that cannot be used, by name."""

    own: dict[str, Mapping] = field(default_factory=dict)
    shared: dict[str, Mapping] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    def named(self, name: str) -> Mapping | None:
        """Raises MappingError when the file of that name cannot be used."""
        if name in self.broken:
            raise MappingError(self.broken[name])
        return self.own.get(name) or self.shared.get(name)

    def knows(self, name: str | None) -> bool:
        return name is not None and (name in self.own or name in self.shared or name in self.broken)

    def fitting(self, header: FoundHeader) -> list[Mapping]:
        """The mappings whose signature stands in the header: a user's own, else the catalogue's."""
        own = [mapping for mapping in self.own.values() if mapping.fits(header)]
        return own or [
            mapping
            for name, mapping in self.shared.items()
            if name not in self.own and name not in self.broken and mapping.fits(header)
        ]

    def with_sheets(self) -> list[Mapping]:
        """Those that name a sheet, a user's own first."""
        return [
            mapping
            for mapping in (*self.own.values(), *self.shared.values())
            if mapping.sheet and self.named(mapping.name) is mapping
        ]

    def known_names(self) -> set[str]:
        """Normalised names of all source columns and all canonical ones."""
        names = {
            normalised_name(column.name)
            for kind in (PERSON_MONTHS, *OPTIONAL_KINDS)
            for column in columns_of(kind)
        }
        for mapping in (*self.own.values(), *self.shared.values()):
            names.update(normalised_name(name) for name in mapping.source_names())
        return names


NO_MAPPINGS = Mappings()


def own_mappings_folder(settings: Settings) -> Path:
    return settings.home / "landing" / "mappings"


def load_mappings(settings: Settings) -> Mappings:
    """Every mapping of the catalogue and of the user. A file that cannot be used stands in `broken`, never raises."""
    digest = hashlib.sha256()
    broken: dict[str, str] = {}
    kinds: list[dict[str, Mapping]] = []
    for folder in (CATALOG_MAPPINGS, own_mappings_folder(settings)):
        found: dict[str, Mapping] = {}
        for path in sorted(folder.glob("*.yml")):
            try:
                digest.update(path.stem.encode() + b"\0" + path.read_bytes() + b"\0")
                found[path.stem] = read_mapping(path)
                broken.pop(path.stem, None)
            except MappingError as problem:
                broken[path.stem] = str(problem)
            except OSError:
                broken[path.stem] = f"Mappningen {path.name} går inte att läsa: ge kontot läsrätt."
        kinds.append(found)
    return Mappings(kinds[1], kinds[0], broken, digest.hexdigest())


class _TextLoader(yaml.SafeLoader):
    """Reads every scalar as text, and refuses a key that stands twice."""


def _mapping_node(loader: _TextLoader, node: yaml.MappingNode) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in read:
            raise yaml.constructor.ConstructorError(None, None, "key", key_node.start_mark)
        read[key] = loader.construct_object(value_node, deep=True)
    return read


_TextLoader.yaml_implicit_resolvers = {}
_TextLoader.add_constructor("tag:yaml.org,2002:map", _mapping_node)


def read_mapping(path: Path) -> Mapping:
    """One mapping file. Raises MappingError with one Swedish sentence: which file, where, what to do."""
    problem = f"Mappningen {path.name} går inte att använda"
    if not _NAME.fullmatch(path.stem):
        raise MappingError(
            f"{problem}: filnamnet får bara ha små bokstäver, siffror (högst fem i rad), _ och -; byt namn."
        )
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _TextLoader)
    except UnicodeDecodeError:
        raise MappingError(f"{problem}: den är inte UTF-8; spara om den.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" på rad {mark.line + 1}" if mark else ""
        raise MappingError(f"{problem}: den är inte rätt YAML{line}; rätta den.") from None
    if not isinstance(document, dict):
        raise MappingError(f"{problem}: den är tom eller ingen lista av nycklar; fyll i den.")
    if document.pop("name", path.stem) != path.stem:
        raise MappingError(f"{problem}: name är inte filens namn; skriv name: {path.stem}.")
    try:
        return Mapping(name=path.stem, **document)
    except ValidationError as error:
        raise MappingError(f"{problem}: {_swedish(error)}; rätta filen.") from None


def _swedish(error: ValidationError) -> str:
    """The first thing wrong, without any value of the file but its keys."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    texts = {
        "missing": "nyckeln saknas",
        "extra_forbidden": "nyckeln är okänd",
        "too_short": "listan är tom",
        "bool_parsing": "skriv true eller false",
        "int_parsing": "skriv ett heltal",
        "greater_than_equal": "talet är för litet",
        "less_than_equal": "talet är för stort",
    }
    if first["type"] == "value_error":
        text = str(first["ctx"]["error"])
    else:
        text = texts.get(first["type"], "värdet har fel form")
    return f"{place}: {text}" if place else text
