"""The row rules R00–R17 and the delivery rules D03 and D04, written anew from the contract in plain Python.

Slow and without any of the door's code: what the door says of every row of random deliveries is held against this.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

SEEDS = Path(__file__).parent.parent / "dbt_project" / "seeds" / "reference"
_BLANKS = " \t\r\n\u00a0\u202f"
_HOUSEHOLD_TYPES = {"1", "3", "4", "5", "6", "7", "8", "9"}
_FIRST_PERIOD = (1985, 1)
_ERRORS_MAX = Decimal("0.05")


@dataclass
class Verdict:
    """What becomes of one row: `outcome` is loaded, duplicate or quarantined (by `rule`)."""

    outcome: str
    rule: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Read:
    """One row in its own types; `rule` is the first one it breaks by itself."""

    rule: str | None
    unit: tuple[str, tuple[int, int]] | None = None
    household: tuple = ()
    person: str = ""
    role: str = ""
    type_code: str | None = None
    amounts: tuple[Decimal | None, Decimal | None] = (None, None)
    reasons: tuple[str | None, str | None] = (None, None)
    sex_differs: bool = False
    is_odd_number: bool = False
    # where a row that has no unit would have belonged, as far as can be read
    place: tuple[str | None, tuple[int, int] | None] = (None, None)
    others: tuple = ()

    def content(self) -> tuple:
        """What would be loaded of it, but for the person, the household and the month."""
        kind = (self.type_code or "9") if self.role == "RL" else None
        first, second = self.reasons
        return (
            self.role, kind, self.amounts, _reason(first) or ("text", first),
            _reason(second) if second else None, self.others,
        )  # fmt: skip

    @property
    def age(self) -> int:
        """At 31 December of the year of the month."""
        return self.unit[1][0] - int(self.person[:4])


def judge(rows: Iterable[dict[str, str]], today: date) -> list[Verdict]:
    """A verdict for every row of a delivery, in its order. [] for a delivery without rows (D03)."""
    read = [_read(row, today) for row in rows]
    verdicts = [Verdict("quarantined", one.rule) if one.rule else Verdict("loaded") for one in read]
    _repeated(read, verdicts)
    _households(read, verdicts)
    _refused_units(read, verdicts)
    return verdicts


def _repeated(read: list[_Read], verdicts: list[Verdict]) -> None:
    """R07 and R08: the same person, household and month more than once."""
    same = defaultdict(list)
    for place, one in enumerate(read):
        if not one.rule:
            same[one.household, one.person].append(place)
    for places in same.values():
        differs = len({read[place].content() for place in places}) > 1
        for number, place in enumerate(places):
            if differs:
                verdicts[place] = Verdict("quarantined", "R07")
            elif number:
                verdicts[place] = Verdict("duplicate", "R08")


def _households(read: list[_Read], verdicts: list[Verdict]) -> None:
    """R05 and the warnings, among the rows that are right so far."""
    members = defaultdict(list)
    for place, verdict in enumerate(verdicts):
        if verdict.outcome == "loaded":
            members[read[place].household].append(place)
    for places in members.values():
        heads = [read[place] for place in places if read[place].role == "RL"]
        for place in places:
            if len(heads) > 1:
                verdicts[place] = Verdict("quarantined", "R05")
            else:
                inside = [read[member] for member in places]
                verdicts[place].warnings = _warnings(read[place], heads[0] if heads else None, inside)


def _warnings(one: _Read, head: _Read | None, members: list[_Read]) -> list[str]:
    first, second = one.reasons
    children = [member for member in members if member.role == "BARN"]
    is_childless = kind_of(head) in ("3", "5", "7") and any(child.age < 18 for child in children)
    is_without = kind_of(head) in ("4", "6", "8") and not children
    kind = (head.type_code if head else None) or one.type_code
    met = {
        "R09": head is None,
        "R10": one.role != "BARN" and one.age >= 18 and first is None,
        "R11": any(reason is not None and _reason(reason) is None for reason in (first, second)),
        "R12": one.age >= 21 if one.role == "BARN" else one.age < 18 and kind != "1",
        "R13": one.type_code is None if one.role == "RL" else any(amount for amount in one.amounts if amount),
        "R14": one.sex_differs,
        "R15": one.role == "RL" and all(amount is None for member in members for amount in member.amounts),
        "R16": one.is_odd_number,
        "R17": one.role == "RL" and (is_childless or is_without),
    }
    return [rule for rule, is_met in met.items() if is_met]


def kind_of(head: _Read | None) -> str | None:
    return head.type_code if head else None


def _refused_units(read: list[_Read], verdicts: list[Verdict]) -> None:
    """D04: more than five per cent of a unit's rows are errors, with its part of those that could not be placed."""
    all_rows, errors = Counter(), Counter()
    loose = Counter(one.place[0] for one in read if not one.unit and None in one.place)
    for one, verdict in zip(read, verdicts, strict=True):
        if one.unit:
            all_rows[one.unit] += 1
            errors[one.unit] += verdict.outcome == "quarantined"
    of_municipality = Counter()
    for (code, _), count in all_rows.items():
        of_municipality[code] += count
    refused = set()
    for unit, count in all_rows.items():
        extra = count * (
            Fraction(loose[unit[0]], of_municipality[unit[0]]) + Fraction(loose[None], sum(all_rows.values()))
        )
        if errors[unit] + extra > Fraction(_ERRORS_MAX) * (count + extra):
            refused.add(unit)
    for place, one in enumerate(read):
        if one.unit in refused and verdicts[place].outcome == "loaded":
            verdicts[place] = Verdict("quarantined", "D04")


