"""A mapping to complete: guessed from the names and the contents of a file's columns, written as commented YAML."""

from __future__ import annotations

import csv
import difflib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.register import DoorError, ledger
from orchestration.register.headers import FoundHeader, normalised_name
from orchestration.register.mappings import ROLES, load_mappings, own_mappings_folder
from orchestration.register.preview import plain_file_errors
from orchestration.register.reading import DeliveryRejectedError, looks_like_data, open_source, release_file
from orchestration.register.rules import CATALOG, canonical_columns, rule_catalogue
from orchestration.register.scrubbing import HIDDEN, scrub_text
from orchestration.settings import Settings, load_settings

SAMPLE_ROWS = 500
_PERSONNUMMER = re.compile(r"(?:[0-9]{6}|[0-9]{8}) ?[-+]?[0-9]{4}(?:\.0)?")
_PERIODS = (
    ("ÅÅÅÅ-MM", r"(19|20)\d\d-(0[1-9]|1[0-2])"),
    ("ÅÅÅÅMM", r"(19|20)\d\d(0[1-9]|1[0-2])"),
    ("ÅÅÅÅ-MM-DD", r"(19|20)\d\d-(0[1-9]|1[0-2])-\d\d([ T].*)?"),
    ("ÅÅÅÅMMDD", r"(19|20)\d\d(0[1-9]|1[0-2])[0-3]\d"),
    ("månad ÅÅÅÅ", r"[^\W\d]{3,9}\.? (19|20)\d\d"),
    ("ÅÅÅÅ månad", r"(19|20)\d\d [^\W\d]{3,9}\.?"),
    ("MM/ÅÅÅÅ", r"(0[1-9]|1[0-2])/(19|20)\d\d"),
    ("DD.MM.ÅÅÅÅ", r"[0-3]\d\.(0[1-9]|1[0-2])\.(19|20)\d\d"),
)
_AMOUNT = re.compile(r"[0-9]{1,3}(?:[ \u00a0]?[0-9]{3})*(?:[.,][0-9]{1,2})?")
_SHARE = 0.8
_LIKE = 0.75
_PERSON_COLUMNS = ("forsorjningshinder", "forsorjningshinder_2", "kon", "utrikes_fodd")


@dataclass
class DraftPerson:
    """One person of a household row; `up_to` is above 0 when `columns` hold `{n}`."""

    role: str
    columns: dict[str, str]
    up_to: int = 0


@dataclass
class Draft:
    """What is guessed of one file. `sources` has the column of each canonical column that one was found for."""

    header: FoundHeader
    samples: dict[str, list[str]]
    sources: dict[str, str] = field(default_factory=dict)
    persons: list[DraftPerson] = field(default_factory=list)
    period_format: str = ""
    granted: tuple[str, tuple[str, ...]] | None = None


@cache
def _words() -> dict[str, Any]:
    return yaml.safe_load((CATALOG / "column_guesses.yml").read_text(encoding="utf-8"))


def write_draft(settings: Settings, path: Path, name: str | None = None) -> Path:
    """Writes landing/mappings/<name>.yml and gives its path; never over a file that is there.

    Raises DoorError when the file cannot be read, has no header, or the name is taken or cannot be used.
    """
    chosen = name or _name_of(path)
    if not re.fullmatch(r"(?!.*[0-9]{6})[a-z0-9][a-z0-9_-]{0,59}", chosen):
        raise DoorError("Mappningens namn går inte att använda: skriv små bokstäver a–z, siffror, _ eller -.")
    target = own_mappings_folder(settings) / f"{chosen}.yml"
    if target.exists():
        raise DoorError(f"Mappningen {chosen} finns redan; ta bort den eller välj ett annat namn med --name.")
    try:
        with plain_file_errors(path):
            draft = guess(path, settings)
    except DeliveryRejectedError as refusal:
        action = rule_catalogue()[refusal.rule_id].action
        raise DoorError(f"Ingen mappning skrevs: {refusal}. {action}") from None
    with ledger.private_files():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(draft_text(chosen, draft), encoding="utf-8")
    return target


