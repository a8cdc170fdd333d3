"""The settings of a home in a file of their own, so that cron, systemd, Task Scheduler and a person at the keyboard run alike.

`<home>/settings.env` has the lines of `.env.example`. What the environment says goes before what the file says.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, SettingsError

FILE_NAME = "settings.env"
TEMPLATE = PROJECT_ROOT / ".env.example"
# the file lies in the home, and so cannot say where that is
HOME_VARIABLE = "BISTAND_HOME"
# a secret is named by the file that holds it, never written down here
_SECRETS = ("BISTAND_PSEUDONYM_KEY", "BISTAND_VAULT_KEY")


def adopt_settings_file(home: Path) -> None:
    """Put what the home's file says into the environment of this process, where the environment says nothing.

    Raises SettingsError, naming file and line, when a line cannot be understood.
    """
    path = home / FILE_NAME
    if path.is_file():
        for name, value in read_settings_file(path).items():
            if not os.environ.get(name):
                os.environ[name] = value


def read_settings_file(path: Path) -> dict[str, str]:
    """The variables that have a value. Raises SettingsError; what stands after `=` is never repeated."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"Inställningarna i {path} går inte att läsa; kontrollera behörigheten och att filen är text i UTF-8."
        ) from None
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, is_given, value = (part.strip() for part in line.partition("="))
        if not is_given or not re.fullmatch("[A-Z_]+", name):
            raise SettingsError(f"Rad {number} i {path} kan inte tolkas; skriv NAMN=värde.")
        if name in _SECRETS:
            raise SettingsError(
                f"Rad {number} i {path}: {name} är en hemlighet; lägg den i en egen fil och ange filen i {name}_FILE."
            )
        if name == HOME_VARIABLE or name not in known_names():
            raise SettingsError(
                f"Rad {number} i {path}: {name} är ingen inställning här; se namnen i raderna som bistand init skriver."
            )
        if value:
            found[name] = value.strip("\"'")
    return found


@cache
def known_names() -> frozenset[str]:
    """The variables that `.env.example` explains."""
    return frozenset(re.findall(r"^([A-Z_]+)=", TEMPLATE.read_text(encoding="utf-8"), re.MULTILINE))


def settings_text(key_file: Path) -> str:
    """What a new home's file says: every setting with its explanation, and where the key is."""
    paragraphs = re.findall(
        r"((?:^#.*\n)+)((?:^[A-Z_]+=.*\n?)+)", TEMPLATE.read_text(encoding="utf-8"), re.MULTILINE
    )
    text = "# Inställningar för den här mappen; det som miljön säger går före\n"
    for explained, variables in paragraphs:
        if variables.startswith(f"{HOME_VARIABLE}="):
            continue
        text += explained + variables
    return text.replace("BISTAND_PSEUDONYM_KEY_FILE=\n", f"BISTAND_PSEUDONYM_KEY_FILE={key_file}\n")
