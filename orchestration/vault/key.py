"""The key that the vault is encrypted with: given as such, or derived from the pseudonym key. Never in a message or a log."""

from __future__ import annotations

import hashlib
import hmac

from orchestration.errors import RegisterError
from orchestration.vault import pseudonym

KEY_VARIABLE = "BISTAND_VAULT_KEY"
KEY_FILE_VARIABLE = "BISTAND_VAULT_KEY_FILE"
# a label of its own, so that the one key cannot be told from the other
_LABEL = b"bistandslagret: encryption of the vault"


class VaultKeyError(RegisterError):
    """The vault is encrypted, and the key is missing or another one."""


NO_KEY = (
    f"Registret är krypterat och nyckeln saknas: ange pseudonymnyckeln ({pseudonym.KEY_FILE_VARIABLE}), eller registrets "
    f"egen nyckel om det har en ({KEY_FILE_VARIABLE}), och kör igen."
)
WRONG_KEY = (
    f"Registret är krypterat med en annan nyckel än den som är angiven: ange den rätta i {KEY_FILE_VARIABLE}, eller den "
    f"pseudonymnyckel som registret skapades med i {pseudonym.KEY_FILE_VARIABLE}, och kör igen."
)


def given_key() -> str | None:
    """The vault's own key from the environment (64 hexadecimal digits), or None. Raises KeyMissingError."""
    key = pseudonym.key_of(KEY_VARIABLE, KEY_FILE_VARIABLE)
    return key.hex() if key else None


def derived_key(pseudonym_key: bytes) -> str:
    """64 hexadecimal digits that follow from the pseudonym key and from which it cannot be worked back."""
    return hmac.new(pseudonym_key, _LABEL, hashlib.sha256).hexdigest()


def opening_key() -> str:
    """The key for a vault that is encrypted already. Raises VaultKeyError when there is none."""
    if given := given_key():
        return given
    if known := pseudonym.given_key():
        return derived_key(known)
    raise VaultKeyError(NO_KEY)
