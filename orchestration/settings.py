"""Where everything lies and which profile is built: one frozen object, read from the environment.

No secret is read here; the pseudonym key is read by `orchestration.vault.pseudonym` when it is needed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orchestration.errors import PlainError

# where the code lies: the clone, or the folder that a wheel was installed in
CODE_ROOT = Path(__file__).resolve().parent.parent
# what a wheel carries that is no Python (pyproject.toml); in the clone it lies beside the code
CARRIED = CODE_ROOT / "bistandslagret"
IS_INSTALLED = CARRIED.is_dir()
PROJECT_ROOT = CARRIED if IS_INSTALLED else CODE_ROOT
# where data lie when BISTAND_HOME says nothing else: never among installed code
DEFAULT_HOME = Path.home() / "bistandslagret" if IS_INSTALLED else PROJECT_ROOT / "data"
PROFILES = ("public", "internal")
# what a home can be set up to make; the first is what is read where nothing else is said
CHOICES = {"public": ("public",), "internal": ("internal",), "both": ("public", "internal")}
# the file in the home that says which, in a word
PROFILE_FILE = "profile"
# what becomes of a file in landing once it is loaded
ORIGINALS = {
    "left": "ligger kvar i landing",
    "archived": "flyttas krypterade till archive",
    "removed": "tas bort",
}
# a file of this name makes everything in its folder and below invented
SYNTHETIC_MARKER = "SYNTETISKT.txt"
# how long a file in landing must have been still before it is read, unless BISTAND_SETTLE_SECONDS says otherwise
SETTLE_SECONDS = 3.0


class SettingsError(PlainError):
    """A setting cannot be used; the message is one plain Swedish sentence."""


@dataclass(frozen=True)
class Settings:
    """Absolute paths of one installation.

    `home` holds the git-ignored folders (landing, register, snapshots, build, published).
    `profile` is `public` (small counts protected) or `internal` (whole counts, owner-only files): the one that is made or read.
    `also` are the profiles that a run makes after it, of the same counts.
    `originals` is one of ORIGINALS.
    `as_of` builds what was known at the end of that day (UTC), in folders of its own; None is now.
    `municipalities` are the codes whose files belong here, besides those that have been here before.
    `settle_seconds` is how long a file must have been still before it is read.
    `accepted_because` is why a person lets this run publish what the release gate would stop.
    """

    home: Path
    profile: str = "public"
    also: tuple[str, ...] = ()
    as_of: date | None = None
    originals: str = "left"
    municipalities: tuple[str, ...] = ()
    settle_seconds: float = 0.0
    accepted_because: str = ""

    @property
    def known_before(self) -> datetime | None:
        """Deliveries and decisions from this moment on (naive UTC) are not known yet; None when all are."""
        return (
            None
            if self.as_of is None
            else datetime.combine(self.as_of, datetime.min.time()) + timedelta(days=1)
        )

    @property
    def landing_register(self) -> Path:
        return self.home / "landing" / "register"

    @property
    def landing_population(self) -> Path:
        return self.home / "landing" / "population"

    @property
    def snapshots(self) -> Path:
        """What was fetched from the official sources, byte for byte."""
        return self.home / "snapshots"

    @property
    def landing_events(self) -> Path:
        """CSV files with events and saved baselines."""
        return self.home / "landing" / "events"

    @property
    def register_folder(self) -> Path:
        return self.home / "register"

    @property
    def vault(self) -> Path:
        """The register: pseudonymised person rows, delivery ledger, quarantine."""
        return self.register_folder / "register.duckdb"

    @property
    def archive(self) -> Path:
        """Originals after loading, encrypted."""
        return self.home / "archive"

    @property
    def build(self) -> Path:
        return self.home / "build" if self.as_of is None else self.home / "build" / "as-of"

    @property
    def warehouse(self) -> Path:
        """What dbt builds; can always be deleted."""
        return self.build / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The releases of the profile; one as of an earlier day never lies among those that people read."""
        folder = self.home / "published"
        return (folder if self.as_of is None else folder / "as-of" / self.as_of.isoformat()) / self.profile

    @property
    def current_release(self) -> Path:
        """The link that readers follow; resolve it before use."""
        return self.published / "current"

    @property
    def catalog(self) -> Path:
        return PROJECT_ROOT / "data" / "catalog"

    @property
    def reference_seeds(self) -> Path:
        return PROJECT_ROOT / "dbt_project" / "seeds" / "reference"

    @property
    def published_tables(self) -> Path:
        return PROJECT_ROOT / "data" / "published_tables"

    @property
    def dbt_project(self) -> Path:
        return PROJECT_ROOT / "dbt_project"


