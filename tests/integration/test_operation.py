"""Kept going by someone with little time: what waits, is late, has stopped or is missing is found, told once, and answered."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from orchestration.errors import ExitCode
from orchestration.intake.deliveries import loading
from orchestration.operation import alerts
from orchestration.operation.findings import KINDS, Finding, find
from orchestration.operation.state import operation_folder, read_state, remember_run
from orchestration.operation.status import serve_health, status, status_lines
from orchestration.settings import PROJECT_ROOT, Settings, utc_now
from orchestration.sources.connector import OUTCOMES
from tests.fixtures.commands import bistand
from tests.fixtures.register_files import adult, deliver, rows
from tests.servers.smtp import mail_server

NOW = datetime(2019, 5, 20, 12)


@pytest.fixture
def delivered(settings: Settings) -> Settings:
    """Stockholm to April, Vallentuna to February with a few of its rows in quarantine, a file that is none, and a municipality
    that has never been here."""
    settings = replace(settings, municipalities=("0180", "0115", "0114"))
    for month in (1, 2, 3, 4):
        deliver(settings, rows(6, period=f"2019-{month:02d}"), name=f"a{month}.csv", minute=month)
    bad = [one | {"roll": "X"} for one in rows(1, first=800, kommunkod="0115", period="2019-02")]
    deliver(
        settings, [*rows(30, first=400, kommunkod="0115", period="2019-02"), *bad], name="b.csv", minute=7
    )
    deliver(settings, rows(4, first=900, kommunkod="1480", period="2019-03"), name="c.csv", minute=8)
    (settings.landing_register / f"lista {adult(7)}.csv").write_text("något;annat\n1;2\n", encoding="utf-8")
    loading.load_landing(settings)
    return settings


def remembered(settings: Settings, code: ExitCode = ExitCode.DONE, told: str = "Klart.") -> None:
    remember_run(settings, NOW, code, told)
    path = operation_folder(settings) / "last_run.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(said | {"ended_at": NOW.isoformat()}), encoding="utf-8")


def kinds(found: list[Finding]) -> dict[str, list[str]]:
    by_kind: dict[str, list[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one.text)
    return by_kind


def test_what_somebody_has_to_do_something_about_is_found_and_named(delivered: Settings) -> None:
    remembered(delivered)
    found = kinds(find(delivered, NOW))
    assert found["late"] == [
        "Upplands Väsby (0114) är försenad med 2019-04; inget har kommit därifrån.",
        "Vallentuna (0115) är försenad med 2019-03–2019-04; senast kom 2019-02.",
    ]
    assert found["held"] == ["Göteborg 2019-03 i leverans 6 väntar på beslut; se bistand deliveries show 6."]
    assert found["quarantined"] == [
        "3 procent av raderna i leverans 5 ligger i karantän; se bistand deliveries show 5."
    ]
    assert found["rejected"] == [
        "Leverans 7 är avvisad (D02); skicka rapporten: bistand deliveries report 7."
    ]
    assert found["backup"] == ["Registret säkerhetskopieras inte; ange en mapp i BISTAND_BACKUP_FOLDER."]
    assert set(found) == {"late", "held", "quarantined", "rejected", "backup"}


def test_nobody_is_late_before_the_day_and_invented_deliveries_never_are(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(delivered)
    assert "2019-04" not in str(kinds(find(delivered, NOW.replace(day=15)))["late"])
    monkeypatch.setenv("BISTAND_LATE_DAY", "25")
    assert "2019-04" not in str(kinds(find(delivered, NOW))["late"])
    # a municipality that has been silent for longer than one waits is not expected, unless the setting names it
    later = replace(delivered, municipalities=("0114",))
    assert [text[:14] for text in kinds(find(later, NOW + timedelta(days=500)))["late"]] == ["Upplands Väsby"]
    path = operation_folder(delivered) / "last_run.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["ledger"]["is_synthetic"] = True
    path.write_text(json.dumps(said), encoding="utf-8")
    assert "late" not in kinds(find(delivered, NOW))


def test_a_run_that_went_wrong_or_never_came_is_serious(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remembered(delivered, ExitCode.STOPPED, "Ett prov stoppade publiceringen.")
    assert kinds(find(delivered, NOW))["stopped"] == [
        "Körningen som slutade 2019-05-20T12:00:00 (UTC) stoppades: Ett prov stoppade publiceringen."
    ]
    remembered(delivered, ExitCode.FAILED, "Något oväntat hände (KeyError).")
    assert "failed" in kinds(find(delivered, NOW))
    remembered(delivered)
    assert "silent" not in kinds(find(delivered, NOW + timedelta(hours=30)))
    assert "silent" in kinds(find(delivered, NOW + timedelta(hours=40)))
    monkeypatch.setenv("BISTAND_DISK_FREE_GB", "1000000")
    assert "ledigt på disken" in kinds(find(delivered, NOW))["disk"][0]
    monkeypatch.setenv("BISTAND_PSEUDONYM_KEY", "cd" * 32)
    assert "inte den som registret skapades med" in kinds(find(delivered, NOW))["key"][0]
    monkeypatch.setenv("BISTAND_PSEUDONYM_KEY", "")
    assert "saknas" in kinds(find(delivered, NOW))["key"][0]
    (delivered.snapshots).mkdir()
    attempt = {
        "source_id": "kolada", "dataset_id": "values", "attempted_at": "2019-05-01T00:00:00", "outcome": "drifted",
        "url": "", "http_status": 200, "message": "", "snapshot_id": None, "rows": None,
    }  # fmt: skip
    (delivered.snapshots / "outcomes.jsonl").write_text(json.dumps(attempt) + "\n", encoding="utf-8")
    assert OUTCOMES["drifted"] in kinds(find(delivered, NOW))["source"][0]


def test_alerts_come_by_mail_and_webhook_once_and_again_when_they_last(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(delivered)
    found = find(delivered, NOW)
    with mail_server() as mailbox, webhook() as hook:
        monkeypatch.setenv("BISTAND_ALERT_EMAIL", "drift@kommun.test, chef@kommun.test")
        monkeypatch.setenv("BISTAND_SMTP_SERVER", f"127.0.0.1:{mailbox.port}")
        monkeypatch.setenv("BISTAND_SMTP_SECURITY", "none")
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/larm")
        assert len(alerts.tell(delivered, found, NOW)) == 2
        ((sender, receivers, message),) = mailbox.messages
        assert receivers == ["drift@kommun.test", "chef@kommun.test"]
        assert sender.startswith("bistandslagret@")
        assert message["Subject"] == f"Biståndslagret: kopia och {len(found) - 1} till"
        text = message.get_content()
        assert all(one.text in text for one in found)
        ((path, body),) = hook.bodies
        assert path == "/larm"
        assert [one["text"] for one in body["findings"]] == [one.text for one in found]
        assert body["is_serious"] is True
        # the same again is not told, what is new is, and what lasts is told again
        assert alerts.tell(delivered, found, NOW + timedelta(hours=1)) == []
        new = Finding("disk", "", "Disken är snart full.")
        alerts.tell(delivered, [new, *found], NOW + timedelta(hours=2))
        assert [one["text"] for one in hook.bodies[-1][1]["findings"]] == [new.text]
        alerts.tell(delivered, found, NOW + timedelta(days=7))
        assert len(hook.bodies[-1][1]["findings"]) == len(found)
        # what had passed is new when it comes again
        alerts.tell(delivered, [new], NOW + timedelta(days=7, hours=1))
        assert [one["text"] for one in hook.bodies[-1][1]["findings"]] == [new.text]
        assert len(mailbox.messages) == len(hook.bodies) == 4
        # nothing that came by mail or webhook has the name of a file, or a personnummer
        told = str([one[2].get_content() for one in mailbox.messages]) + str(hook.bodies)
        assert "lista" not in told
        assert adult(7) not in told


def test_every_kind_is_told_by_mail_and_by_webhook(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each comes of what is wrong in the home and not of a finding made here."""
    attempt = {
        "source_id": "scb", "dataset_id": "population", "attempted_at": "2019-05-01T00:00:00", "outcome": "drifted",
        "url": "", "http_status": 200, "message": "", "snapshot_id": None, "rows": None,
    }  # fmt: skip
    delivered.snapshots.mkdir()
    (delivered.snapshots / "outcomes.jsonl").write_text(json.dumps(attempt) + "\n", encoding="utf-8")
    copies = tmp_path / "kopior"
    (copies / "bistand-1").mkdir(parents=True)
    (copies / "bistand-1" / "backup.json").write_text('{"made_at": "2019-05-01T03:00:00"}', encoding="utf-8")
    with mail_server() as mailbox, webhook() as hook:
        monkeypatch.setenv("BISTAND_ALERT_EMAIL", "drift@kommun.test")
        monkeypatch.setenv("BISTAND_SMTP_SERVER", f"127.0.0.1:{mailbox.port}")
        monkeypatch.setenv("BISTAND_SMTP_SECURITY", "none")
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/larm")
        monkeypatch.setenv("BISTAND_DISK_FREE_GB", "1000000")
        remembered(delivered, ExitCode.FAILED, "Något oväntat hände (KeyError).")
        alerts.tell(delivered, find(delivered, NOW), NOW)
        remembered(delivered, ExitCode.STOPPED, "Ett prov stoppade publiceringen.")
        monkeypatch.setenv("BISTAND_PSEUDONYM_KEY", "")
        alerts.tell(delivered, find(delivered, NOW + timedelta(hours=40)), NOW)
        for folder in (tmp_path / "ingen", copies):
            monkeypatch.setenv("BISTAND_BACKUP_FOLDER", str(folder))
            alerts.tell(delivered, find(delivered, NOW), NOW)
        by_kind = [(one["kind"], one["text"]) for _, body in hook.bodies for one in body["findings"]]
        mail = "".join(message.get_content() for _, _, message in mailbox.messages)
        assert {kind for kind, _ in by_kind} == set(KINDS)
        assert [text for _, text in by_kind if text not in mail] == []
        missing = [text for kind, text in by_kind if kind == "backup"]
        assert [text.split(";")[0].split(" finns i ")[0] for text in missing] == [
            "Registret säkerhetskopieras inte", "Ingen säkerhetskopia", "Den senaste säkerhetskopian är från 2019-05-01 03:00 (UTC)",
        ]  # fmt: skip


