"""A new home: folders, a key, settings, and what starts a run on a schedule. Nothing that is there is ever written over."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jinja2

from orchestration.errors import PlainError
from orchestration.operation.settings_file import FILE_NAME, settings_text
from orchestration.run_lock import private_files
from orchestration.settings import choose_profile

EXAMPLES = Path(__file__).parent / "examples"
SCHEDULES = "schema"


class HomeExistsError(PlainError):
    """There is something where the new home was to be."""


def start_home(home: Path, key_file: Path, profile: str) -> Iterator[str]:
    """Make the home, and tell what was made, a sentence for each. Raises HomeExistsError before anything is written.

    `key_file` lies outside the home: who gets a copy of the home must not get the key with it.
    """
    home, key_file = home.expanduser().resolve(), key_file.expanduser().resolve()
    _refuse_what_is_there(home, key_file)
    with private_files():
        try:
            for folder in (
                "landing/register",
                "landing/population",
                "landing/events",
                "landing/mappings",
                "register",
            ):
                (home / folder).mkdir(parents=True, exist_ok=True)
            with suppress(NotImplementedError):
                home.chmod(0o700)
            _write_new(key_file, secrets.token_hex(32) + "\n")
            _write_new(home / FILE_NAME, settings_text(key_file))
            choose_profile(home, profile)
            for example in sorted(EXAMPLES.iterdir()):
                _write_new(home / SCHEDULES / example.name.removesuffix(".j2"), _filled(example, home))
        except OSError:
            raise PlainError(
                f"Det gick inte att skriva i {home} eller {key_file.parent}; ge kontot skrivrätt och kör bistand init igen."
            ) from None
    yield f"Mappen {home} är gjord, läsbar bara för dig; filer att läsa in läggs i landing/register."
    yield (
        f"Nyckeln ligger i {key_file}, läsbar bara för dig. Utan den går registret inte att läsa: spara en kopia någon annanstans "
        "än uppgifterna och säkerhetskopiorna."
    )
    yield f"Inställningarna ligger i {home / FILE_NAME}."
    yield f"Exempel för systemd, cron, Schemaläggaren i Windows och containrar ligger i {home / SCHEDULES}."
    yield f"Pröva datorn med: bistand --home {home} doctor"


def _refuse_what_is_there(home: Path, key_file: Path) -> None:
    if home.is_dir() and any(home.iterdir()):
        raise HomeExistsError(
            f"I {home} finns redan något; bistand init skriver aldrig över, välj en tom mapp."
        )
    if home.exists() and not home.is_dir():
        raise HomeExistsError(f"{home} är ingen mapp; välj en annan.")
    if key_file.exists():
        raise HomeExistsError(
            f"Nyckelfilen {key_file} finns redan och skrivs aldrig över; välj en annan med --key-file, eller flytta den."
        )
    if key_file.is_relative_to(home):
        raise HomeExistsError(
            f"Nyckeln får inte ligga i {home}, där uppgifterna är; välj en annan plats med --key-file."
        )


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _filled(example: Path, home: Path) -> str:
    """An example with the home, the command and the account of this installation."""
    command = Path(sys.executable).with_name("bistand.exe" if sys.platform == "win32" else "bistand")
    return (
        jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
        .from_string(example.read_text(encoding="utf-8"))
        .render(home=home, command=command, user=_account())
    )


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "bistand"
