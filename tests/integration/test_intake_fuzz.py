"""Whatever comes: never a crash, never a row unaccounted for, never a personnummer past the landing folder.

`BISTAND_FUZZ=10000` sets how many mutated deliveries are made, `BISTAND_FUZZ_SEED` which. A case that fails is saved in a
temporary folder; its seed and number make it again (`tests.fixtures.mutations.draw_case`).
"""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from pathlib import Path

import pytest

from orchestration.errors import PlainError
from orchestration.intake.deliveries import loading
from orchestration.intake.files.opening import DeliveryRejectedError
from orchestration.intake.mappings.drafts import write_draft
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS
from orchestration.settings import Settings
from orchestration.vault import file as vault_file
from orchestration.vault import pseudonym
from tests.fixtures.mutations import PEOPLE, arabic, draw_case, spellings, wide
from tests.fixtures.plain_reader import filled_lines
from tests.fixtures.register_files import KEY

DELIVERIES = int(os.environ.get("BISTAND_FUZZ", "240"))
SEED = os.environ.get("BISTAND_FUZZ_SEED", "1")
# few enough that looking bytes up in the ledger stays quick
BATCH = 120
# so many of a batch are also previewed and given a draft of a mapping
LOOKED_AT = 6
_TEN_DIGITS = re.compile(r"(?=([0-9](?:[\W_]{0,3}[0-9]){9}))")
_ROWS = ("person_months", *OPTIONAL_KINDS)
_NEVER_TEXT = ("file_sha256", "info_value")