def test_an_alert_that_did_not_arrive_is_sent_the_next_time_and_only_there(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Finding("disk", "", "Disken är snart full.")]
    with mail_server() as mailbox, webhook() as hook:
        monkeypatch.setenv("BISTAND_ALERT_EMAIL", "drift@kommun.test")
        monkeypatch.setenv("BISTAND_SMTP_SERVER", f"127.0.0.1:{mailbox.port}")
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/larm")
        # encryption is asked for unless somebody has said that it is not needed
        with pytest.raises(alerts.AlertError, match=r"e-post \(SMTPNotSupportedError\)"):
            alerts.tell(delivered, found, NOW)
        assert (mailbox.messages, len(hook.bodies)) == ([], 1)
        monkeypatch.setenv("BISTAND_SMTP_SECURITY", "none")
        mailbox.answers["RCPT"] = "550 no such user drift@kommun.test"
        with pytest.raises(alerts.AlertError, match=r"e-post \(SMTPRecipientsRefused\)"):
            alerts.tell(delivered, found, NOW)
        mailbox.answers.clear()
        hook.status = 500
        alerts.tell(delivered, found, NOW)
        assert (len(mailbox.messages), len(hook.bodies)) == (1, 1)
        other = [Finding("key", "", "Nyckeln saknas.")]
        with pytest.raises(alerts.AlertError, match=r"webhook \(svarade 500\)"):
            alerts.tell(delivered, other, NOW)
        hook.status = 200
        assert alerts.tell(delivered, other, NOW) == ["1 sak skickade till webhook."]
        assert len(mailbox.messages) == 2