def load_settings(profile: str | None = None) -> Settings:
    """Settings from `BISTAND_HOME` (default `data/` in the clone, `~/bistandslagret` when installed) and the other variables of
    `.env.example`.

    Raises SettingsError when the profile or a setting is unknown, or the day is none.
    """
    home = home_folder()
    chosen = profile or os.environ.get("BISTAND_PROFILE") or home_profile(home) or "public"
    if chosen not in CHOICES:
        raise SettingsError(f"Profilen {chosen!r} finns inte; välj {', '.join(CHOICES)}.")
    made, *also = CHOICES[chosen]
    originals = os.environ.get("BISTAND_ORIGINALS") or "left"
    if originals not in ORIGINALS:
        choices = ", ".join(f"{name} ({text})" for name, text in ORIGINALS.items())
        raise SettingsError(f"BISTAND_ORIGINALS är {originals!r}; välj {choices}.")
    return Settings(
        home=home,
        profile=made,
        also=tuple(also),
        as_of=_day(os.environ.get("BISTAND_AS_OF")),
        originals=originals,
        municipalities=_municipalities(os.environ.get("BISTAND_MUNICIPALITIES")),
        settle_seconds=_seconds(os.environ.get("BISTAND_SETTLE_SECONDS")),
        accepted_because=(os.environ.get("BISTAND_ACCEPT_CHANGES") or "").strip(),
    )


def home_folder() -> Path:
    """The home that the environment points to; it need not be there."""
    return Path(os.environ.get("BISTAND_HOME") or DEFAULT_HOME).expanduser().resolve()


def home_profile(home: Path) -> str | None:
    """What the home is set up to make, one of CHOICES, or None when nobody has said. A home from when all releases lay under one
    link makes what that link shows."""
    path, older = home / PROFILE_FILE, home / "published" / "current"
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    if older.is_symlink():
        return next((profile for profile in PROFILES if f"-{profile}-" in os.readlink(older)), None)
    return None


def choose_profile(home: Path, choice: str) -> None:
    """Set the home up to make `choice`; every run that is not told otherwise makes that."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / PROFILE_FILE
    path.write_text(f"{choice}\n", encoding="utf-8")
    path.chmod(0o600)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            "Dagen kan inte tolkas; skriv den som ÅÅÅÅ-MM-DD, till exempel 2020-06-30."
        ) from None


def _municipalities(text: str | None) -> tuple[str, ...]:
    codes = tuple(re.split(r"[\s,;]+", text.strip())) if text and text.strip() else ()
    if not all(re.fullmatch("[0-9]{4}", code) for code in codes):
        raise SettingsError(
            "BISTAND_MUNICIPALITIES kan inte tolkas; skriv kommunkoder med fyra siffror och komma emellan, 0180,0181."
        )
    return codes


def _seconds(text: str | None) -> float:
    if not text:
        return SETTLE_SECONDS
    if not re.fullmatch("[0-9]{1,4}([.][0-9]+)?", text):
        raise SettingsError(
            "BISTAND_SETTLE_SECONDS kan inte tolkas; skriv ett antal sekunder, till exempel 10."
        )
    return float(text)


def utc_now() -> datetime:
    """The clock of the pipeline, naive UTC. Only the intake and the ledger look at it; models never do."""
    return datetime.now(UTC).replace(tzinfo=None)
