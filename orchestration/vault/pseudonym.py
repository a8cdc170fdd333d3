"""The pseudonym key, and HMAC-SHA256 pieces for SQL. The key is never part of a message or a log."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from orchestration.errors import RegisterError
from orchestration.settings import Settings

KEY_VARIABLE = "BISTAND_PSEUDONYM_KEY"
KEY_FILE_VARIABLE = "BISTAND_PSEUDONYM_KEY_FILE"
_BLOCK_BYTES = 64


class KeyMissingError(RegisterError):
    """No usable pseudonym key was given."""


class KeyMismatchError(RegisterError):
    """The key is not the one the vault was made with."""


def key_of(variable: str | None, file_variable: str) -> bytes | None:
    """The 32-byte key of a variable, or of the file that another one points to; None when neither is set.

    Raises KeyMissingError, with one Swedish sentence saying what to do and never the key itself.
    """
    given = os.environ.get(variable, "").strip() if variable else ""
    if given:
        return parse_key(given, f"Miljövariabeln {variable}")
    key_file = os.environ.get(file_variable, "").strip()
    if key_file:
        return parse_key(_read_key_file(Path(key_file), file_variable), f"Nyckelfilen i {file_variable}")
    return None


def given_key() -> bytes | None:
    """The pseudonym key from the environment, or None. Raises KeyMissingError when what is given is no key."""
    return key_of(KEY_VARIABLE, KEY_FILE_VARIABLE)


def load_key(settings: Settings, synthetic_only: bool) -> bytes:
    """The 32-byte key from the environment, or the demo key when every delivery is synthetic.

    Raises KeyMissingError, with one Swedish sentence saying what to do and never the key itself.
    """
    if given := given_key():
        return given
    if synthetic_only:
        return _demo_key(settings)
    raise KeyMissingError(
        f"Pseudonymnyckeln saknas: sätt {KEY_VARIABLE} till 64 hexadecimala siffror, "
        f"eller {KEY_FILE_VARIABLE} till en fil som innehåller dem, och kör igen."
    )


def _read_key_file(path: Path, file_variable: str = KEY_FILE_VARIABLE) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        raise KeyMissingError(
            f"Nyckelfilen som {file_variable} pekar på går inte att läsa; kontrollera sökväg och behörighet."
        ) from None


def parse_key(text: str, origin: str) -> bytes:
    """64 hexadecimal digits as 32 bytes. Raises KeyMissingError that begins with `origin`."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise KeyMissingError(
            f"{origin} innehåller ingen giltig nyckel; den ska vara 64 hexadecimala siffror."
        )
    return bytes.fromhex(text)


def _demo_key(settings: Settings) -> bytes:
    """Made once per installation: even synthetic data get a key of their own rather than one in the code."""
    path = settings.register_folder / "demo.key"
    settings.register_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return parse_key(_read_key_file(path), "Demonyckeln register/demo.key")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    return parse_key(_read_key_file(path), "Demonyckeln register/demo.key")


def fingerprint(key: bytes) -> str:
    """What the vault remembers of its key: 64 hex digits from which the key cannot be worked back."""
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()


def check_fingerprint(key: bytes, known: str | None) -> None:
    """Raises KeyMismatchError when the vault remembers another key (`known`; None: it remembers none yet)."""
    if known not in (None, fingerprint(key)):
        raise KeyMismatchError(
            "Pseudonymnyckeln är inte den som registret skapades med; ange den rätta nyckeln och kör igen."
        )


def pads(key: bytes) -> dict[str, bytes]:
    """The two padded keys of HMAC (RFC 2104), to be given to SQL as prepared parameters `ipad` and `opad`.

    HMAC-SHA256(message) is then `sha256($opad || unhex(sha256($ipad || message)))`.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    return {"ipad": bytes(byte ^ 0x36 for byte in block), "opad": bytes(byte ^ 0x5C for byte in block)}
