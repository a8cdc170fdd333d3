"""Persons drawn month by month: from the text of a spec to rows of the vault.

A drawn line reads `person birth-year sex municipality household year months`. The municipality is a letter; each spec
gets municipalities of its own, in rising order of code, so that specs never meet. A birth year may have its month
(`1980-05`). A month is a letter: `.` no aid,
`x` aid as applicant, `m` as co-applicant, `b` as child in the household, and for an applicant's reason `a` `o` `w`
unemployed (without, insufficient, waiting for benefit), `k` as `x` but without an amount, `z` as `x` but with other aid only,
`e` `v` establishment (none, waiting), `g` in upper secondary school, `s` sick, `p` sick with some benefit, `j` with sickness
compensation, `f` on parental leave, `h` working full time, `2` unemployed with social reasons as the second,
`?` not stated, `!` a code outside the list. A household may say its type and district: `h1/8@Centrum`. `missing A 2019-05` draws a
month that never came; all other months of the register are delivered. `avslut A 2019-05 person arbete` draws a line in
a file of exit reasons, `-` a blank reason; exit reasons of other months are not delivered. `aktivitet A 4a 2026-10-05 - person o`
draws a direction (paragraph, first and last day, reason as a month's letter), `nedsattning A nekad 4a 2026-10-20 person` a
decision to refuse or reduce. `insatser A 2025-01` says from which month a municipality delivers measures, and `insats A sprak
2025-05-10 - person` draws one (name, first and last day).
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.vault.file import open_vault
from orchestration.yaml_files import read_yaml

FOLDER = Path(__file__).parent
# topics about later law, drawn together in a register of those years
LATER = ("activity", "chain")
YEARS = {True: (2025, 2026), False: (2015, 2019)}
MONTHLY_AMOUNT = 1000
# what begins a line that draws no person
NOT_PERSONS = ("missing", "avslut", "aktivitet", "nedsattning", "insatser", "insats")
REASONS = {
    "x": "arbetslos_ingen_ersattning",
    "m": "arbetslos_ingen_ersattning",
    "2": "arbetslos_ingen_ersattning",
    "k": "arbetslos_ingen_ersattning",
    "z": "arbetslos_ingen_ersattning",
    "p": "sjukskriven_otillracklig_sjukpenning",
    "j": "sjuk_aktivitetsersattning_otillracklig",
    "f": "foraldrapenning_otillracklig",
    "h": "arbetar_heltid_otillracklig_inkomst",
    "e": "etableringsersattning_saknas",
    "v": "etableringsersattning_vantar_pa",
    "g": "ensamkommande_gymnasiestuderande",
    "a": "arbetslos_ingen_ersattning",
    "o": "arbetslos_otillracklig_ersattning",
    "w": "arbetslos_vantar_pa_ersattning",
    "s": "sjukskriven_ingen_sjukpenning",
    "?": None,
    "!": None,
}


@dataclass(frozen=True)
class Spec:
    """One drawn case: `drawn` lines in, `expected` lines out."""

    topic: str
    title: str
    why: str
    drawn: tuple[str, ...]
    expected: tuple[str, ...]
    number: int

    @property
    def is_later(self) -> bool:
        """Whether it is drawn in the later register."""
        return self.topic in LATER


def load_specs() -> list[Spec]:
    """Every spec of every topic, numbered in order among those of the same home."""
    found = []
    numbers = {True: 0, False: 0}
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in read_yaml(path):
            found.append(
                Spec(
                    topic=path.stem,
                    title=entry["title"],
                    why=entry["why"],
                    drawn=tuple(entry["drawn"].strip().splitlines()),
                    expected=tuple(entry["expected"].strip().splitlines()),
                    number=numbers[path.stem in LATER],
                )
            )
            numbers[path.stem in LATER] += 1
    return found


def municipality_codes() -> list[str]:
    """Codes of today's municipalities in rising order."""
    seed = PROJECT_ROOT / "dbt_project" / "seeds" / "reference" / "municipalities.csv"
    with seed.open(encoding="utf-8") as file:
        return sorted(row["municipality_code"] for row in csv.DictReader(file) if not row["last_year"])


