"""What lies in the landing folder: which files are deliveries, in which order, real or synthetic."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.register.scrubbing import scrub_file_name
from orchestration.settings import SYNTHETIC_MARKER, Settings

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


@dataclass(frozen=True)
class Landing:
    """What lies in the landing folder: deliveries in the order they are to be taken in, and what cannot be reached.

    `unreachable` are scrubbed names of folders without permission, links to nothing and things that are no files.
    """

    files: list[LandingFile]
    unreachable: list[str]


def look_in_landing(settings: Settings) -> Landing:
    """Everything below landing/register that is not a note or hidden."""
    root = settings.landing_register
    files: list[LandingFile] = []
    unreachable: list[str] = []
    markers: dict[Path, bool] = {}

    def is_synthetic(folder: Path) -> bool:
        if folder not in markers:
            here = (folder / SYNTHETIC_MARKER).exists()
            markers[folder] = here or (folder != root and is_synthetic(folder.parent))
        return markers[folder]

    def name_of(path: Path) -> str:
        return scrub_file_name(path.relative_to(root).as_posix())

    def no_way_in(problem: OSError) -> None:
        folder = Path(problem.filename)
        if folder != root or folder.exists():
            unreachable.append(name_of(folder))

    for folder, subfolders, names in os.walk(root, onerror=no_way_in):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for path in (Path(folder, name) for name in names if not _is_note(name)):
            try:
                status = path.stat()
            except OSError:
                # a file that was moved meanwhile is simply gone; a link to nothing is still there
                if path.is_symlink():
                    unreachable.append(name_of(path))
                continue
            if not stat.S_ISREG(status.st_mode):
                unreachable.append(name_of(path))
                continue
            parts = path.relative_to(root).parts
            files.append(
                LandingFile(
                    path=path,
                    name=name_of(path),
                    size=status.st_size,
                    modified_ns=status.st_mtime_ns,
                    inode=status.st_ino & _INODE_MASK,
                    is_synthetic=is_synthetic(path.parent),
                    folder=parts[0] if len(parts) > 1 else None,
                )
            )
    files.sort(key=lambda file: (file.received_at, file.path.relative_to(root).as_posix()))
    return Landing(files, sorted(unreachable))


def _is_note(name: str) -> bool:
    return name.startswith(".") or name == SYNTHETIC_MARKER or name.upper().startswith("README")