def _read(row: dict[str, str], today: date) -> _Read:
    cells = {name: value.strip(_BLANKS) for name, value in row.items()}
    month = _month(_saved_from_excel(cells["period"]))
    code = cells["kommunkod"]
    code = f"0{code}" if re.fullmatch("[0-9]{3}", code) else code
    where = (code if code in _MUNICIPALITIES else None, month)
    if code not in _MUNICIPALITIES or (month and not _existed(code, month[0])):
        return _Read("R01", place=where)
    if not month or not _FIRST_PERIOD <= month <= (today.year, today.month):
        return _Read("R02", place=where)
    unit = (code, month)
    if not cells["hushalls_id"]:
        return _Read("R00", unit)
    person = _person(cells["personnummer"], month)
    if person is None:
        return _Read("R03", unit)
    role = cells["roll"].upper()
    if role not in ("RL", "MS", "BARN"):
        return _Read("R04", unit)
    amounts = [_amount(cells[name]) for name in ("forsorjningsstod_kr", "ovrigt_bistand_kr")]
    if None in amounts:
        return _Read("R06", unit)
    kind = re.fullmatch("0?([0-9])([.,]0)?", cells["hushallstyp"])
    said = {"KVINNA": "K", "MAN": "M"}.get(cells["kon"].upper(), cells["kon"].upper())
    sex = "M" if int(person[10]) % 2 else "K"
    if person[8].isalpha() and person[8] != "T" and said in ("K", "M"):
        sex = said
    return _Read(
        None,
        unit,
        (unit, cells["hushalls_id"]),
        person,
        role,
        kind[1] if kind and kind[1] in _HOUSEHOLD_TYPES else None,
        tuple(amount if amount != "" else None for amount in amounts),
        tuple(cells[name] or None for name in ("forsorjningshinder", "forsorjningshinder_2")),
        bool(said) and said != sex,
        person[8].isalpha() or "00" in (person[4:6], person[6:8]) or person[6:8] == "60",
        others=(_yes(cells["utrikes_fodd"]), cells["distrikt"] or None),
    )


def _saved_from_excel(text: str) -> str:
    spellings = (
        "jan", "feb", "mar mars", "apr", "maj may", "jun juni june", "jul juli july", "aug", "sep sept", "okt oct", "nov", "dec",
    )  # fmt: skip
    numbers = {name: number for number, names in enumerate(spellings, 1) for name in names.split()}
    if (found := re.fullmatch("([a-z]+)[.]?-(19|20)?([0-9]{2})", text.lower())) and found[1] in numbers:
        century = found[2] or ("20" if found[3] < "70" else "19")
        return f"{century}{found[3]}-{numbers[found[1]]:02d}"
    found = re.fullmatch("([0-9]{4}-[0-9]{2})-01([ T]00:00(:00)?)?", text)
    return found[1] if found else text


