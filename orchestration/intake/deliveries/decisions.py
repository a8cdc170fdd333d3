"""What a person sees of the deliveries, and decides about them. A decision is a row of its own: nothing is overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.database import one_row
from orchestration.errors import RegisterError
from orchestration.intake.deliveries.reports import bring_reports_up_to_date
from orchestration.intake.rules.catalogue import OPTIONAL_KINDS, rule_catalogue
from orchestration.intake.scrubbing import scrub_text
from orchestration.settings import Settings, utc_now
from orchestration.vault import file as vault_file
from orchestration.vault import ledger, writing
from orchestration.vault.states import DECISION_NAMES, STATE_NAMES

# which months a decision can change, in the order they are looked for when no month is named
_CHANGES = {"accept": (("held",), ("rejected",)), "reject": (("held",), ("accepted", "superseded"))}


_LISTED = """
select
    states.delivery_id, states.received_at, states.state, states.rows_loaded, states.rows_quarantined, states.rows_duplicate,
    states.message, months.codes, months.code, months.first_month, months.last_month
from delivery_states as states
left join (
    select
        delivery_id, count(distinct municipality_code) as codes, min(municipality_code) as code,
        strftime(min(period_month), '%Y-%m') as first_month, strftime(max(period_month), '%Y-%m') as last_month
    from register.delivery_months
    group by delivery_id
) as months on states.delivery_id = months.delivery_id
where $state is null or states.state = $state
order by states.delivery_id
"""


@dataclass(frozen=True)
class DeliveryMonth:
    """A municipality and a month (its first day)."""

    municipality_code: str
    period_month: date

    def __str__(self) -> str:
        return f"{self.municipality_code}:{self.period_month:%Y-%m}"


def parse_month(text: str) -> DeliveryMonth:
    """`2161:2015-03` as a delivery month. Raises RegisterError."""
    found = re.fullmatch(r"([0-9]{4}):([0-9]{4})-?(0[1-9]|1[0-2])", text.strip())
    if not found or not int(found[2]):
        raise RegisterError("Månaden kan inte tolkas: skriv kommunkod och månad som KOMMUN:ÅÅÅÅ-MM.")
    return DeliveryMonth(found[1], date(int(found[2]), int(found[3]), 1))


def list_deliveries(settings: Settings, state: str | None = None) -> list[str]:
    """One line of Swedish text per delivery, oldest first: number, time, state, rows and message. [] without a vault.

    `state` is one of STATE_NAMES and leaves the others out.
    """
    if not settings.vault.exists():
        return []
    with vault_file.open_vault(settings, read_only=True) as connection:
        rows = connection.execute(
            _LISTED,
            {"state": state},
        ).fetchall()
    return [
        f"{number:>5}  {received:%Y-%m-%d %H:%M}  {STATE_NAMES[now]:<16}  {_months_text(*months)}  "
        f"{loaded} inlästa, {quarantined} i karantän, {duplicate} dubbla  {message}"
        for number, received, now, loaded, quarantined, duplicate, message, *months in rows
    ]


def _months_text(codes: int | None, code: str | None, first: str | None, last: str | None) -> str:
    """`0180 2019-03`, `0180 2019-01–2019-12`, `27 kommuner 2015-01–2019-12`."""
    if not codes:
        return "ingen månad"
    where = code if codes == 1 else f"{codes} kommuner"
    return f"{where} {first}" if first == last else f"{where} {first}–{last}"


def show_delivery(settings: Settings, delivery_id: int) -> list[str]:
    """Lines of Swedish text: the delivery, its months, its rules with what to do, its decisions.

    Raises RegisterError when there is no such delivery.
    """
    with vault_file.open_vault(settings, read_only=True) as connection:
        lines = _headline(connection, delivery_id)
        lines += _month_lines(connection, delivery_id)
        lines += _rule_lines(connection, delivery_id)
        lines += _decision_lines(connection, delivery_id)
    return lines


def decide(
    settings: Settings,
    decision: str,
    delivery_id: int,
    months: Sequence[DeliveryMonth] = (),
    reason: str = "",
) -> list[str]:
    """Writes down that a person accepts or rejects months of a delivery; returns lines on what became of them.

    `decision` is `accept` or `reject`. Without `months` it is those that wait; when none waits, all that the decision
    can change. Raises RegisterError when there is nothing to decide.
    """
    if not settings.vault.exists():
        raise vault_file.VaultMissingError(vault_file.NO_VAULT)
    with writing.vault_for_writing(settings) as connection:
        chosen = _chosen(connection, decision, delivery_id, months)
        _record(connection, decision, delivery_id, chosen, reason)
        after = _states(connection, delivery_id)
        bring_reports_up_to_date(settings, connection)
    return [f"{month}: {_outcome(decision, after[month])}" for month in chosen]


def _outcome(decision: str, state: str) -> str:
    if decision == "accept" and state == "superseded":
        return "godkänd, men en senare leverans av månaden gäller"
    return "godkänd och gäller nu" if decision == "accept" else "avvisad och gäller inte"


def _states(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> dict[DeliveryMonth, str]:
    rows = connection.execute(
        "select municipality_code, period_month, state from month_states "
        "where delivery_id = $id order by municipality_code, period_month",
        {"id": delivery_id},
    ).fetchall()
    return {DeliveryMonth(code, month): state for code, month, state in rows}


def _chosen(
    connection: duckdb.DuckDBPyConnection, decision: str, delivery_id: int, months: Sequence[DeliveryMonth]
) -> list[DeliveryMonth]:
    states = _states(connection, delivery_id)
    if not states:
        _headline(connection, delivery_id)
        raise RegisterError(f"Leverans {delivery_id} har ingen månad att besluta om.")
    if decision == "accept" and ledger.is_removed(connection, delivery_id):
        raise RegisterError(
            f"Raderna i leverans {delivery_id} är borttagna och kan inte gälla; be om en ny fil och leverera den."
        )
    refused = {
        DeliveryMonth(*row)
        for row in connection.execute(
            "select municipality_code, period_month from register.delivery_months "
            "where delivery_id = $id and state = 'rejected'",
            {"id": delivery_id},
        ).fetchall()
    }
    for month in months:
        if month not in states:
            raise RegisterError(
                f"Leverans {delivery_id} har inte {month}; se bistand deliveries show {delivery_id}."
            )
        if month in refused:
            raise RegisterError(
                f"{month} har för stor andel fel och är inte inläst; rätta filen och leverera den igen, eller läs in "
                f"den igen med bistand deliveries replay {delivery_id}."
            )
    changeable = _CHANGES[decision]
    if months:
        allowed = {state for step in changeable for state in step}
        chosen = [month for month in dict.fromkeys(months) if states[month] in allowed]
    else:
        steps = (
            [month for month, state in states.items() if state in step and month not in refused]
            for step in changeable
        )
        chosen = next((found for found in steps if found), [])
    if not chosen:
        raise RegisterError(
            f"Leverans {delivery_id} har ingen månad som beslutet ändrar; se bistand deliveries show {delivery_id}."
        )
    return chosen


def _record(
    connection: duckdb.DuckDBPyConnection,
    decision: str,
    delivery_id: int,
    months: Iterable[DeliveryMonth],
    reason: str,
) -> None:
    """All of them or none."""
    now = utc_now()
    text = scrub_text(reason.strip()) or None
    with writing.transaction(connection):
        first = one_row(
            connection.execute("select coalesce(max(decision_id), 0) + 1 from register.decisions")
        )[0]
        connection.executemany(
            "insert into register.decisions values (?, ?, ?, ?, ?, ?, ?)",
            [
                (first + place, delivery_id, month.municipality_code, month.period_month, now, decision, text)
                for place, month in enumerate(months)
            ],
        )


def _headline(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[str]:
    found = connection.execute(
        "select kind, file_name, received_at, loaded_at, state, rows_read, rows_loaded, rows_quarantined, "
        "rows_duplicate, message, ignored_columns, replays_delivery_id "
        "from delivery_states where delivery_id = $id",
        {"id": delivery_id},
    ).fetchone()
    if found is None:
        raise RegisterError(f"Leverans {delivery_id} finns inte; se numren med bistand deliveries list.")
    kind, name, received, loaded, state, read, kept, quarantined, duplicate, message, ignored, replays = found
    lines = [
        f"Leverans {delivery_id}: {STATE_NAMES[state]}",
        f"  {'Anmäld tom månad' if name is None else f'Fil {name}'}{f', {OPTIONAL_KINDS[kind].name}' if kind in OPTIONAL_KINDS else ''}",
        f"  Kom {received:%Y-%m-%d %H:%M}, lästes {loaded:%Y-%m-%d %H:%M} (UTC)",
        f"  Rader: {read} lästa = {kept} inlästa + {quarantined} i karantän + {duplicate} dubbla",
        f"  Besked: {message}",
    ]
    if ignored:
        lines.append(f"  Kolumner som inte lästes: {ignored}")
    if replays:
        lines.append(f"  Läser om leverans {replays} och har dess plats i ordningen.")
    return lines


def _month_lines(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[str]:
    rows = connection.execute(
        "select municipality_code, period_month, state, households_count, households_median, rows_loaded, "
        "rows_quarantined, rule_id from month_states "
        "where delivery_id = $id order by municipality_code, period_month",
        {"id": delivery_id},
    ).fetchall()
    lines = ["Månader:"] if rows else []
    for code, month, state, households, median, loaded, quarantined, rule_id in rows:
        before = "" if median is None else f" (median före {f'{median:g}'.replace('.', ',')})"
        rule = f"  {rule_id}" if rule_id else ""
        lines.append(
            f"  {code}:{month:%Y-%m}  {STATE_NAMES[state]:<16}  {households} hushåll{before}, {loaded} rader, "
            f"{quarantined} i karantän{rule}"
        )
    return lines


def _rule_lines(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[str]:
    rows = ledger.rules_met(connection, delivery_id)
    lines = ["Regler:"] if rows else []
    for rule_id, count, what in rows:
        rule = rule_catalogue()[rule_id]
        lines += [f"  {rule_id}  {count} {what}: {rule.title}.", f"        {rule.action}"]
    return lines


def _decision_lines(connection: duckdb.DuckDBPyConnection, delivery_id: int) -> list[str]:
    rows = connection.execute(
        "select municipality_code, period_month, decided_at, decision, reason from register.decisions "
        "where delivery_id = $id order by decision_id",
        {"id": delivery_id},
    ).fetchall()
    lines = ["Beslut:"] if rows else []
    for code, month, decided, decision, reason in rows:
        why = f": {reason}" if reason else ""
        lines.append(f"  {decided:%Y-%m-%d %H:%M}  {code}:{month:%Y-%m}  {DECISION_NAMES[decision]}{why}")
    return lines
