"""A key or a password is read from a file, and is nowhere else: no argument, environment, child, word, log or file holds it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchestration.settings import PROJECT_ROOT
from orchestration.vault import key as vault_key
from tests.fixtures.commands import OWN_KEY, bistand_environment
from tests.servers.smtp import mail_server

# runs a command, and writes down what it started, how its environment stood at the end, and what it put there meanwhile
WATCHED = """
import json, os, sys
seen = []
def look(event, given):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.putenv", "os.system"):
        seen.append(repr(given))
    # the pages take the place of the command, and would go on
    if event == "os.exec":
        write()
        os._exit(0)
def write():
    with open(place, "w", encoding="utf-8") as file:
        json.dump([*seen, repr(dict(os.environ))], file)
place, sys.argv = sys.argv[1], ["bistand", *sys.argv[2:]]
sys.addaudithook(look)
from orchestration.cli.main import main
try:
    main()
finally:
    write()
"""
PASSWORD, TOKEN = "ett-losenord-till-servern", "en-nyckel-till-larmet"


def spelled(secret: str) -> list[bytes]:
    """The secret as it may stand in text, and in the bytes of a file."""
    forms = [secret.encode(), base64.b64encode(secret.encode())]
    if len(secret) == 64:
        raw = bytes.fromhex(secret)
        forms += [raw, base64.b64encode(raw), secret.upper().encode(), repr(raw).encode()]
    return forms


@pytest.fixture
def watched(home: Path, tmp_path: Path):
    """Runs a command in the home with each secret in a file; returns how it ended and what was seen of it."""
    secrets = {"key": OWN_KEY, "password": PASSWORD, "token": TOKEN}
    for name, text in secrets.items():
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    files = {
        "BISTAND_PSEUDONYM_KEY_FILE": str(tmp_path / "key"),
        "BISTAND_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
        "BISTAND_ALERT_WEBHOOK_TOKEN_FILE": str(tmp_path / "token"),
        "BISTAND_DEBUG": "1",
    }

    def run(*command: str, **variables: str) -> tuple[subprocess.CompletedProcess, str]:
        ended = subprocess.run(
            [sys.executable, "-c", WATCHED, str(tmp_path / "seen"), *command],
            cwd=PROJECT_ROOT, env=bistand_environment(home, None) | files | variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seen = json.loads((tmp_path / "seen").read_text(encoding="utf-8"))
        return ended, "\n".join([ended.stdout, ended.stderr, *seen])

    return run


def test_no_secret_is_seen_while_a_command_runs_or_after_it(home: Path, watched, tmp_path: Path) -> None:
    told: list[str] = []

    def run(*command: str, code: int = 0, **variables: str) -> str:
        ended, seen = watched(*command, **variables)
        assert ended.returncode == code, ended.stdout + ended.stderr
        told.append(seen)
        return ended.stdout + ended.stderr

    run("run", "--rebuild")
    run("backup", "create", "--to", str(tmp_path / "kopior"))
    run("vault", "upgrade", "--dry-run")
    run("deliveries", "list")
    run("status", "--json")
    run("doctor", code=1, BISTAND_PSEUDONYM_KEY_FILE=str(tmp_path / "token"))
    # what goes wrong is told with all that a developer may want to see
    wrong = run("deliveries", "list", code=1, BISTAND_PSEUDONYM_KEY_FILE=str(tmp_path / "password"))
    assert "ingen giltig nyckel" in wrong
    with mail_server() as mailbox:
        mailbox.answers["AUTH"] = f"535 wrong password {PASSWORD}"
        mailbox.answers["EHLO"] = "250-test\r\n250 AUTH PLAIN LOGIN"
        refused = run(
            "watch", code=1, BISTAND_ALERT_EMAIL="drift@kommun.test", BISTAND_SMTP_SERVER=f"127.0.0.1:{mailbox.port}",
            BISTAND_SMTP_SECURITY="none", BISTAND_SMTP_USER="larm", BISTAND_ALERT_WEBHOOK="http://127.0.0.1:9/larm",
        )  # fmt: skip
        assert "e-post (svarade 535) och webhook (ConnectError)" in refused
    files = [path for folder in (home, tmp_path / "kopior") for path in folder.rglob("*") if path.is_file()]
    kept = "\n".join(told).encode() + b"".join(path.read_bytes() for path in files if not path.is_symlink())
    secrets = [OWN_KEY, vault_key.derived_key(bytes.fromhex(OWN_KEY)), PASSWORD, TOKEN]
    assert [place for secret in secrets for place in spelled(secret) if place in kept] == []


def test_the_pages_start_without_the_key_that_they_do_not_need(watched) -> None:
    """The pages never open the vault: where the key is a variable, their process does not have it."""
    for name in ("BISTAND_PSEUDONYM_KEY", "BISTAND_VAULT_KEY"):
        _, seen = watched("serve", "--port", "8599", **{name: OWN_KEY})
        started = next(line for line in seen.splitlines() if "streamlit" in line and "server.port" in line)
        assert OWN_KEY not in started, name


def test_no_command_takes_a_secret_as_an_argument() -> None:
    from orchestration.cli.main import commands

    def walk(command: click.Command):
        for one in command.params:
            yield " ".join([*one.opts, one.name or ""])
        for inner in getattr(command, "commands", {}).values():
            yield from walk(inner)

    words = ("key", "nyckel", "password", "token", "secret", "personnummer")
    named = [line for line in walk(commands) if any(word in line for word in words)]
    assert named == ["--key-file key_file"]