def _name_of(path: Path) -> str:
    stem = re.sub(r"[0-9]{5,}", "", path.name.split(".")[0].lower())
    plain = "".join(normalised_name(letter) or "_" for letter in stem)
    return re.sub("_+", "_", plain).strip("_")[:40] or "egen"


def guess(path: Path, settings: Settings) -> Draft:
    """Looks at the header and the first rows. Raises DeliveryRejectedError when there is nothing to look at."""
    source = open_source(path, load_mappings(settings).known_names())
    header = source.table.header
    if looks_like_data(header):
        raise DeliveryRejectedError("D01", "rubrikraden saknas")
    if source.is_empty:
        raise DeliveryRejectedError("D03", "filen har bara en rubrikrad")
    places = [place for place, name in enumerate(header.names) if normalised_name(name)]
    cells = ", ".join(f"{source.table.cell(place, None)} as c{place}" for place in places)
    connection = duckdb.connect(config={"temp_directory": "", "autoload_known_extensions": "false"})
    try:
        connection.execute(ledger.sql_text("macros.sql"))
        source.stream(connection)
        rows = connection.execute(
            f"select {cells} from ({source.table.relation}) as delivered where is_whole limit {SAMPLE_ROWS}"
        ).fetchall()
    except duckdb.Error:
        raise DeliveryRejectedError("D01", "innehållet är skadat") from None
    finally:
        release_file(connection)
        connection.close()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(places)
    samples = {
        header.names[place]: [cell for cell in column if cell]
        for place, column in zip(places, columns, strict=True)
    }
    return _guessed(header, samples)


def _guessed(header: FoundHeader, samples: dict[str, list[str]]) -> Draft:
    draft = Draft(header, samples)
    numbers = [name for name, cells in samples.items() if _share(cells, _PERSONNUMMER) >= _SHARE]
    taken: set[str] = set()
    if len(numbers) > 1 and any(_person_role(name) != "RL" for name in numbers):
        draft.persons, taken = _household(numbers, list(samples))
    fits = {
        "kommunkod": [name for name in samples if _share(samples[name], re.compile(r"[0-9]{4}")) >= _SHARE],
        "period": [name for name in samples if name not in numbers and _period_formats(samples[name])],
        "personnummer": numbers,
        "forsorjningsstod_kr": [name for name in samples if _share(samples[name], _AMOUNT) >= _SHARE],
    }
    fits["ovrigt_bistand_kr"] = [
        name for name in samples if not samples[name] or name in fits["forsorjningsstod_kr"]
    ]
    wanted = [
        column.name
        for column in canonical_columns()
        if not draft.persons or column.name not in ("personnummer", "roll")
    ]
    # the surest pair first, so that two canonical columns never take the same one
    ranked = sorted(
        (-_likeness(canonical, name), place, canonical, name)
        for canonical in wanted
        for place, name in enumerate(samples)
        if name in fits.get(canonical, samples)
    )
    for distance, _, canonical, name in ranked:
        if -distance >= _LIKE and canonical not in draft.sources and name not in taken:
            draft.sources[canonical] = name
            taken.add(name)
    for canonical in ("personnummer", "period", "kommunkod"):
        free = [name for name in fits[canonical] if name not in taken]
        if canonical in wanted and canonical not in draft.sources and len(free) == 1:
            draft.sources[canonical] = free[0]
            taken.add(free[0])
    draft.period_format = next(iter(_period_formats(samples.get(draft.sources.get("period", ""), []))), "")
    draft.granted = _decisions({name: cells for name, cells in samples.items() if name not in taken})
    return draft


