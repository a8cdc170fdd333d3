"""A report per delivery that has something to mend: what, in which rows of the file, and what to do. For the sender.

It is written from the ledger and the quarantine, which hold nothing that identifies a person, and can always be written
again. HTML to read and CSV to work from, for the owner of the register only.
"""

from __future__ import annotations

import csv
import html
import io
import os
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import one_row, sql_text
from orchestration.errors import RegisterError
from orchestration.intake.rules.catalogue import rule_catalogue
from orchestration.run_lock import private_files
from orchestration.settings import Settings
from orchestration.vault import file as vault_file
from orchestration.vault import ledger
from orchestration.vault.states import DECISION_NAMES, STATE_NAMES

REPORT_STATES = {"none": "inget att rätta", "open": "öppen", "closed": "stängd"}
COLUMNS = ("leverans", "filrad", "regel", "slag", "kommun", "period", "vad", "gor")
SEVERITY_NAMES = {"error": "fel", "warning": "varning"}
_ROWS_SHOWN = 500
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #cbd2d9}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
)

# rows in quarantine, and rows that were let in with a warning; D04 only says that the whole month was refused
_ROWS = """
select file_row, rule_id, municipality_code, strftime(period_month, '%Y-%m')
from register.quarantine
where delivery_id = $id and rule_id <> 'D04'
union all
select file_row, unnest(string_split(warnings, ',')), municipality_code, strftime(period_month, '%Y-%m')
from register.person_months
where delivery_id = $id and warnings is not null
union all
select file_row, unnest(string_split(warnings, ',')), municipality_code, strftime(period_month, '%Y-%m')
from (
    select delivery_id, file_row, warnings, municipality_code, period_month from register.exit_reasons
    union all
    select delivery_id, file_row, warnings, municipality_code, period_month from register.activities
    union all
    select delivery_id, file_row, warnings, municipality_code, period_month from register.reductions
    union all
    select delivery_id, file_row, warnings, municipality_code, period_month from register.measures
) as optional_rows
where delivery_id = $id and warnings is not null
order by 1, 2
"""

# What a report says of the states and decisions of its delivery: another text, another report.
_STAMPS = """
select
    reports.delivery_id,
    reports.report_state,
    md5(concat_ws(
        ' ', reports.report_state, states.state, states.message,
        string_agg(months.municipality_code || months.period_month || months.state, ' ' order by months.municipality_code,
            months.period_month),
        (select count(*) from register.decisions where decisions.delivery_id = reports.delivery_id)
    )) as stamp
from delivery_reports as reports
inner join delivery_states_now as states on reports.delivery_id = states.delivery_id
left join month_states_now as months on reports.delivery_id = months.delivery_id
where ($id is null and (report_state = 'open' or list_contains($pages, reports.delivery_id))) or reports.delivery_id = $id
group by reports.delivery_id, reports.report_state, states.state, states.message
order by reports.delivery_id
"""

DELIVERY_REPORTS = Path(__file__).with_name("reports.sql")


def report_paths(settings: Settings, delivery_id: int) -> tuple[Path, Path]:
    """The HTML and the CSV of a delivery, whether they are there or not."""
    folder = settings.register_folder / "reports"
    return folder / f"{delivery_id}.html", folder / f"{delivery_id}.csv"


def write_report(settings: Settings, delivery_id: int) -> tuple[str, Path, Path]:
    """Writes the report of a delivery anew; returns its state in Swedish and its files. Raises RegisterError."""
    with private_files(), vault_file.open_vault(settings, read_only=True) as connection:
        connection.execute(sql_text(DELIVERY_REPORTS))
        found = connection.execute(_STAMPS, {"id": delivery_id, "pages": []}).fetchone()
        if found is None:
            raise RegisterError(f"Leverans {delivery_id} finns inte; se numren med bistand deliveries list.")
        _write(settings, connection, *found)
    return REPORT_STATES[found[1]], *report_paths(settings, delivery_id)


