"""The rule catalogue and the canonical columns, read from data/catalog (the only place they are written)."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_ROOT
from orchestration.yaml_files import read_yaml

CATALOG = PROJECT_ROOT / "data" / "catalog"
SEVERITIES = ("error", "duplicate", "warning")


@dataclass(frozen=True)
class OptionalKind:
    """A kind of file beside the person months: the columns that it is known by, its name in Swedish, and the part of
    register_extract.yml with its columns."""

    known_by: tuple[str, ...]
    name: str
    columns: str


# what a file may hold, as the ledger calls it
PERSON_MONTHS = "register"
EXIT_REASONS = "exit_reasons"
ACTIVITIES = "activities"
REDUCTIONS = "reductions"
MEASURES = "measures"
HAND_COUNTS = "hand_counts"
OPTIONAL_KINDS = {
    EXIT_REASONS: OptionalKind(("avslutsorsak",), "avslutsorsaker", "exit_columns"),
    ACTIVITIES: OptionalKind(("lagrum", "anvisad_datum"), "anvisningar till aktivitet", "activity_columns"),
    REDUCTIONS: OptionalKind(
        ("utfall", "beslutsdatum"), "nekat och nedsatt försörjningsstöd", "reduction_columns"
    ),
    MEASURES: OptionalKind(("insats", "personnummer"), "insatser", "measure_columns"),
    HAND_COUNTS: OptionalKind(("insats", "antal"), "sammanställning gjord för hand", "hand_count_columns"),
}


@dataclass(frozen=True)
class Rule:
    """One rule of the intake. `scope` is `row` or `delivery`; `title` and `action` are Swedish texts."""

    id: str
    scope: str
    severity: str
    title: str
    action: str


@dataclass(frozen=True)
class Thresholds:
    """The numbers behind the rules. Shares are 0–1, ages completed years at 31 December, month `YYYY-MM`."""

    error_share_max: float
    first_period: str
    adult_age_from: int
    child_role_age_below: int
    child_applicant_household_type: int
    hold_fall_below: float
    hold_rise_above: float
    hold_months_max: int
    hold_months_min: int
    hold_households_from: int
    hold_families_from: int
    families_without_children_share_max: float
    amount_missing_share_max: float
    series_years_each_side: int
    series_years_min: int


@dataclass(frozen=True)
class Column:
    """One column of the canonical delivery. `required` is `file`, `amount`, `rl_row`, `adults` or `no`."""

    name: str
    required: str
    form: str


@cache
def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(path)
    return document


@cache
def rule_catalogue() -> dict[str, Rule]:
    """Every rule by id, in the order they stand in delivery_rules.yml.

    Raises ValueError when a rule has an unknown severity.
    """
    rules = [Rule(**entry) for entry in _document(CATALOG / "delivery_rules.yml")["rules"]]
    unknown = [rule.id for rule in rules if rule.severity not in SEVERITIES]
    if unknown:
        raise ValueError(
            f"Okänd allvarlighetsgrad i delivery_rules.yml för {', '.join(unknown)}; rätta filen."
        )
    return {rule.id: rule for rule in rules}


@cache
def thresholds() -> Thresholds:
    """The thresholds of delivery_rules.yml."""
    return Thresholds(**_document(CATALOG / "delivery_rules.yml")["thresholds"])


@cache
def _reference(name: str) -> tuple[dict[str, str], ...]:
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "reference" / name
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def reason_key(text: str) -> str:
    """How a reason is compared with the code list, as the macro of the same name."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter)
    )
    return re.sub("[^a-z0-9]", "", re.sub(r"\bmed\b", "m", plain, flags=re.ASCII))


def reason_names() -> dict[str, str]:
    """The Swedish name of every registration category by its key, in the order of the list."""
    return {row["reason_code"]: row["reason_name"] for row in _reference("reason_categories.csv")}


@cache
def known_reason_keys() -> frozenset[str]:
    """How every key, name and wording that is known without a mapping is compared."""
    texts = [text for pair in reason_names().items() for text in pair]
    texts += [row["alias"] for row in _reference("reason_aliases.csv") if row["is_code"] != "true"]
    return frozenset(map(reason_key, texts))


@cache
def municipality_codes() -> frozenset[str]:
    """Every code of a municipality that there has been."""
    return frozenset(row["municipality_code"] for row in _reference("municipalities.csv"))


def source_systems() -> set[str]:
    """The case systems whose codes for reasons are known, some of them."""
    return {row["source_system"] for row in _reference("reason_aliases.csv")}


@cache
def canonical_columns() -> tuple[Column, ...]:
    """The columns of the delivery contract, in the order of register_extract.yml."""
    return tuple(Column(**entry) for entry in _document(CATALOG / "register_extract.yml")["columns"])


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of the contract for one kind of file."""
    if kind not in OPTIONAL_KINDS:
        return canonical_columns()
    entries = _document(CATALOG / "register_extract.yml")[OPTIONAL_KINDS[kind].columns]
    return tuple(Column(**entry) for entry in entries)