@pytest.mark.parametrize("first", range(0, DELIVERIES, BATCH))
def test_mutated_deliveries_are_conserved_and_show_nobody(first, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    settings = Settings(home=tmp_path)
    files = _written(settings, range(first, min(first + BATCH, DELIVERIES)))
    told: list[str] = []
    report = loading.load_landing(settings, told.append)
    faults = _faults_of_files(settings, files, told)
    told += report.messages
    for number in [*files][:: max(1, len(files) // LOOKED_AT)]:
        faults += _faults_of_preview(settings, number, files[number], told)
    said = capfd.readouterr()
    faults += [
        (None, f"ett personnummer i {where}") for where in _leaks(settings, [*told, said.out, said.err])
    ]
    assert not faults, _saved(files, faults)


def _written(settings: Settings, numbers: range) -> dict[int, Path]:
    """The mutated deliveries in the landing folder, by number; the same bytes only once."""
    files, known = {}, set()
    settings.landing_register.mkdir(parents=True)
    for number in numbers:
        suffix, content = draw_case(SEED, number)
        if content not in known:
            known.add(content)
            files[number] = settings.landing_register / f"fall{number}.{suffix}"
            files[number].write_bytes(content)
            os.utime(files[number], (1577836800 + number, 1577836800 + number))
    return files


def _faults_of_files(
    settings: Settings, files: dict[int, Path], told: list[str]
) -> list[tuple[int | None, str]]:
    """(number, what is wrong) of each file that failed or whose rows do not add up."""
    with vault_file.open_vault(settings, read_only=True) as vault:
        found = {
            row[0]: row[1:]
            for row in vault.execute(
                f"""
                with loaded as (
                    select delivery_id, count(*) as n
                    from ({" union all ".join(f"select delivery_id from register.{table}" for table in _ROWS)})
                    group by 1
                )
                select
                    file_name, deliveries.delivery_id, file_format, state, rule_id, message, rows_read, rows_loaded,
                    rows_quarantined, rows_in_file, rows_filtered, lines_skipped, coalesce(loaded.n, 0),
                    coalesce(kept_out.n, 0), mapping_name
                from register.deliveries
                left join loaded using (delivery_id)
                left join (select delivery_id, count(*) as n from register.quarantine group by 1) as kept_out
                    using (delivery_id)
                """
            ).fetchall()
        }
    faults = []
    for number, path in files.items():
        if path.name not in found:
            said = next((line for line in told if line.startswith(path.name)), "inget sagt")
            faults.append((number, f"står inte i liggaren ({said.partition(':')[2]})"))
            continue
        _, form, state, rule_id, message, read, loaded, kept_out, in_file, filtered, skipped, *rest = found[
            path.name
        ]
        in_loaded, in_quarantine, mapping = rest
        if not message.endswith(".") or (state == "rejected") != (
            rule_id is not None and rule_id != "D05" and not loaded
        ):
            faults.append((number, f"oklart besked: {state} {rule_id}"))
        if (loaded, kept_out) != (in_loaded, in_quarantine):
            faults.append((number, "registret har inte de rader som liggaren räknar"))
        if read:
            if mapping is None and (read, filtered) != (in_file, 0):
                faults.append((number, "lästa rader är inte filens"))
            counted = filled_lines(path, form)
            if counted and not counted[0] <= in_file + skipped + 1 <= counted[1]:
                faults.append((number, f"{in_file} rader och {skipped} utanför, men filen har {counted}"))
    return faults


def _faults_of_preview(
    settings: Settings, number: int, path: Path, told: list[str]
) -> list[tuple[int | None, str]]:
    """What a person who looks at the file is shown; it goes to `told`."""
    try:
        told += preview_lines(preview_file(settings, path))
        told.append(write_draft(settings, path, f"utkast{chr(97 + number % 26)}").read_text(encoding="utf-8"))
    except (PlainError, DeliveryRejectedError) as problem:
        told.append(str(problem))
    except Exception as problem:
        return [(number, f"granskningen föll med {type(problem).__name__}")]
    finally:
        for draft in (settings.home / "landing" / "mappings").glob("utkast*.yml"):
            draft.unlink()
    return []


def _leaks(settings: Settings, told: list[str]) -> list[str]:
    """Where a personnummer stands: what was said, the reports, the text columns of the vault, bytes on the disk."""
    places = {f"det sagda, rad {place}" for place, text in enumerate(told) if _shows_somebody(text)}
    outside = [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and not path.is_relative_to(settings.home / "landing")
    ]
    forms = [form.encode() for number in PEOPLE for form in spellings(number)]
    for path in outside:
        content = path.read_bytes()
        if any(form in content for form in forms):
            places.add(path.name)
        if path.suffix in (".html", ".csv") and _shows_somebody(content.decode("utf-8")):
            places.add(path.name)
    with vault_file.open_vault(settings, read_only=True) as vault:
        columns = vault.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'vault' "
            "and schema_name = 'register' and data_type = 'VARCHAR'"
        ).fetchall()
        for table, column in columns:
            values = vault.execute(f"select distinct {column} from register.{table}").fetchall()
            if column not in _NEVER_TEXT and any(_shows_somebody(value) for (value,) in values if value):
                places.add(f"{table}.{column}")
    return sorted(places)


def _shows_somebody(text: str) -> bool:
    """Whether the text holds a right personnummer, in digits of any script and with marks between them."""
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    return any(_is_somebody(re.sub("[^0-9]", "", found[1])) for found in _TEN_DIGITS.finditer(plain))


def _is_somebody(digits: str) -> bool:
    month, day = int(digits[2:4]), int(digits[4:6])
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    check = sum(value // 10 + value % 10 for value in doubled) % 10 == 0
    return check and 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91) and digits[6:9] >= "980"


def _saved(files: dict[int, Path], faults: list[tuple[int | None, str]]) -> str:
    """What failed and how to make it again, without anything of what the files hold."""
    folder = Path(tempfile.mkdtemp(prefix="bistand-fuzz-"))
    for number, _ in faults:
        if number is not None:
            (folder / f"{SEED}-{files[number].name}").write_bytes(files[number].read_bytes())
    listed = "; ".join(
        f"något av fallen {min(files)}–{max(files)}: {what}" if number is None else f"fall {number}: {what}"
        for number, what in faults[:20]
    )
    return f"BISTAND_FUZZ_SEED={SEED}, sparat i {folder}: {listed}"


@pytest.mark.parametrize(
    "spelling", [*spellings(PEOPLE[3]), " ".join(PEOPLE[3]), arabic(PEOPLE[3]), wide(PEOPLE[3])]
)
def test_a_personnummer_would_be_seen_in_any_spelling(spelling):
    assert _shows_somebody(f"se {spelling}.")
    assert not _shows_somebody(
        "0180.csv lästes in: 12 av 12 rader, 3 i karantän (R03), kommun 0180 2019-03, 20200101."
    )


def test_the_plain_reader_counts_lines_and_records(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('titel\n\na;b\n"x\ny";1\n;;\n2;3', encoding="utf-8")
    assert filled_lines(path, "csv") == (4, 5)
