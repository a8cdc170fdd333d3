"""What lies in the landing folder: which files are deliveries, in which order, real or synthetic."""

from __future__ import annotations

import os
import re
import stat
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.intake.scrubbing import scrub_file_name
from orchestration.settings import SYNTHETIC_MARKER, Settings

# what programs leave beside a file that is open or on its way, and what systems put in folders: no deliveries
_NO_DELIVERIES = re.compile(
    r"(?i)\.|~|readme|thumbs\.db$|desktop\.ini$|.*\.(part|partial|crdownload|tmp|temp|bak|swp|filepart|download)$"
)
LINK = "{name} är en länk och lästes inte in; lägg själva filen i landing/register."
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

    `unreachable` are scrubbed names of folders without permission and things that are no files; `links` are never
    followed: the file behind one is somebody else's.
    """

    files: list[LandingFile]
    unreachable: list[str]
    links: list[str]


def look_in_landing(settings: Settings) -> Landing:
    """Everything below landing/register that is not a note or hidden."""
    root = settings.landing_register
    files: list[LandingFile] = []
    unreachable: list[str] = []
    links: list[str] = []
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
        subfolders[:] = [name for name in subfolders if not name.startswith((".", "~", "__MACOSX"))]
        links += [name_of(Path(folder, name)) for name in subfolders if Path(folder, name).is_symlink()]
        for path in (Path(folder, name) for name in names if not _is_no_delivery(name)):
            try:
                status = path.lstat()
            except OSError:
                # a file that was moved meanwhile is simply gone
                continue
            if stat.S_ISLNK(status.st_mode):
                links.append(name_of(path))
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
    return Landing(files, sorted(unreachable), sorted(links))


def _is_no_delivery(name: str) -> bool:
    return name == SYNTHETIC_MARKER or _NO_DELIVERIES.match(name) is not None


def wait_until_still(
    files: list[LandingFile], settle_seconds: float
) -> tuple[list[LandingFile], list[LandingFile]]:
    """The files that have been still for so long, after a wait of that time at most; and those that are still written to.

    A file that is gone meanwhile is in neither.
    """
    youngest = max((file.modified_ns for file in files), default=0)
    age = time.time() - youngest / 1e9
    if age >= settle_seconds:
        return files, []
    # a clock that is ahead, here or where the file lies, is no reason to wait longer
    time.sleep(min(settle_seconds - age, settle_seconds))
    still: list[LandingFile] = []
    moving: list[LandingFile] = []
    for file in files:
        try:
            status = file.path.lstat()
        except FileNotFoundError:
            continue
        is_still = (status.st_size, status.st_mtime_ns) == (file.size, file.modified_ns)
        (still if is_still else moving).append(file)
    return still, moving
