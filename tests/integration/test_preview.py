"""Looking at a file before it is delivered: what would be read, nothing saved, and never a personnummer."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from orchestration.errors import RegisterError
from orchestration.intake.deliveries import loading
from orchestration.intake.mappings import mapping_files
from orchestration.intake.mappings.drafts import write_draft
from orchestration.intake.preview.masking import masked_personnummer, shown_row
from orchestration.intake.preview.preview import preview_file, preview_lines
from orchestration.settings import Settings
from orchestration.vault import file as vault_file
from orchestration.vault import pseudonym
from tests.fixtures.commands import bistand
from tests.fixtures.register_files import COLUMNS, KEY, adult, child, csv_text, deliver, row, rows
from tests.fixtures.vendor_files import (
    canonical_rows,
    decision_rows_csv,
    hand_made_xlsx,
    household_rows_csv,
    households,
)
from tests.fixtures.xlsx_files import xlsx_bytes

EXPORTS = [
    ("uttag.csv", household_rows_csv, "hushallsrader"),
    ("uttag.txt", decision_rows_csv, "rader_med_beslut"),
    ("uttag.xlsx", hand_made_xlsx, "excel_for_hand"),
]


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "hem")


def put(tmp_path: Path, content: str | bytes, name: str = "uttag.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def leaks(text: str, numbers: list[str]) -> list[str]:
    """The personnummer of the file that the text gives away, whole or by their four last digits beside the birth date."""
    digits = re.sub(r"[^0-9]", "", text)
    return [number for number in numbers if number[2:] in digits]


@pytest.mark.parametrize(("name", "export", "mapping"), EXPORTS)
def test_the_preview_says_how_a_file_would_be_read(settings, tmp_path, name, export, mapping):
    drawn = households()
    text = "\n".join(preview_lines(preview_file(settings, put(tmp_path, export(drawn), name))))
    assert f"Mappning: {mapping} (känd på kolumnerna)" in text
    assert f"{len(canonical_rows(drawn))} rätta, 0 till karantän" in text
    assert "Läses inte: " in text
    assert "Efternamn" not in text
    assert text.endswith("Inget är sparat.")
    assert leaks(text, [person["personnummer"] for person in canonical_rows(drawn)]) == []
    assert not settings.home.exists()


def test_the_preview_counts_the_rules_that_rows_meet(settings, tmp_path):
    lines = [*rows(30), row(personnummer="19500101980"), row(hushalls_id="H9", forsorjningshinder="")]
    found = preview_file(settings, put(tmp_path, csv_text(lines)))
    assert found.rule_hits == [("R03", 1), ("R10", 1)]
    assert found.refused_months == []
    assert preview_file(settings, put(tmp_path, csv_text(lines[29:]))).refused_months == ["0180 2019-03"]


def test_the_birth_year_is_all_that_is_shown_of_a_personnummer():
    assert masked_personnummer("19800101-9802") == "1980****-****"
    assert masked_personnummer("800101-9802") == "80****-****"
    assert masked_personnummer("Karin 800101") == "****"
    assert masked_personnummer("") == "****"


def test_a_row_whose_personnummer_stands_elsewhere_is_hidden():
    number = adult(3)
    shifted = {
        "kommunkod": number,
        "period": number[:8],
        "hushalls_id": number[8:],
        "personnummer": "RL",
        "roll": "3",
    }
    shown = shown_row({**dict.fromkeys(COLUMNS, ""), **shifted})
    assert set(shown.values()) == {"", "[dolt]", "****"}
    by_number = shown_row({**dict.fromkeys(COLUMNS, ""), "personnummer": number, "hushalls_id": number[8:]})
    assert by_number["hushalls_id"] == "[dolt]"


def test_a_day_is_shown_in_its_own_column_unless_it_is_the_birth_day_or_the_row_is_shifted():
    number = adult(3)
    days = {"anvisad_datum": "2026-07-01", "slut_datum": "20260930"}
    assert shown_row({"personnummer": number, **days}) == {
        "personnummer": masked_personnummer(number),
        **days,
    }
    born = shown_row({"personnummer": "200701019802", "anvisad_datum": "2007-01-01"})
    assert born["anvisad_datum"] == "[dolt]"
    shifted = shown_row({"personnummer": "4a", "lagrum": "2026-07-01", **days})
    assert set(shifted.values()) == {"****", "[dolt]"}


def _garbage(seed: int) -> tuple[bytes, str, list[str]]:
    """A delivery cut, shuffled and torn; its name; the personnummer in it."""
    draw = random.Random(seed)
    numbers = [adult(number) for number in range(20)]
    lines = csv_text([row(personnummer=number, hushalls_id=number) for number in numbers]).splitlines()
    if draw.random() < 0.5:
        lines = lines[1:]
    if draw.random() < 0.3:
        lines = [";".join(draw.sample(line.split(";"), line.count(";") + 1)) for line in lines]
    if draw.random() < 0.3:
        lines = [
            re.sub(r"([0-9]{8})([0-9]{4})", draw.choice([r"\1;\2", r"\1 \2", r"\2;\1"]), line)
            for line in lines
        ]
    if draw.random() < 0.3:
        lines = [line.replace(";", draw.choice("|\t,:")) for line in lines]
    content = "\n".join(lines).encode()
    if draw.random() < 0.3:
        cut = draw.randrange(len(content))
        content = content[cut:] + bytes(draw.randrange(256) for _ in range(draw.randrange(20)))
    if draw.random() < 0.3:
        content = xlsx_bytes([line.split(";") for line in lines])[: draw.choice([None, -30])]
        return content, f"{numbers[0]}.xlsx", numbers
    return content, draw.choice(["uttag.csv", f"{numbers[0]}.txt", "uttag.parquet", "uttag.csv.gz"]), numbers


@pytest.mark.parametrize("seed", range(60))
def test_no_personnummer_is_shown_or_written_whatever_the_file_holds(settings, tmp_path, seed):
    content, name, numbers = _garbage(seed)
    path = put(tmp_path, content, name)
    text = "\n".join(preview_lines(preview_file(settings, path)))
    assert leaks(text, numbers) == []
    try:
        written = write_draft(settings, path)
        text = written.name + written.read_text(encoding="utf-8")
    except RegisterError as refusal:
        text = str(refusal)
    assert leaks(text, numbers) == []


@pytest.mark.parametrize(("name", "export", "mapping"), EXPORTS[1:])
def test_a_draft_of_a_known_export_needs_little_to_be_right(settings, tmp_path, name, export, mapping):
    drawn = households()
    written = write_draft(settings, put(tmp_path, export(drawn), name), "egen")
    assert written == settings.home / "landing" / "mappings" / "egen.yml"
    assert written.stat().st_mode & 0o077 == 0
    known = mapping_files.load_mappings(settings).shared[mapping]
    text = written.read_text(encoding="utf-8").replace('kommunkod: ""', "kommunkod: 0180")
    written.write_text(text, encoding="utf-8")
    draft = mapping_files.read_mapping(written)
    assert draft.is_draft
    assert set(draft.columns) >= {"period", "hushalls_id", "personnummer", "roll", "hushallstyp"}
    assert {**known.columns, **draft.columns} == known.columns
    assert draft.period_format == known.period_format
    assert {code.lower() for code in draft.codes["roll"]} == {code.lower() for code in known.codes["roll"]}


def test_a_draft_of_household_rows_finds_both_adults_and_the_children(settings, tmp_path):
    written = write_draft(settings, put(tmp_path, household_rows_csv(households())), "egen")
    draft, known = (
        mapping_files.read_mapping(written),
        mapping_files.load_mappings(settings).shared["hushallsrader"],
    )
    assert draft.persons == known.persons
    assert draft.columns == known.columns
    found = preview_file(settings, tmp_path / "uttag.csv", "egen")
    assert "ett utkast" in found.mapping
    assert found.rows.startswith("48 i filen, 144 personrader, 144 rätta")


def test_a_draft_is_not_written_over_another_and_an_unfinished_one_is_told(settings, tmp_path):
    path = put(tmp_path, csv_text(rows(3)).replace("period", "avseende").replace("2019-03", "mars"))
    write_draft(settings, path, "egen")
    with pytest.raises(RegisterError, match="finns redan"):
        write_draft(settings, path, "egen")
    assert "period saknar källkolumn" in mapping_files.load_mappings(settings).broken["egen"]


def test_the_commands_work_and_say_plainly_what_is_wrong(tmp_path):
    path = put(tmp_path, household_rows_csv(households()))
    shown = bistand(tmp_path / "hem", "deliveries", "preview", str(path), key=None)
    assert shown.returncode == 0, shown.stderr
    assert "Mappning: hushallsrader" in shown.stdout
    drafted = bistand(tmp_path / "hem", "deliveries", "new-mapping", str(path), "--name", "egen", key=None)
    assert drafted.returncode == 0, drafted.stderr
    for arguments, text in (
        (("preview", str(tmp_path / f"{child(1)}.csv")), "finns inte"),
        (("preview", str(path), "--mapping", "okand"), "Mappningen okand finns inte"),
        (("new-mapping", str(path), "--name", "Å Ä"), "namn går inte att använda"),
    ):
        failed = bistand(tmp_path / "hem", "deliveries", *arguments, key=None)
        assert failed.returncode == 1
        assert text in failed.stderr
        assert leaks(failed.stdout + failed.stderr, [child(1)]) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("finns_inte.csv", "Filen finns_inte.csv finns inte; ange sökvägen till en fil."),
        ("mapp.csv", "mapp.csv är en mapp; ange sökvägen till en fil i den."),
        (
            "slinga.csv",
            "Filen slinga.csv går inte att läsa; kopiera den till en annan plats och försök igen.",
        ),
    ],
)
def test_what_is_no_file_is_told_in_a_sentence(settings, tmp_path, name, told):
    (tmp_path / "mapp.csv").mkdir()
    (tmp_path / "slinga.csv").symlink_to(tmp_path / "slinga.csv")
    for look in (preview_file, write_draft):
        with pytest.raises(RegisterError) as caught:
            look(settings, tmp_path / name)
        assert str(caught.value) == told


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "uttag.zip",
            b"PK\x05\x06" + bytes(18),
            "Filen skulle avvisas (D01): filtypen tas inte emot, filen är en zip-fil, packa upp den",
        ),
        (
            "uttag.xls",
            b"x",
            "Filen skulle avvisas (D01): filtypen tas inte emot, filen är text, ge den ändelsen .csv.",
        ),
        ("uttag.xlsx", b"", "Filen skulle avvisas (D03): filen är tom."),
        (
            "uttag.csv",
            csv_text(rows(5, period="jan 2019")),
            "Skulle avvisas (D04): ingen rad går att knyta till",
        ),
    ],
)
def test_a_file_that_would_be_refused_is_told_so_with_what_to_do(settings, tmp_path, name, content, told):
    shown = preview_lines(preview_file(settings, put(tmp_path, content, name)))
    assert [line for line in shown if line.startswith(told)]


def test_the_preview_says_which_months_would_wait_for_a_decision(settings, monkeypatch):
    monkeypatch.setenv(pseudonym.KEY_VARIABLE, KEY.hex())
    for month in range(1, 8):
        deliver(settings, rows(30, period=f"2019-{month:02d}"), name=f"{month}.csv", minute=month)
    loading.load_landing(settings)
    lines = [*rows(10, period="2019-08"), *rows(28, period="2019-09")]
    shown = preview_lines(preview_file(settings, deliver(settings, lines, name="ny.csv")))
    [held] = [line for line in shown if line.startswith("Skulle vänta på beslut (D05")]
    assert held.endswith("månaderna före): 0180 2019-08 (10 hushåll, median före 30)")
    with vault_file.open_vault(settings):
        shown = preview_lines(preview_file(settings, settings.landing_register / "ny.csv"))
        assert [line for line in shown if "inte jämfört med månaderna före (D05)" in line]
    # and the intake says the same
    assert loading.load_landing(settings).held == 1
    alone = Settings(home=settings.home / "annan")
    shown = preview_lines(preview_file(alone, settings.landing_register / "ny.csv"))
    assert not [line for line in shown if "D05" in line]


def test_a_sheet_made_by_hand_is_guessed_title_two_row_header_sum_and_all(settings, tmp_path):
    """Merged headings, months as words, numbers for codes and personnummer, amounts that say kr."""
    sheet: list[list[object]] = [
        ["Ekonomiskt bistånd 2019"],
        [],
        ["Kommun", "Månad", "Person", None, "Hushåll", None, "Belopp"],
        [None, None, "Pnr", "Roll", "Nr", "Typ", None],
    ]
    sheet += [[180, "jan 2019", int(adult(one)), "RL", f"H{one}", 3, "8 123 kr"] for one in range(12)]
    sheet += [["Summa", *[None] * 5, "97 476 kr"], ["Utskrivet av Handläggare"]]
    path = put(tmp_path, xlsx_bytes(sheet), "uttag.xlsx")
    draft = write_draft(settings, path, "egen")
    shown = preview_lines(preview_file(settings, path, "egen"))
    assert (
        "Rader: 12 i filen, 12 personrader, 12 rätta, 0 till karantän, 0 dubbla, 4 rader utanför tabellen"
        in shown
    )
    assert "  kommunkod            ← Kommun" in shown
    assert "  forsorjningsstod_kr  ← Belopp" in shown
    assert 'period_format: "månad ÅÅÅÅ"' in draft.read_text(encoding="utf-8")


def test_a_hand_made_count_which_has_no_persons_is_previewed_too(settings, tmp_path):
    text = f"kommunkod;period;insats;antal\n0180;2019-01;Jobbspåret;30\n0180;2019-02;se {adult(1)};3,5\n"
    said = "\n".join(preview_lines(preview_file(settings, put(tmp_path, text))))
    assert "1 rätta, 1 till karantän" in said
    assert "Jobbspåret" in said
    assert leaks(said, [adult(1)]) == []