def test_a_secret_of_an_alert_is_read_from_a_file_and_never_told(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("hemligt-ord\n", encoding="utf-8")
    with webhook() as hook:
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/larm")
        monkeypatch.setenv("BISTAND_ALERT_WEBHOOK_TOKEN_FILE", str(token))
        alerts.tell(delivered, [Finding("disk", "", "Full.")], NOW)
        assert hook.headers[0]["Authorization"] == "Bearer hemligt-ord"
        hook.status = 403
        with pytest.raises(alerts.AlertError) as told:
            alerts.tell(delivered, [Finding("key", "", "Borta.")], NOW)
        assert "hemligt" not in str(told.value)
    kept = [path for path in operation_folder(delivered).rglob("*") if b"hemligt" in path.read_bytes()]
    assert kept == []


def test_the_health_check_answers_without_opening_the_vault(
    delivered: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from orchestration.vault.file import open_vault

    remember_run(delivered, utc_now(), ExitCode.DONE, "Klart.")
    server = serve_health(delivered, 0)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # a run that writes has the vault alone
    with server, open_vault(delivered):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{address}/health", timeout=10)
        assert refused.value.code == 503
        said = json.loads(refused.value.read())
        assert "backup" in {one["kind"] for one in said["findings"]}
        monkeypatch.setenv("BISTAND_BACKUP_FOLDER", str(tmp_path / "kopior"))
        made = tmp_path / "kopior" / "bistand-1"
        made.mkdir(parents=True)
        (made / "backup.json").write_text(json.dumps({"made_at": utc_now().isoformat()}), encoding="utf-8")
        with urlopen(f"{address}/health", timeout=10) as answer:
            assert answer.status == 200
            # what the clock and other programs change between the two questions
            moving = {"checked_at": "", "disk_free_gb": 0}
            assert json.loads(answer.read()) | moving == status(delivered) | moving
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address}/register", timeout=10)
        assert any("väntar" in line for line in status_lines(delivered, find(delivered)))
        server.shutdown()


def test_the_exit_code_of_a_run_says_what_became_of_it(settings: Settings) -> None:
    """A run that ends well is in test_run.py; these end before anything is built."""
    home = settings.home
    ended = bistand(home, "run")
    assert (ended.returncode, "inga leveranser" in ended.stderr) == (ExitCode.FAILED, True), ended
    assert bistand(home, "run", "--finns-inte").returncode == ExitCode.USAGE
    state = read_state(settings)
    assert state is not None
    assert (state.exit_code, state.told) == (1, ended.stderr.removeprefix("Fel: ").strip())
    assert kinds(find(settings))["failed"] != []
    assert bistand(home, "status").returncode == ExitCode.DONE
    assert bistand(home, "status", "--check").returncode == ExitCode.FAILED


def test_every_exit_code_and_finding_is_explained(settings: Settings) -> None:
    page = (PROJECT_ROOT / "docs/how-to/run-it-every-night.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == {
        int(one) for one in ExitCode
    }
    assert set(re.findall(r"^\| (\w+) \(`(\w+)`\) \|", page, re.MULTILINE)) == {
        (word, kind) for kind, word in KINDS.items()
    }


def test_what_a_command_reports_is_logged_without_personal_data_and_turned_over(settings: Settings) -> None:
    from orchestration.operation import log

    deliver(settings, rows(3))
    (settings.landing_register / f"{adult(9)}.csv").write_text("a;b\n", encoding="utf-8")
    assert bistand(settings.home, "run", "--profile", "public").returncode in (0, 1, 3)
    path = settings.home / "logs" / "bistand.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {"time", "level", "command", "process", "message"} <= set(lines[0])
    assert lines[-1]["event"] == "run_ended"
    assert any("Intaget" in line["message"] for line in lines)
    assert adult(9) not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    log.keep_log(settings.home, "prov")
    for number in range(300):
        log.note("x" * 100_000 + str(number))
    log.note(f"en fil som heter {adult(11)}")
    log.keep_log(None, "")
    kept = list(path.parent.iterdir())
    assert all(one.stat().st_mode & 0o077 == 0 for one in kept)
    assert sum(one.stat().st_size for one in kept) < 26_000_000
    assert adult(11) not in path.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_the_examples_of_a_new_home_are_units_that_systemd_understands(tmp_path: Path) -> None:
    home = tmp_path / "hem"
    assert bistand(tmp_path, "init", str(home)).returncode == 0
    units = sorted((home / "schema").glob("*.service")) + sorted((home / "schema").glob("*.timer"))
    assert len(units) >= 7
    verified = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in verified.stderr.splitlines() if "bistand" in line]
    assert about_ours == []


class Hook:
    """What a webhook was sent, and what it answers."""

    port = 0
    status = 200

    def __init__(self) -> None:
        self.bodies: list[tuple[str, dict]] = []
        self.headers: list[dict[str, str]] = []


class webhook:
    """A receiver of JSON on loopback, until the block ends."""

    def __enter__(self) -> Hook:
        hook = Hook()

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.status == 200:
                    hook.bodies.append((self.path, body))
                    hook.headers.append(dict(self.headers))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        hook.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return hook

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
