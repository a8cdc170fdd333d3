"""What is found is told by e-mail and to a webhook: once when it comes, and again after some days while it lasts."""

from __future__ import annotations

import json
import os
import smtplib
import socket
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from orchestration.errors import PlainError
from orchestration.operation.findings import KINDS, Finding
from orchestration.operation.limits import limit
from orchestration.operation.state import operation_folder, write_whole
from orchestration.settings import Settings, SettingsError, utc_now

_SECONDS = 20


class AlertError(PlainError):
    """An alert could not be sent; it is tried again the next time."""


def tell(settings: Settings, found: list[Finding], now: datetime | None = None) -> list[str]:
    """Send what is new among `found` to every receiver, and say what was done, a sentence for each receiver.

    What a receiver did not get is not remembered as told to it. Raises AlertError, when the others have been told, naming each
    receiver that could not be reached.
    """
    now = now or utc_now()
    said, failed = [], []
    remembered = _remembered(settings)
    for receiver, send in _receivers().items():
        told = remembered.get(receiver, {})
        again = timedelta(days=limit(settings, "remind_days"))
        new = [
            one
            for one in found
            if (at := told.get(_name(one))) is None or now - datetime.fromisoformat(at) >= again
        ]
        # what has passed is forgotten, and is new if it comes again
        still = {_name(one): at for one in found if (at := told.get(_name(one)))}
        if new:
            try:
                send(new)
            except (OSError, smtplib.SMTPException, AlertError) as problem:
                failed.append(f"{receiver} ({_why(problem)})")
                remembered[receiver] = still
                continue
            said.append(f"{len(new)} {'sak' if len(new) == 1 else 'saker'} skickade till {receiver}.")
        remembered[receiver] = still | {_name(one): now.isoformat() for one in new}
    write_whole(operation_folder(settings) / "told.json", json.dumps(remembered, indent=1))
    if failed:
        raise AlertError(
            f"Larm gick inte att skicka till {' och '.join(failed)}; rätta inställningen, de skickas nästa gång."
        )
    return said


def _receivers() -> dict[str, Callable[[list[Finding]], None]]:
    """Those that the settings name. Raises SettingsError when one is named by half."""
    found: dict[str, Callable[[list[Finding]], None]] = {}
    if os.environ.get("BISTAND_ALERT_EMAIL"):
        if not os.environ.get("BISTAND_SMTP_SERVER"):
            raise SettingsError(
                "BISTAND_SMTP_SERVER saknas; ange e-postservern (namn:port), eller töm BISTAND_ALERT_EMAIL."
            )
        found["e-post"] = _send_email
    if os.environ.get("BISTAND_ALERT_WEBHOOK"):
        found["webhook"] = _call_webhook
    return found


def _send_email(found: list[Finding]) -> None:
    message = EmailMessage()
    worst = found[0]
    more = f" och {len(found) - 1} till" if len(found) > 1 else ""
    message["Subject"] = f"Biståndslagret: {KINDS[worst.kind]}{more}"
    message["From"] = os.environ.get("BISTAND_SMTP_SENDER") or f"bistandslagret@{socket.gethostname()}"
    message["To"] = os.environ["BISTAND_ALERT_EMAIL"]
    message.set_content(
        "".join(f"{'! ' if one.is_serious else '- '}{one.text}\n" for one in found)
        + f"\nAllt som gäller nu: bistand status på {socket.gethostname()}.\n"
    )
    host, _, port = os.environ["BISTAND_SMTP_SERVER"].partition(":")
    security = os.environ.get("BISTAND_SMTP_SECURITY") or "starttls"
    if security not in ("starttls", "tls", "none"):
        raise SettingsError("BISTAND_SMTP_SECURITY kan inte tolkas; välj starttls, tls eller none.")
    kind = smtplib.SMTP_SSL if security == "tls" else smtplib.SMTP
    with kind(host, int(port or (465 if security == "tls" else 25)), timeout=_SECONDS) as server:
        if security == "starttls":
            import ssl

            server.starttls(context=ssl.create_default_context())
        if user := os.environ.get("BISTAND_SMTP_USER"):
            server.login(user, _secret("BISTAND_SMTP_PASSWORD_FILE"))
        server.send_message(message)


def _call_webhook(found: list[Finding]) -> None:
    import httpx

    body = {
        "source": "bistandslagret",
        "host": socket.gethostname(),
        "is_serious": any(one.is_serious for one in found),
        # what chat services show
        "text": "\n".join(one.text for one in found),
        "findings": [asdict(one) | {"is_serious": one.is_serious} for one in found],
    }
    headers = {}
    if os.environ.get("BISTAND_ALERT_WEBHOOK_TOKEN_FILE"):
        headers["Authorization"] = f"Bearer {_secret('BISTAND_ALERT_WEBHOOK_TOKEN_FILE')}"
    try:
        answer = httpx.post(
            os.environ["BISTAND_ALERT_WEBHOOK"],
            json=body,
            headers=headers,
            timeout=_SECONDS,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise AlertError(type(problem).__name__) from None
    if not answer.is_success:
        raise AlertError(f"svarade {answer.status_code}")


def _secret(variable: str) -> str:
    path = os.environ.get(variable)
    try:
        return Path(path or "").expanduser().read_text(encoding="utf-8").strip()
    except OSError:
        raise AlertError(f"filen i {variable} går inte att läsa") from None


def _why(problem: Exception) -> str:
    """Never what the other side said: it may repeat what it was sent."""
    if isinstance(problem, AlertError):
        return str(problem)
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"svarade {problem.smtp_code}"
    return type(problem).__name__


def _name(finding: Finding) -> str:
    return f"{finding.kind}:{finding.mark}"


def _remembered(settings: Settings) -> dict[str, dict[str, str]]:
    try:
        said: dict[str, dict[str, str]] = json.loads(
            (operation_folder(settings) / "told.json").read_text(encoding="utf-8")
        )
        return said
    except (OSError, ValueError):
        return {}
