"""Write the pages of docs/reference and docs/dictionary that come from the code: `make docs`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from docs.asked import PAGE, questions_page
from docs.tables import FOLDER, dictionary_pages
from orchestration.catalog.loader import load_catalog
from orchestration.settings import PROJECT_ROOT, Settings, load_settings
from tests.spec.drawing import specs_as_markdown

REFERENCE = PROJECT_ROOT / "docs" / "reference"


def indicators_as_markdown() -> str:
    """Every indicator of the catalogue with its definition, numerator, denominator and variants."""
    from orchestration.warehouse.raw_tables import COLUMNS, indicator_rows

    names = [column.split()[0] for column in COLUMNS["indicators"].split(", ")]
    rows = [dict(zip(names, row, strict=True)) for row in indicator_rows(load_catalog(load_settings()))]
    lines = ["# Indikatorer", "", "Ur `data/catalog/indicators.yml`; ändra där och kör `make docs`."]
    for row in rows:
        lines += [
            "",
            f"## `{row['indicator_id']}` · `{row['definition_id']}`",
            "",
            f"**{row['indicator_name']}**",
        ]
        lines += ["", row["definition_text"]]
        details = [
            ("Täljare", row["numerator_text"]),
            ("Nämnare", row["denominator_text"]),
            ("Enhet", row["unit"]),
            ("Kolada", row["kolada_id"]),
            ("Publicerade siffror bryts", row["published_break_years"]),
            ("Att tänka på", row["caveat_text"]),
        ]
        lines += ["", *[f"- {label}: {text}" for label, text in details if text]]
    return "\n".join(lines) + "\n"


PAGES = {
    "definitioner-i-ritade-fall.md": specs_as_markdown,
    "indikatorer.md": indicators_as_markdown,
}


def write_dictionary() -> None:
    """The pages of docs/dictionary, and none of a table that is no longer released."""
    from orchestration.warehouse.dbt_runner import prepare_manifest

    with TemporaryDirectory() as home:
        pages = dictionary_pages(prepare_manifest(Settings(home=Path(home))))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"docs/dictionary: {len(pages)} sidor")


def main() -> None:
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
        print(f"docs/reference/{name}")
    write_dictionary()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(questions_page(), encoding="utf-8")
    print("docs/questions")


if __name__ == "__main__":
    main()
