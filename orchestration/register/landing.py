"""What lies in the landing folder: which files are deliveries, in which order, real or synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.register.scrubbing import scrub_file_name
from orchestration.settings import Settings

SYNTHETIC_MARKER = "SYNTETISKT.txt"
# inode numbers are unsigned in the system and signed in the ledger
_INODE_MASK = 2**63 - 1


@dataclass(frozen=True)
class LandingFile:
    """One file in the landing folder. `name` is its scrubbed path below landing/register, `folder` the first part of
    that path when there is one."""

    path: Path
    name: str
    size: int
    modified_ns: int
    inode: int
    is_synthetic: bool
    folder: str | None = None

    @property
    def received_at(self) -> datetime:
        """Naive UTC, whole seconds."""
        return datetime.fromtimestamp(self.modified_ns // 10**9, UTC).replace(tzinfo=None)

    @property
    def seen_key(self) -> tuple[str, int, int, int]:
        return self.name, self.size, self.modified_ns, self.inode


def find_landing_files(settings: Settings) -> list[LandingFile]:
    """Every file below landing/register that is not a note or hidden, in the order it is to be taken in."""
    root = settings.landing_register
    found = []
    markers: dict[Path, bool] = {}

    def is_synthetic(folder: Path) -> bool:
        if folder not in markers:
            here = (folder / SYNTHETIC_MARKER).exists()
            markers[folder] = here or (folder != root and is_synthetic(folder.parent))
        return markers[folder]

    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        if path.name == SYNTHETIC_MARKER or path.name.upper().startswith("README"):
            continue
        status = path.stat()
        inode = status.st_ino & _INODE_MASK
        name = scrub_file_name(relative.as_posix())
        found.append(
            LandingFile(
                path,
                name,
                status.st_size,
                status.st_mtime_ns,
                inode,
                is_synthetic(path.parent),
                relative.parts[0] if len(relative.parts) > 1 else None,
            )
        )
    return sorted(found, key=lambda file: (file.received_at, file.path.relative_to(root).as_posix()))