def _household(numbers: list[str], names: list[str]) -> tuple[list[DraftPerson], set[str]]:
    """The persons of a household row, each with the columns that share what stands before its personnummer."""
    persons, taken, repeated = [], set(numbers), set()
    for number in numbers:
        stem = re.sub(r"[ _.-]*\S*$", "", number) or number
        columns = {"personnummer": number}
        for name in names:
            if name in numbers or not name.startswith((f"{stem} ", f"{stem}_", f"{stem}.", f"{stem}-")):
                continue
            taken.add(name)
            rest = name[len(stem) + 1 :]
            best = max(_PERSON_COLUMNS, key=lambda column, rest=rest: _likeness(column, rest))
            if _likeness(best, rest) >= _LIKE:
                columns.setdefault(best, name)
        counted = re.search(r"[0-9]+$", stem)
        if not counted:
            persons.append(DraftPerson(_person_role(number), columns))
            continue
        key = stem[: counted.start()]
        if key not in repeated:
            repeated.add(key)
            general = {column: name.replace(stem, f"{key}{{n}}", 1) for column, name in columns.items()}
            persons.append(DraftPerson(_person_role(number), general, up_to=10))
    return persons, taken


def _share(cells: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0.0


def _period_formats(cells: list[str]) -> list[str]:
    """The forms of month that nearly all cells have, the one to write down first.

    Beside dates, which a spreadsheet makes of some months by itself, another form is the one to write down.
    """
    shares = {name: _share(cells, re.compile(form)) for name, form in _PERIODS}
    found = [name for name, share in shares.items() if share]
    if sum(shares.values()) < _SHARE:
        return []
    return sorted(found, key=lambda name: (name == "ÅÅÅÅ-MM-DD", -shares[name]))


def _likeness(canonical: str, name: str) -> float:
    known = [normalised_name(word) for word in (canonical, *_words()["names"].get(canonical, []))]
    own = normalised_name(name)
    # in a header of two rows the last word is the column's own
    endings = [own, normalised_name(name.split(" ")[-1])]
    return max(difflib.SequenceMatcher(None, word, ending).ratio() for word in known for ending in endings)


def _person_role(name: str) -> str:
    own = " ".join(re.findall(r"\w+", name.lower()))
    for role, words in _words()["persons"].items():
        if any(re.search(rf"\b{word}", own) for word in words):
            return role
    return "RL"


def _decisions(samples: dict[str, list[str]]) -> tuple[str, tuple[str, ...]] | None:
    for name, cells in samples.items():
        values = {cell.lower() for cell in cells}
        granted = tuple(word for word in _words()["granted"] if word in values)
        if granted and len(values) <= 12:
            return name, granted
    return None


def draft_text(name: str, draft: Draft) -> str:
    """The YAML, with a Swedish comment wherever somebody has to look or to fill in."""
    lines = [
        "# Utkast till mappning, gissat ur filens kolumner. Gå igenom varje rad, pröva med",
        f"#   bistand deliveries preview FIL --mapping {name}",
        "# och ta bort raden is_draft när den är rätt. Alla nycklar: docs/how-to/write-a-mapping.md",
        f"name: {name}",
        "is_draft: true",
        "# kolumner som alla ska finnas för att mappningen ska gälla en fil",
        f"signature: [{', '.join(_quoted(column) for column in _signature(draft))}]",
        "columns:",
    ]
    constants = []
    for column in canonical_columns():
        source = draft.sources.get(column.name)
        if draft.persons and column.name in ("personnummer", "roll", *_PERSON_COLUMNS):
            continue
        if source:
            lines.append(f"  {column.name}: {_quoted(source)}")
        elif column.name == "kommunkod":
            lines.append('  # kommunkod: "…"  # ingen kolumn hittad, se constants')
            constants.append("kommunkod")
        elif column.required == "file":
            lines.append(f'  {column.name}: ""  # FYLL I: {column.form}')
        else:
            lines.append(f'  # {column.name}: "…"  # {column.form}')
    if constants:
        lines += ["# samma värde på alla rader", "constants:", '  kommunkod: ""  # FYLL I: fyra siffror']
    if draft.persons:
        lines += ["# en rad per hushåll: varje person i rader för sig", "persons:"]
        for person in draft.persons:
            lines += [f"  - role: {person.role}", "    columns:"]
            lines += [f"      {column}: {_quoted(source)}" for column, source in person.columns.items()]
            lines += [f"    up_to: {person.up_to}"] if person.up_to else []
    if draft.period_format not in ("", "ÅÅÅÅ-MM", "ÅÅÅÅMM"):
        lines.append(f"period_format: {_quoted(draft.period_format)}")
    lines += _code_lines(draft)
    if draft.granted:
        column, values = draft.granted
        lines += [
            "# bara rader med dessa värden läses in (gissning)",
            "filters:",
            f"  - {{column: {_quoted(column)}, in: [{', '.join(_quoted(value) for value in values)}]}}",
        ]
    if not draft.persons:
        lines += ["# true om hushållets belopp upprepas på varje persons rad", "amounts_on_rl_row: false"]
    used = set(draft.sources.values())
    for person in draft.persons:
        for source in person.columns.values():
            used |= {source.replace("{n}", str(number)) for number in range(person.up_to + 1)}
    left = [_quoted(column) for column in draft.samples if column not in used]
    return "\n".join([*lines, f"# läses inte: {', '.join(left)}"[:1000], ""])


def _signature(draft: Draft) -> list[str]:
    needed = [column.name for column in canonical_columns() if column.required == "file"]
    named = [draft.sources[name] for name in needed if name in draft.sources]
    named += [person.columns["personnummer"] for person in draft.persons if not person.up_to]
    return named or [name for name in draft.samples if name][:4]


def _code_lines(draft: Draft) -> list[str]:
    """The spellings met of roles, household types and reasons, with what they may mean."""
    lines = []
    places: dict[str, list[str]] = {name: [source] for name, source in draft.sources.items()}
    for person in draft.persons:
        if not person.up_to and "forsorjningshinder" in person.columns:
            places.setdefault("forsorjningshinder", []).append(person.columns["forsorjningshinder"])
    for column, guesses in (
        ("roll", "roles"),
        ("hushallstyp", "household_types"),
        ("forsorjningshinder", "reasons"),
    ):
        cells = [cell for source in places.get(column, []) for cell in draft.samples.get(source, [])]
        known = {word: code for code, words in _words()[guesses].items() for word in words}
        values = [value for value in _spellings(cells) if not _is_canonical(column, value)]
        if values:
            lines.append(f"  {column}:")
        for value in values:
            code = known.get(value.lower(), value)
            comment = "" if value.lower() in known else "  # SE ÖVER: vad motsvarar detta?"
            lines.append(f"    {_quoted(value)}: {_quoted(code)}{comment}")
    return (
        ["# filens koder: vårt värde (det som inte står här läses som det är)", "codes:", *lines]
        if lines
        else []
    )


def _is_canonical(column: str, value: str) -> bool:
    """Whether the door knows the value as it is."""
    if column == "roll":
        return value.upper() in ROLES
    if column == "hushallstyp":
        return re.fullmatch("[1-9]", value) is not None
    return normalised_name(value) in _known_reasons()


@cache
def _known_reasons() -> set[str]:
    path = load_settings().reference_seeds / "reason_categories.csv"
    with path.open(encoding="utf-8") as file:
        return {
            normalised_name(row[name])
            for row in csv.DictReader(file)
            for name in ("reason_code", "reason_name")
        }


def _spellings(cells: list[str]) -> list[str]:
    """The values of a code column, or none when it is no such column or holds what must not be written down."""
    values = sorted({cell for cell in cells if len(re.findall("[0-9]", cell)) < 5})
    return values if len(values) <= 40 and all(scrub_text(value) == value for value in values) else []


def _quoted(text: str) -> str:
    """A double-quoted YAML text; a name that holds a personnummer is hidden."""
    clean = scrub_text(text, 100)
    return json.dumps(HIDDEN if HIDDEN in clean else clean, ensure_ascii=False)