def code_of(spec: Spec, letter: str, codes: list[str]) -> str:
    """The municipality behind a letter: each spec has three of its own."""
    return codes[spec.number * 3 + "ABC".index(letter)]


def person_rows(spec: Spec, codes: list[str]) -> list[tuple]:
    """Rows of register.person_months, without delivery and row number."""
    rows = []
    for line in spec.drawn:
        if line.split()[0] in NOT_PERSONS:
            continue
        name, born, sex, letter, household, year, months = line.split()
        assert len(months) == 12, f"{spec.title}: {line} är inte tolv månader"
        for month, mark in enumerate(months, start=1):
            if mark != ".":
                rows.append(
                    _row(spec, name, born, sex, code_of(spec, letter, codes), household, year, month, mark)
                )
    return rows


def _row(
    spec: Spec, name: str, born: str, sex: str, code: str, household: str, year: str, month: int, mark: str
) -> tuple:
    is_child = mark == "b"
    is_first = mark not in "bm"
    household, _, district = household.partition("@")
    household, _, household_type = household.partition("/")
    birth_year, _, birth_month = born.partition("-")
    return (
        code,
        f"{year}-{month:02d}-01",
        str(uuid.uuid5(uuid.NAMESPACE_OID, f"{code}:{household}")),
        _person_id(spec, name),
        "BARN" if is_child else "RL" if is_first else "MS",
        int(household_type or 5) if is_first else None,
        MONTHLY_AMOUNT if is_first and mark not in "kz" else None,
        None if is_child else REASONS[mark],
        "arbetshinder_sociala_skal" if mark == "2" else None,
        district or None,
        "kod 99" if mark == "!" else None,
        sex,
        int(birth_year),
        MONTHLY_AMOUNT if mark == "z" else None,
        int(birth_month) if birth_month else None,
    )


