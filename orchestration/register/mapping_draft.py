"""A mapping to complete: guessed from the names and the contents of a file's columns, written as commented YAML."""

from __future__ import annotations

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
from orchestration.register.mappings import load_mappings, own_mappings_folder
from orchestration.register.reading import DeliveryRejectedError, looks_like_data, open_source, release_file
from orchestration.register.rules import CATALOG, canonical_columns, rule_catalogue
from orchestration.register.scrubbing import HIDDEN, scrub_file_name, scrub_text
from orchestration.settings import Settings

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


@dataclass
class Draft:
    """What is guessed of one file. `sources` has the column of each canonical column that one was found for."""

    header: FoundHeader
    samples: dict[str, list[str]]
    sources: dict[str, str] = field(default_factory=dict)
    persons: list[tuple[str, str]] = field(default_factory=list)
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
        draft = guess(path, settings)
    except (FileNotFoundError, IsADirectoryError):
        raise DoorError(f"Filen {scrub_file_name(path.name)} finns inte; ange sökvägen till en fil.") from None
    except PermissionError:
        raise DoorError(f"Filen {scrub_file_name(path.name)} går inte att öppna; ge kontot läsrätt.") from None
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
    formats = {name: _period_format(cells) for name, cells in samples.items() if name not in numbers}
    periods = [name for name in formats if formats[name]]
    if len(numbers) > 1 and any(_person_role(name) != "RL" for name in numbers):
        draft.persons = [(_person_role(name), name) for name in numbers]
    left = [name for name in samples if name not in numbers]
    fits = {
        "kommunkod": [name for name in left if _share(samples[name], re.compile(r"[0-9]{4}")) >= _SHARE],
        "period": periods,
        "personnummer": numbers,
        "forsorjningsstod_kr": [name for name in left if _share(samples[name], _AMOUNT) >= _SHARE],
    }
    fits["ovrigt_bistand_kr"] = fits["forsorjningsstod_kr"]
    taken: set[str] = set(numbers) if draft.persons else set()
    # the surest column of a name first, so that two canonical columns never take the same one
    ranked = sorted(
        (
            (-_likeness(column.name, name), place, column.name, name)
            for column in canonical_columns()
            for place, name in enumerate(samples)
            if not draft.persons or column.name not in ("personnummer", "roll")
            if column.name not in fits or name in fits[column.name]
        )
    )
    for distance, _, canonical, name in ranked:
        if -distance >= 0.75 and canonical not in draft.sources and name not in taken:
            draft.sources[canonical] = name
            taken.add(name)
    for canonical in ("personnummer", "period", "kommunkod"):
        free = [name for name in fits[canonical] if name not in taken]
        if canonical not in draft.sources and len(free) == 1:
            draft.sources[canonical] = free[0]
            taken.add(free[0])
    draft.period_format = formats.get(draft.sources.get("period", ""), "")
    draft.granted = _decisions({name: cells for name, cells in samples.items() if name not in taken})
    return draft


def _share(cells: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0.0


def _period_format(cells: list[str]) -> str:
    return next((name for name, form in _PERIODS if _share(cells, re.compile(form)) >= _SHARE), "")


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
        if draft.persons and column.name in ("personnummer", "roll", "kon", "utrikes_fodd"):
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
        for role, source in draft.persons:
            lines += [f"  - role: {role}", "    columns:", f"      personnummer: {_quoted(source)}"]
            lines.append('      # forsorjningshinder: "…"')
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
    used = {*draft.sources.values(), *(column for _, column in draft.persons)}
    left = [_quoted(column) for column in draft.samples if column not in used]
    return "\n".join([*lines, f"# läses inte: {', '.join(left)}"[:1000], ""])


def _signature(draft: Draft) -> list[str]:
    needed = [column.name for column in canonical_columns() if column.required == "file"]
    named = [draft.sources[name] for name in needed if name in draft.sources]
    named += [column for role, column in draft.persons if role != "BARN"]
    return named or [name for name in draft.samples if name][:4]


def _code_lines(draft: Draft) -> list[str]:
    """The spellings met of roles, household types and reasons, with what they may mean."""
    lines = []
    for column, guesses in (("roll", "roles"), ("hushallstyp", "household_types"), ("forsorjningshinder", None)):
        values = _spellings(draft.samples.get(draft.sources.get(column, ""), []))
        known = {word: code for code, words in _words().get(guesses, {}).items() for word in words}
        if not values or column == "roll" and set(values) <= {"RL", "MS", "BARN"}:
            continue
        lines.append(f"  {column}:")
        for value in values:
            code = known.get(value.lower(), value)
            comment = "" if value.lower() in known else "  # SE ÖVER: vad motsvarar detta?"
            lines.append(f"    {_quoted(value)}: {_quoted(code)}{comment}")
    return ["# filens koder: vårt värde (det som inte står här läses som det är)", "codes:", *lines] if lines else []


def _spellings(cells: list[str]) -> list[str]:
    """The values of a code column, or none when it is no such column or holds what must not be written down."""
    values = sorted({cell for cell in cells if len(re.findall("[0-9]", cell)) < 5})
    return values if len(values) <= 40 and all(scrub_text(value) == value for value in values) else []


def _quoted(text: str) -> str:
    """A double-quoted YAML text; a name that holds a personnummer is hidden."""
    clean = scrub_text(text, 100)
    return json.dumps(HIDDEN if HIDDEN in clean else clean, ensure_ascii=False)
