"""The files of the demo delivery, in the shapes that municipalities' systems give; bytes and dates are fixed."""

from __future__ import annotations

import gzip
import io
import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

SYNTHETIC_NOTE = """SYNTETISKT DEMOREGISTER

Allt i den här mappen är påhittat. Inga uppgifter gäller verkliga personer eller hushåll.
Personnumren är testnummer (födelsenummer 980–999) som inte delas ut till någon.
Antalen 2015–2019 är anpassade så att registret ger samma tal som de publicerade tabellerna i data/published_tables.
Månaderna i mappen aktivitetskravet (från juli 2025) är inte anpassade till några tal: de är påhittade rakt igenom.
Antagandena står i data/catalog/demo_register.yml. Mappen skrivs av `bistand demo` och kan tas bort.
"""


def set_date(path: Path, year: int, month: int, day: int = 15) -> None:
    """Give a file a fixed date (UTC), so that "later wins" always falls out the same."""
    stamp = datetime(year, month, day, 8, tzinfo=UTC).timestamp()
    os.utime(path, (stamp, stamp))


def ascii_name(name: str) -> str:
    """A municipality name for a file name: å, ä and ö as a and o."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def csv_bytes(table: pa.Table, delimiter: str = ";") -> bytes:
    """Text columns as CSV, never quoted (no value holds the delimiter)."""
    sink = io.BytesIO()
    header = delimiter.join(table.column_names) + "\n"
    options = pa_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="none")
    pa_csv.write_csv(table, sink, options)
    return header.encode() + sink.getvalue()


def gzipped(content: bytes) -> bytes:
    """Gzip without a clock, so that the same rows always give the same bytes."""
    return gzip.compress(content, compresslevel=4, mtime=0)


def _replace(table: pa.Table, name: str, column) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def windows1252(table: pa.Table) -> bytes:
    """Windows-1252 with Swedish headings, decimal comma, blank as thousands separator and a column too many."""
    for name in ("forsorjningsstod_kr", "ovrigt_bistand_kr"):
        values = table[name].to_pylist()
        spaced = [f"{int(value):,}".replace(",", " ") + ",00" if value else "" for value in values]
        table = _replace(table, name, pa.array(spaced))
    table = table.append_column("Handläggargrupp", pa.array(["Grupp 2"] * table.num_rows))
    headings = {
        "hushalls_id": "Hushålls_ID",
        "hushallstyp": "Hushållstyp",
        "forsorjningsstod_kr": "Försörjningsstöd_kr",
        "ovrigt_bistand_kr": "Övrigt_bistånd_kr",
        "forsorjningshinder": "Försörjningshinder",
        "forsorjningshinder_2": "Försörjningshinder_2",
        "kon": "Kön",
        "utrikes_fodd": "Utrikes_född",
    }
    table = table.rename_columns([headings.get(name, name.capitalize()) for name in table.column_names])
    return csv_bytes(table).decode("utf-8").replace("\n", "\r\n").encode("cp1252")


def comma_text(table: pa.Table) -> bytes:
    """Comma-delimited UTF-8 with a byte order mark, without the optional column `kon`."""
    return b"\xef\xbb\xbf" + csv_bytes(table.drop_columns(["kon", "distrikt"]), ",")


def short_personnummer(table: pa.Table) -> bytes:
    """Personnummer as YYMMDD-NNNN."""
    number = table["personnummer"]
    short = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(number, 2, 8), pc.utf8_slice_codeunits(number, 8, 12), "-"
    )
    return gzipped(csv_bytes(_replace(table, "personnummer", short)))


def compact_period(table: pa.Table) -> bytes:
    """Period as YYYYMM."""
    return gzipped(csv_bytes(_replace(table, "period", pc.replace_substring(table["period"], "-", ""))))


def reason_names(table: pa.Table, names: dict[str, str]) -> bytes:
    """Reasons by their Swedish names instead of slugs."""
    for column in ("forsorjningshinder", "forsorjningshinder_2"):
        coded = pc.dictionary_encode(table[column]).combine_chunks()
        named = pa.array([names.get(value, value) for value in coded.dictionary.to_pylist()])
        table = _replace(table, column, named.take(coded.indices))
    return gzipped(csv_bytes(table))


class Writer:
    """Writes the files of municipality-years into the demo folder and counts files and rows."""

    def __init__(self, folder: Path, forms: dict[tuple[str, int], str], reasons: dict[str, str]):
        self.folder, self.forms, self.reasons = folder, forms, reasons
        self.files, self.rows = 0, 0

    def write(self, name: str, content: bytes, rows: int, year: int, month: int) -> Path:
        """One file, dated the 15th of the given month."""
        path = self.folder / name
        path.write_bytes(content)
        set_date(path, year, month)
        self.files += 1
        self.rows += rows
        return path

    def write_year(
        self, code: str, name: str, year: int, table: pa.Table, suffix: str = "", month: int = 1
    ) -> Path:
        """A municipality's year, delivered in `month` of the year after, in its own form."""
        stem, form = f"{code}_{ascii_name(name)}_{year}{suffix}", self.forms.get((code, year), "")
        if form == "monthly_parquet":
            return self._write_months(f"{code}_{ascii_name(name)}", year, table)
        makers = {
            "windows1252_csv": (".csv", windows1252),
            "comma_txt": (".txt", comma_text),
            "short_personnummer": (".csv.gz", short_personnummer),
            "compact_period": (".csv.gz", compact_period),
            "reason_names": (".csv.gz", lambda rows: reason_names(rows, self.reasons)),
        }
        ending, make = makers.get(form, (".csv.gz", lambda rows: gzipped(csv_bytes(rows))))
        return self.write(stem + ending, make(table), table.num_rows, year + 1, month)

    def write_exits(self, code: str, year: int, table: pa.Table) -> Path:
        """Why aid ended in a municipality's year, delivered in April of the year after."""
        content = gzipped(csv_bytes(table))
        return self.write(f"avslut-{code}-{year}.csv.gz", content, table.num_rows, year + 1, 4)

    def write_later(
        self, code: str, name: str, year: int, table: pa.Table, delivered: tuple[int, int]
    ) -> Path:
        """The later months of a year, delivered in the given year and month."""
        stem = f"{code}_{ascii_name(name)}_{year}"
        return self.write(f"{stem}.csv.gz", gzipped(csv_bytes(table)), table.num_rows, *delivered)

    def write_kind(
        self, kind: str, code: str, year: int, table: pa.Table, delivered: tuple[int, int]
    ) -> Path:
        """A file of one of the optional kinds."""
        return self.write(f"{kind}-{code}-{year}.csv", csv_bytes(table), table.num_rows, *delivered)

    def _write_months(self, stem: str, year: int, table: pa.Table) -> Path:
        path = self.folder
        for name in ("forsorjningsstod_kr", "ovrigt_bistand_kr"):
            shown = pc.if_else(pc.equal(table[name], ""), None, table[name])
            table = _replace(table, name, shown.cast(pa.float64()))
        for month in range(1, 13):
            rows = table.filter(pc.equal(table["period"], f"{year}-{month:02d}"))
            sink = io.BytesIO()
            pq.write_table(rows, sink, compression="zstd")
            later = (year, month + 1) if month < 12 else (year + 1, 1)
            path = self.write(f"{stem}_{year}-{month:02d}.parquet", sink.getvalue(), rows.num_rows, *later)
        return path


def without_households(table: pa.Table, share: float) -> pa.Table:
    """The rows of all households but a share of them, chosen by their local number."""
    number = pc.utf8_slice_codeunits(table["hushalls_id"], 1).cast(pa.int64())
    kept = np.asarray(number) * 7919 % 1000 >= share * 1000
    return table.filter(pa.array(kept))
