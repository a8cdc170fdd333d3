"""A mapping to complete, written as commented YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path

from orchestration.errors import RegisterError
from orchestration.intake.files.headers import normalised_name
from orchestration.intake.files.opening import DeliveryRejectedError
from orchestration.intake.mappings.guesses import PERSON_COLUMNS, Draft, guess, guess_words
from orchestration.intake.mappings.mapping_files import ROLES, own_mappings_folder
from orchestration.intake.preview.preview import plain_file_errors
from orchestration.intake.rules.catalogue import (
    canonical_columns,
    known_reason_keys,
    reason_key,
    reason_names,
    rule_catalogue,
)
from orchestration.intake.scrubbing import HIDDEN, scrub_text
from orchestration.run_lock import private_files
from orchestration.settings import Settings


def write_draft(settings: Settings, path: Path, name: str | None = None) -> Path:
    """Writes landing/mappings/<name>.yml and gives its path; never over a file that is there.

    Raises RegisterError when the file cannot be read, has no header, or the name is taken or cannot be used.
    """
    chosen = name or _name_of(path)
    if not re.fullmatch(r"(?!.*[0-9]{6})[a-z0-9][a-z0-9_-]{0,59}", chosen):
        raise RegisterError(
            "Mappningens namn går inte att använda: skriv små bokstäver a–z, siffror, _ eller -."
        )
    target = own_mappings_folder(settings) / f"{chosen}.yml"
    if target.exists():
        raise RegisterError(
            f"Mappningen {chosen} finns redan; ta bort den eller välj ett annat namn med --name."
        )
    try:
        with plain_file_errors(path):
            draft = guess(path, settings)
    except DeliveryRejectedError as refusal:
        action = rule_catalogue()[refusal.rule_id].action
        raise RegisterError(f"Ingen mappning skrevs: {refusal}. {action}") from None
    with private_files():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(draft_text(chosen, draft), encoding="utf-8")
    return target


def _name_of(path: Path) -> str:
    stem = re.sub(r"[0-9]{5,}", "", path.name.split(".")[0].lower())
    plain = "".join(normalised_name(letter) or "_" for letter in stem)
    return re.sub("_+", "_", plain).strip("_")[:40] or "egen"


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
        *_form_lines(draft),
        "columns:",
    ]
    constants = []
    for column in canonical_columns():
        source = draft.sources.get(column.name)
        if draft.persons and column.name in ("personnummer", "roll", *PERSON_COLUMNS):
            continue
        if draft.months and column.name == "period":
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
            lines += [f"      {name}: {_quoted(source)}" for name, source in person.columns.items()]
            lines += [f"    up_to: {person.up_to}"] if person.up_to else []
    if draft.period_format not in ("", "ÅÅÅÅ-MM", "ÅÅÅÅMM"):
        lines.append(f"period_format: {_quoted(draft.period_format)}")
    lines += _code_lines(draft)
    if draft.granted:
        granted, values = draft.granted
        lines += [
            "# bara rader med dessa värden läses in (gissning)",
            "filters:",
            f"  - {{column: {_quoted(granted)}, in: [{', '.join(_quoted(value) for value in values)}]}}",
        ]
    if not draft.persons:
        lines += ["# true om hushållets belopp upprepas på varje persons rad", "amounts_on_rl_row: false"]
    used = {*draft.sources.values(), *(draft.months or ())}
    for person in draft.persons:
        for source in person.columns.values():
            used |= {source.replace("{n}", str(number)) for number in range(person.up_to + 1)}
    left = [_quoted(column) for column in draft.samples if column not in used]
    return "\n".join([*lines, f"# läses inte: {', '.join(left)}"[:1000], ""])


def _form_lines(draft: Draft) -> list[str]:
    """Where in the book the rows stand, which cells are merged, and from which day to which a row holds."""
    lines = []
    if draft.sheet:
        lines += ["# bladet där raderna står", f"sheet: {_quoted(draft.sheet)}"]
    if draft.merged:
        named = ", ".join(_quoted(column) for column in draft.merged)
        lines += [
            "# celler sammanfogade nedåt: värdet gäller raderna under (aldrig belopp)",
            f"fill_down: [{named}]",
        ]
    if draft.months:
        first, last = map(_quoted, draft.months)
        lines += [
            "# en rad per månad från och med till och med; beloppet delas jämnt, eller gäller varje månad",
            f"months: {{from: {first}, to: {last}, amount_per_month: false}}  # SE ÖVER: delas beloppet?",
        ]
    return lines


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
        known = {word: code for code, words in guess_words()[guesses].items() for word in words}
        values = [value for value in _spellings(cells) if not _is_canonical(column, value)]
        if values:
            lines.append(f"  {column}:")
            if column == "forsorjningshinder":
                lines += [f"    # {key}: {name}" for key, name in reason_names().items()]
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
    """Whether the intake knows the value as it is."""
    if column == "roll":
        return value.upper() in ROLES
    if column == "hushallstyp":
        return re.fullmatch("[1-9]", value) is not None
    return reason_key(value) in known_reason_keys()


def _spellings(cells: list[str]) -> list[str]:
    """The values of a code column, or none when it is no such column or holds what must not be written down."""
    values = sorted({cell for cell in cells if len(re.findall("[0-9]", cell)) < 5})
    return values if len(values) <= 40 and all(scrub_text(value) == value for value in values) else []


def _quoted(text: str) -> str:
    """A double-quoted YAML text; a name that holds a personnummer is hidden."""
    clean = scrub_text(text, 100)
    return json.dumps(HIDDEN if HIDDEN in clean else clean, ensure_ascii=False)