def _month(text: str) -> tuple[int, int] | None:
    found = re.fullmatch("([0-9]{4})-?([0-9]{2})", text)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    # months that no register can hold are no months at all
    return (int(found[1]), int(found[2])) if 1900 <= int(found[1]) <= 2199 else None


def _person(text: str, month: tuple[int, int]) -> str | None:
    """Twelve digits, when it is the number of somebody born by the end of the month; a reserve number has letters in it."""
    text = text.upper()
    if re.fullmatch("[0-9]{7,9}", text):
        text = text.zfill(10)
    is_reserve = False
    if found := re.fullmatch("([0-9]{8})[-+]?([A-ZÅÄÖ][A-ZÅÄÖ0-9][0-9]{2})", text):
        digits, is_reserve = found[1] + found[2], True
    elif found := re.fullmatch("([0-9]{2})([0-9]{4})([-+]?)([A-ZÅÄÖ][A-ZÅÄÖ0-9][0-9]{2})", text):
        year = max(year for year in range(month[0] - 99, month[0] + 1) if year % 100 == int(found[1]))
        if found[3] == "+":
            year -= 100
        digits, is_reserve = f"{year:04d}{found[2]}{found[4]}", True
    elif found := re.fullmatch("([0-9]{8})[-+]?([0-9]{4})", text):
        digits = found[1] + found[2]
    elif found := re.fullmatch("([0-9]{2})([0-9]{4})([-+]?)([0-9]{4})", text):
        # the latest year with those digits up to the month's; a hundred years before it when the sign is +
        year = max(year for year in range(month[0] - 99, month[0] + 1) if year % 100 == int(found[1]))
        if found[3] == "+":
            year -= 100
        digits = f"{year:04d}{found[2]}{found[4]}"
    else:
        return None
    year, number, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    is_coordination = day >= 60 and not is_reserve
    born_day = day - 60 if is_coordination else day
    may_lack = (is_reserve or is_coordination) and year >= 1 and number <= 12 and 0 in (number, born_day)
    if not may_lack or born_day > 31:
        try:
            date(year, number, born_day)
        except ValueError:
            return None
    if is_reserve:
        return digits if (year, number) <= month else None
    doubled = "".join(str(int(digit) * (2 - place % 2)) for place, digit in enumerate(digits[2:]))
    is_right = sum(map(int, doubled)) % 10 == 0 and digits[8:11] != "000"
    return digits if is_right and (year, number) <= month else None


def _amount(text: str) -> Decimal | str | None:
    """Kronor with two decimals, "" for a blank, None when it is no amount."""
    if not text:
        return ""
    plain = re.sub("[\u00a0\u2009\u202f]", " ", text).replace(",", ".")
    plain = re.sub(r"(?i) *(kr\.?|sek|:-|kronor)$", "", plain)
    if re.fullmatch(r".*\.[0-9]{3}", plain):
        return None
    if re.fullmatch(r"-0+(\.0{1,2})?", plain):
        return Decimal("0.00")
    if not re.fullmatch(r"\+?([0-9]+|[0-9]{1,3}( [0-9]{3})+)(\.[0-9]+)?", plain):
        return None
    amount = Decimal(plain.replace(" ", "").lstrip("+")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return amount if amount < 10**10 else None


def _yes(text: str) -> bool | None:
    if text.lower() in ("1", "ja", "j", "true", "sant"):
        return True
    return False if text.lower() in ("0", "nej", "n", "false", "falskt") else None


def _letters(text: str) -> str:
    plain = " ".join(
        "m" if word == "med" else word for word in unicodedata.normalize("NFKD", text.lower()).split()
    )
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _reason(text: str | None) -> str | None:
    return _REASONS.get(_letters(text)) if text else None


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


_MUNICIPALITIES = {
    row["municipality_code"]: (int(row["first_year"] or 0), int(row["last_year"] or 9999))
    for row in _seed("municipalities")
}
_REASONS = {
    _letters(row[name]): row["reason_code"]
    for row in _seed("reason_categories")
    for name in ("reason_code", "reason_name")
} | {
    _letters(row["alias"]): row["reason_code"] for row in _seed("reason_aliases") if row["is_code"] == "false"
}


def _existed(code: str, year: int) -> bool:
    first, last = _MUNICIPALITIES[code]
    return first <= year <= last
