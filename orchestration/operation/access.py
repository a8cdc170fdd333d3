"""Who sees what on the pages: `access.yml` in the home says it, `sign-in.toml` says where they sign in.

Without the two files nobody signs in, and the pages show one profile to the one who started them. A key, role or municipality that
cannot be understood stops the pages: nothing is guessed about who may see what.
"""

from __future__ import annotations

import ipaddress
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.errors import PlainError

RULES, PROVIDER = "access.yml", "sign-in.toml"
# what Streamlit asks of the provider's section
_NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_LEAST_SECRET = 32


class AccessError(PlainError):
    """Who may see what cannot be told; the message is one plain Swedish sentence, without any secret."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Role(_Entry):
    """What a role shows. With `internal` the municipalities (codes) whose whole counts it shows, or `all`."""

    profile: Literal["public", "internal"]
    municipalities: list[str] | Literal["all"] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Role:
        if (self.profile == "internal") != (self.municipalities is not None):
            raise ValueError("internal ska ha municipalities och public ska inte ha det")
        codes = self.municipalities if isinstance(self.municipalities, list) else []
        if self.municipalities == [] or not all(re.fullmatch("[0-9]{4}", code) for code in codes):
            raise ValueError(
                'municipalities är all eller kommunkoder med fyra siffror inom citattecken, ["1490"]'
            )
        return self


class Rules(_Entry):
    """The file. `claim` is where the identity names roles; `without_role` is for who has none here, also who is not signed in."""

    claim: str = Field(default="roles", min_length=1)
    without_role: Literal["public", "nothing"] = "public"
    hours: float = Field(default=12, gt=0, le=24 * 30)
    roles: dict[str, Role] = Field(min_length=1)


class View(NamedTuple):
    """What somebody may see: the internal release of `municipalities` (None: of all, empty: of none), else the public or nothing."""

    municipalities: frozenset[str] | None = frozenset()
    is_public: bool = False

    @property
    def is_internal(self) -> bool:
        return self.municipalities is None or bool(self.municipalities)


def is_wanted(home: Path) -> bool:
    """Whether the home asks for signing in: either file is enough, so that a half-made set-up never shows everything."""
    return (home / RULES).exists() or (home / PROVIDER).exists()


def view_of(rules: Rules, identity: Mapping[str, Any] | None, now: float) -> View:
    """What the identity (claims of who is signed in, or None) may see at `now` (seconds since 1970)."""
    found = [rules.roles[name] for name in _named(rules, identity, now) if name in rules.roles]
    lists = [role.municipalities for role in found if role.municipalities is not None]
    if "all" in lists:
        return View(None, True)
    codes = frozenset(code for one in lists for code in one)
    return View(codes, bool(found) or rules.without_role == "public")


def is_stale(rules: Rules, identity: Mapping[str, Any], now: float) -> bool:
    """Whether it is so long since the provider said who this is that it must be asked again."""
    issued = identity.get("iat")
    return not isinstance(issued, int | float) or now - issued > rules.hours * 3600


def _named(rules: Rules, identity: Mapping[str, Any] | None, now: float) -> Iterable[str]:
    if identity is None or is_stale(rules, identity, now):
        return ()
    # anybody can say that an address is theirs; the provider says whether it is
    if rules.claim == "email" and identity.get("email_verified") is not True:
        return ()
    said = identity.get(rules.claim)
    if isinstance(said, str):
        return (said,)
    return tuple(one for one in said if isinstance(one, str)) if isinstance(said, list | tuple) else ()


def read_rules(home: Path) -> Rules:
    """Raises AccessError, naming what to mend."""
    path, problem = home / RULES, f"Vem som får se vad ({RULES}) kan inte läsas"
    try:
        return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        raise AccessError(f"{RULES} saknas i mappen; skriv den som docs/how-to/sign-in.md visar.") from None
    except (OSError, UnicodeDecodeError):
        raise AccessError(f"{problem}: filen går inte att öppna som text i UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" på rad {mark.line + 1}" if mark else ""
        raise AccessError(f"{problem}: den är inte rätt YAML{line}; rätta den.") from None
    except ValidationError as error:
        raise AccessError(f"{problem}: {_swedish(error)}; rätta filen.") from None


def _swedish(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in first["loc"]) or "filen"
    told = {
        "missing": "saknas", "extra_forbidden": "är okänd", "too_short": "är tom",
        "value_error": str(first.get("ctx", {}).get("error", "")),
    }.get(first["type"], "har ett otillåtet värde")  # fmt: skip
    return f"{place}: {told}" if first["type"] == "value_error" else f"nyckeln {place} {told}"


def check_provider(home: Path) -> str:
    """The address that the provider sends people back to, of a file that only its owner can read. Raises AccessError."""
    path = home / PROVIDER
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AccessError(
            f"{PROVIDER} saknas i mappen; skriv den som docs/how-to/sign-in.md visar."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise AccessError(f"{PROVIDER} kan inte läsas: den är inte rätt TOML i UTF-8; rätta den.") from None
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise AccessError(f"{PROVIDER} kan läsas av andra på datorn; ta bort deras rättigheter (chmod 600).")
    section = found.get("auth")
    section = section if isinstance(section, dict) else {}
    if absent := [name for name in _NEEDED if not isinstance(section.get(name), str) or not section[name]]:
        raise AccessError(f"{PROVIDER} saknar {', '.join(absent)} under [auth]; fyll i.")
    if unknown := sorted({*found, *section} - {"auth", "client_kwargs", *_NEEDED}):
        raise AccessError(f"{PROVIDER} har nycklar som inte används: {', '.join(unknown)}; ta bort dem.")
    if len(section["cookie_secret"]) < _LEAST_SECRET:
        raise AccessError(
            f"cookie_secret i {PROVIDER} är för kort; skriv minst {_LEAST_SECRET} slumpade tecken."
        )
    for name in ("redirect_uri", "server_metadata_url"):
        _check_address(name, section[name])
    if urlsplit(section["redirect_uri"]).path != "/oauth2callback":
        raise AccessError(f"redirect_uri i {PROVIDER} ska sluta på /oauth2callback.")
    return str(section["redirect_uri"])


def _check_address(name: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return
    raise AccessError(f"{name} i {PROVIDER} ska börja med https:// (http:// bara till den här datorn).")


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