def bring_reports_up_to_date(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Writes what is missing of the open reports, and those anew whose states or decisions are others than they say.

    What is on disk is looked at and not remembered, so that a run that was killed is made good by the next.
    Raises VaultWriteError when the reports cannot be written.
    """
    try:
        pages, tables = _files_written(settings)
        # most deliveries of a large ledger have nothing to mend and never had a report
        connection.execute(sql_text(DELIVERY_REPORTS))
        stamps = connection.execute(_STAMPS, {"id": None, "pages": sorted(pages)}).fetchall()
        for delivery_id, state, stamp in stamps:
            missing = state == "open" and not (delivery_id in pages and delivery_id in tables)
            stale = delivery_id in pages and not _says(report_paths(settings, delivery_id)[0], stamp)
            if missing or stale:
                _write(settings, connection, delivery_id, state, stamp)
    except OSError:
        raise vault_file.VaultWriteError(
            f"Rapporterna gick inte att skriva i {settings.register_folder / 'reports'}: disken är full eller inte "
            "skrivbar. Leveranserna är inlästa; frigör plats och kör igen."
        ) from None


def _files_written(settings: Settings) -> tuple[set[int], set[int]]:
    """The deliveries with an HTML, and those with a CSV."""
    folder = report_paths(settings, 0)[0].parent
    names = [Path(entry.name) for entry in os.scandir(folder)] if folder.exists() else []
    pages, tables = (
        {int(name.stem) for name in names if name.suffix == suffix and name.stem.isdecimal()}
        for suffix in (".html", ".csv")
    )
    return pages, tables


def _says(page: Path, stamp: str) -> bool:
    with page.open(encoding="utf-8") as file:
        return f'data-stamp="{stamp}"' in file.read(200)


def _write(
    settings: Settings, connection: duckdb.DuckDBPyConnection, delivery_id: int, state: str, stamp: str
) -> None:
    rows = connection.execute(_ROWS, {"id": delivery_id}).fetchall()
    page, table = report_paths(settings, delivery_id)
    page.parent.mkdir(exist_ok=True)
    page.parent.chmod(0o700)
    _replace(table, _csv(delivery_id, rows))
    _replace(page, _html(connection, delivery_id, state, stamp, rows))


def _replace(path: Path, text: str) -> None:
    """Wholly old or wholly new."""
    beside = path.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    beside.write_text(text, encoding="utf-8")
    beside.chmod(0o600)
    os.replace(beside, path)


def _csv(delivery_id: int, rows: list[tuple[Any, ...]]) -> str:
    """Semicolons and a mark of order, so that a Swedish spreadsheet opens it as it stands."""
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    for file_row, rule_id, code, period in rows:
        rule = rule_catalogue()[rule_id]
        writer.writerow(
            [
                delivery_id, file_row, rule_id, SEVERITY_NAMES[rule.severity], code or "", period or "", rule.title,
                rule.action,
            ]
        )  # fmt: skip
    return "\ufeff" + sink.getvalue()


def _html(
    connection: duckdb.DuckDBPyConnection,
    delivery_id: int,
    state: str,
    stamp: str,
    rows: list[tuple[Any, ...]],
) -> str:
    name, received, now, message, read, kept, quarantined, duplicate = one_row(
        connection.execute(
            "select coalesce(file_name, 'anmäld tom månad'), received_at, state, message, rows_read, rows_loaded, "
            "rows_quarantined, rows_duplicate from delivery_states_now where delivery_id = $id",
            {"id": delivery_id},
        )
    )
    parts = [
        f"<h1>Leverans {delivery_id}: rapporten är {REPORT_STATES[state]}</h1>",
        f"<p><b>{html.escape(name)}</b>, mottagen {received:%Y-%m-%d %H:%M} (UTC). Läge: {STATE_NAMES[now]}.</p>",
        f"<p>{html.escape(message)}</p>",
        f"<p>{read} lästa rader = {kept} inlästa + {quarantined} i karantän + {duplicate} dubbletter.</p>",
        f"<p>{_what_now(state)}</p>",
        "<h2>Regler</h2>",
        _table(("Regel", "Antal", "Vad", "Gör så här"), _rule_rows(connection, delivery_id)),
        "<h2>Månader</h2>",
        _table(("Kommun", "Månad", "Läge", "Inlästa", "I karantän"), _month_rows(connection, delivery_id)),
        "<h2>Beslut</h2>",
        _table(("När (UTC)", "Kommun", "Månad", "Beslut", "Varför"), _decision_rows(connection, delivery_id)),
        "<h2>Rader i filen</h2>",
        f"<p>Radnumret räknas i den levererade filen; rubriken är rad 1. {_shown(len(rows))}</p>",
        _table(("Rad", "Regel", "Kommun", "Månad"), [row[:4] for row in rows[:_ROWS_SHOWN]]),
        "<p>Rapporten innehåller inga personuppgifter.</p>",
    ]
    return (
        f'<!doctype html><html lang="sv" data-state="{state}" data-stamp="{stamp}"><meta charset="utf-8">'
        f"<title>Leverans {delivery_id}</title><style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</html>\n"
    )


def _what_now(state: str) -> str:
    if state == "closed":
        return "De månader som hade fel har levererats på nytt. Inget mer behöver göras."
    if state == "none":
        return "Inget behöver rättas."
    return (
        "Gör det som står vid varje regel och leverera hela månaden igen; den nya leveransen ersätter den förra och "
        "stänger rapporten."
    )


def _shown(count: int) -> str:
    return f"De första {_ROWS_SHOWN} av {count} visas; alla står i CSV-filen." if count > _ROWS_SHOWN else ""


def _rule_rows(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[tuple[Any, ...]]:
    return [
        (rule_id, count, rule_catalogue()[rule_id].title, rule_catalogue()[rule_id].action)
        for rule_id, count, _ in ledger.rules_met(connection, delivery_id)
    ]


def _month_rows(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        "select municipality_code, strftime(period_month, '%Y-%m'), state, rows_loaded, rows_quarantined "
        "from month_states_now where delivery_id = $id order by municipality_code, period_month",
        {"id": delivery_id},
    ).fetchall()
    return [
        (code, period, STATE_NAMES[state], loaded, kept_out) for code, period, state, loaded, kept_out in rows
    ]


def _decision_rows(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        "select strftime(decided_at, '%Y-%m-%d %H:%M'), municipality_code, strftime(period_month, '%Y-%m'), decision, reason "
        "from register.decisions where delivery_id = $id order by decision_id",
        {"id": delivery_id},
    ).fetchall()
    return [(when, code, period, DECISION_NAMES[made], why) for when, code, period, made, why in rows]


def _table(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "<p>Inga.</p>"
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    return f"<td>{'' if value is None else html.escape(str(value))}</td>"