def _person_id(spec: Spec, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{spec.number}:{name}"))


def exit_rows(spec: Spec, codes: list[str]) -> list[tuple]:
    """Rows of register.exit_reasons, without delivery and row number; the household says nothing here."""
    found = []
    for line in spec.drawn:
        kind, *words = line.split()
        if kind == "avslut":
            letter, period, name, reason = words
            person_id = _person_id(spec, name)
            code = code_of(spec, letter, codes)
            found.append((code, f"{period}-01", person_id, person_id, None if reason == "-" else reason))
    return found


def direction_rows(spec: Spec, codes: list[str]) -> list[tuple]:
    """Rows of register.activities, without delivery and row number."""
    return [
        (
            *(code_of(spec, letter, codes), f"{first[:7]}-01", _person_id(spec, name), paragraph, first),
            *(None if last == "-" else last, REASONS.get(reason)),
        )
        for letter, paragraph, first, last, name, reason in _lines(spec, "aktivitet")
    ]


def reduction_rows(spec: Spec, codes: list[str]) -> list[tuple]:
    """Rows of register.reductions, without delivery and row number."""
    return [
        (code_of(spec, letter, codes), f"{day[:7]}-01", _person_id(spec, name), day, outcome, ground)
        for letter, outcome, ground, day, name in _lines(spec, "nedsattning")
    ]


def measure_rows(spec: Spec, codes: list[str]) -> list[tuple]:
    """Rows of register.measures, without delivery and row number."""
    return [
        (
            code_of(spec, letter, codes),
            f"{first[:7]}-01",
            _person_id(spec, name),
            kind,
            first,
            None if last == "-" else last,
        )
        for letter, kind, first, last, name in _lines(spec, "insats")
    ]


def measure_months(spec: Spec, codes: list[str]) -> list[tuple[str, str]]:
    """(municipality, month) of the deliveries of measures, whether they had any that month or not."""
    begins = {code_of(spec, letter, codes): f"{period}-01" for letter, period in _lines(spec, "insatser")}
    return [
        (code, month)
        for code, month in delivered_months(spec, codes)
        if code in begins and month >= begins[code]
    ]


def _lines(spec: Spec, kind: str) -> list[list[str]]:
    return [words for first, *words in map(str.split, spec.drawn) if first == kind]


def delivered_months(spec: Spec, codes: list[str]) -> list[tuple[str, str]]:
    """(municipality, month) of every month that came, for the municipalities that the spec draws."""
    drawn = [line.split() for line in spec.drawn]
    missing = {(words[1], words[2]) for words in drawn if words[0] == "missing"}
    letters = sorted({words[3] for words in drawn if words[0] not in NOT_PERSONS})
    first_year, last_year = YEARS[spec.is_later]
    return [
        (code_of(spec, letter, codes), f"{year}-{month:02d}-01")
        for letter in letters
        for year in range(first_year, last_year + 1)
        for month in range(1, 13)
        if (letter, f"{year}-{month:02d}") not in missing
    ]


def write_vault(settings: Settings, is_later: bool = False) -> None:
    """A vault that holds every drawn case of the later register, or of the other, as one delivery of each kind."""
    specs = [spec for spec in load_specs() if spec.is_later == is_later]
    codes = municipality_codes()

    def drawn(read: Callable[[Spec, list[str]], list[tuple]]) -> list[tuple]:
        return [row for spec in specs for row in read(spec, codes)]

    write_rows(settings, drawn(person_rows), drawn(delivered_months), drawn(exit_rows))
    for number, (kind, read) in enumerate(EVENTS.items(), start=3):
        rows = drawn(read)
        months = drawn(measure_months) if kind == "measures" else sorted({row[:2] for row in rows})
        if rows:
            _write_events(settings, number, kind, rows, months)


# the kinds of delivery besides the register and its exit reasons, with what each has besides municipality, month and person
EVENTS = {"activities": direction_rows, "reductions": reduction_rows, "measures": measure_rows}
EVENT_COLUMNS = {
    "activities": ("paragraph", "directed_date", "end_date", "reason_code"),
    "reductions": ("decision_date", "outcome", "ground"),
    "measures": ("measure_name", "start_date", "end_date"),
}


def _write_events(
    settings: Settings, number: int, kind: str, rows: list[tuple], months: list[tuple[str, str]]
) -> None:
    """One more delivery: `rows` as EVENTS gives them, `months` those that it delivers."""
    import pandas as pd

    names = ["municipality_code", "period_month", "person_id", *EVENT_COLUMNS[kind]]
    none = "0 as rows_read, 0 as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate"
    vault = open_vault(settings)
    vault.register("drawn_events", pd.DataFrame(rows, columns=names, dtype="str"))
    vault.register("drawn_months", pd.DataFrame(months, columns=["municipality_code", "period_month"]))
    vault.execute(
        f"insert into register.deliveries by name select {number} as delivery_id, '{kind}' as kind, "
        "'ritade fall' as file_name, timestamp '2020-01-15' as received_at, timestamp '2020-01-15' as loaded_at, "
        f"'accepted' as state, {none}, true as is_synthetic"
    )
    vault.execute(
        f"insert into register.delivery_months by name select {number} as delivery_id, 'accepted' as state, "
        f"{none}, 0 as rows_warned, 0 as households_count, 0 as persons_count, municipality_code, "
        "cast(period_month as date) as period_month from drawn_months"
    )
    vault.execute(
        f"insert into register.{kind} by name select *, {number} as delivery_id, row_number() over () as file_row "
        "from drawn_events"
    )
    vault.close()


def write_rows(
    settings: Settings, rows: list[tuple], delivered: list[tuple[str, str]], exits: list[tuple] | None = None
) -> None:
    """A vault of one delivery, and one of exit reasons: `rows` as person_rows gives them, `delivered` (municipality,
    month) of each delivery month, `exits` as exit_rows gives them."""
    import pandas as pd

    persons = pd.DataFrame(
        rows,
        columns=[
            "municipality_code", "period_month", "household_id", "person_id", "role", "household_type_code",
            "forsorjningsstod_sek", "reason_code", "reason_code_2", "district", "reason_text", "sex", "birth_year",
            "ovrigt_bistand_sek", "birth_month",
        ],
    )  # fmt: skip
    months = pd.DataFrame(delivered, columns=["municipality_code", "period_month"])
    ended = pd.DataFrame(
        exits or [],
        columns=["municipality_code", "period_month", "household_id", "person_id", "exit_reason_code"],
        dtype="str",
    )
    none = "0 as rows_read, 0 as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate"
    vault = open_vault(settings)
    vault.register("drawn_persons", persons)
    vault.register("drawn_months", months)
    vault.register("drawn_exits", ended)
    vault.execute(
        "insert into register.deliveries by name select delivery_id, kind, 'ritade fall' as file_name, "
        "timestamp '2020-01-15' as received_at, timestamp '2020-01-15' as loaded_at, 'accepted' as state, "
        f"{none}, true as is_synthetic from (values (1, 'register'), (2, 'exit_reasons')) as kinds (delivery_id, kind)"
    )
    vault.execute(
        "insert into register.delivery_months by name select delivery_id, 'accepted' as state, "
        f"{none}, 0 as rows_warned, 0 as households_count, 0 as persons_count, municipality_code, "
        "cast(period_month as date) as period_month from ("
        "select 1 as delivery_id, municipality_code, period_month from drawn_months "
        "union all select distinct 2, municipality_code, period_month from drawn_exits)"
    )
    vault.execute(
        "insert into register.exit_reasons by name select * replace (cast(period_month as date) as period_month, "
        "cast(household_id as uuid) as household_id, cast(person_id as uuid) as person_id), 2 as delivery_id, "
        "row_number() over () as file_row from drawn_exits"
    )
    vault.execute(
        "insert into register.person_months by name select * replace (cast(period_month as date) as period_month, "
        "cast(household_id as uuid) as household_id, cast(person_id as uuid) as person_id), 1 as delivery_id, "
        "row_number() over () as file_row from drawn_persons"
    )
    vault.close()


def specs_as_markdown() -> str:
    """The page of the docs: every spec with its drawing and what is expected of it."""
    titles = {
        "activity": "Aktivitetskravet",
        "chain": "Vägen från behov till avslut",
        "duration": "Långvarigt och mycket långvarigt bistånd",
        "extent": "Omfattning: ålder och stadsdel",
        "flow": "Bistånd som börjar, slutar och kommer tillbaka",
        "households": "Hushåll och belopp",
        "rolling": "Långvarigt bistånd, rullande tolv månader",
        "reasons": "Försörjningshinder",
    }
    lines = [
        "# Definitionerna i ritade fall",
        "",
        "Varje fall är en eller flera personer, månad för månad, och det svar som registret ska ge. Fallen körs som prov.",
        "`.` är en månad utan bistånd, `x` med bistånd, `m` som medsökande, `b` som barn i hushållet. För hinder: `a` `o`",
        "`w` arbetslös, `s` sjukskriven utan sjukpenning, `2` arbetslös med sociala skäl som andra hinder, `?` uppgift",
        "saknas, `!` okänd kod, `k` belopp saknas, `e`",
        "etableringsersättning saknas, `v` väntar på den, `g` ensamkommande gymnasiestuderande, `z` bara övrigt bistånd, `p`",
        "otillräcklig sjukpenning, `j` sjuk- eller aktivitetsersättning, `f` föräldraledig, `h` arbetar heltid. Raden visar",
        "person, födelseår (ibland med månad), kön, kommun, hushåll, år, månader; hushållet kan ha typ och",
        "stadsdel (`h1/8@Centrum`). `avslut` är en rad i filen med avslutsorsaker, `-` en rad utan orsak. `aktivitet` är en",
        "anvisning (kommun, lagrum, första och sista dag, person, hinder) och `nedsattning` ett beslut (utfall, grund, dag).",
        "`insatser` är den månad från vilken kommunen lämnar insatser, `insats` en insats (kommun, slag, första och sista dag, person).",
        "Svaren om vägen säger antal eller andel, första insats (eller insats), kommun, och månad eller hinder.",
    ]
    topic = ""
    for spec in load_specs():
        if spec.topic != topic:
            topic = spec.topic
            lines += ["", f"## {titles[topic]}"]
        lines += [
            "",
            f"### {spec.title}",
            "",
            spec.why,
            "",
            "```text",
            *spec.drawn,
            "",
            *spec.expected,
            "```",
        ]
    return "\n".join(lines) + "\n"
